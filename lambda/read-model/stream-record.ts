import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { type Change, type Item, versionOf } from './model';

/** An attribute in an event: as in the API, but for binary values, which are base64. */
export type EventAttribute = Readonly<Record<string, unknown>>;
type EventItem = Readonly<Record<string, EventAttribute>>;

/** A record as the event source of a stream hands it over, with both images. */
export interface StreamRecord {
  readonly eventID?: string;
  readonly eventName?: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly dynamodb: {
    readonly SequenceNumber: string;
    readonly ApproximateCreationDateTime?: number;
    readonly Keys: EventItem;
    readonly OldImage?: EventItem;
    readonly NewImage?: EventItem;
  };
}

export function changeOf({ dynamodb }: StreamRecord): Change {
  const { SequenceNumber, Keys, OldImage, NewImage } = dynamodb;
  return {
    version: versionOf(SequenceNumber),
    key: itemOf(Keys),
    ...(OldImage && { before: itemOf(OldImage) }),
    ...(NewImage && { after: itemOf(NewImage) }),
  };
}

function itemOf(image: EventItem): Item {
  return Object.fromEntries(Object.entries(image).map(([name, value]) => [name, attributeOf(value)]));
}

/** Only binary values differ, however deep they are. */
function attributeOf(value: EventAttribute): AttributeValue {
  const { B, BS, L, M } = value;
  if (typeof B === 'string') return { B: Buffer.from(B, 'base64') };
  if (Array.isArray(BS)) return { BS: BS.map((part) => Buffer.from(String(part), 'base64')) };
  if (Array.isArray(L)) return { L: L.map((part) => attributeOf(part as EventAttribute)) };
  if (typeof M === 'object' && M !== null) return { M: itemOf(M as EventItem) };
  return value as unknown as AttributeValue;
}
