import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { FEED_ATTRIBUTES } from '../../lib/facts/read-model-attributes';
import { belongsIn, type Change, type Item, type Row, sameItem } from './model';

/** Two items of the source have one key in a model, now. Neither is overwritten in silence. */
export class TakenError extends Error {
  override readonly name = 'TakenError';
}

/** Whose row it is, and of which change. */
interface Holder {
  readonly key: Item;
  readonly version: string;
}

/** The tables of the models, and the one that they are fed from. */
export class ModelTables {
  constructor(
    private readonly dynamoDb: DynamoDBClient,
    private readonly source: string,
  ) {}

  /**
   * Writes a row unless it holds a later change of the same item already.
   *
   * Another item may still be in the row, because the change by which it left comes later: items that exchange their keys
   * in one transaction both find the other's row taken, and no order of the stream helps them. Then the source says who
   * belongs there now. What the stream still brings about the others is recognised as such.
   *
   * @throws TakenError when both belong there: the model's key is not unique.
   */
  async write(row: Row, change: Change, signal: AbortSignal): Promise<void> {
    const held = await this.put(row, change, undefined, signal);
    // Written; or it is later already, or the item has left a row that somebody else has.
    if (held === 'written' || row.leaves) return;
    if (held !== 'unknown' && sameItem(held.key, change.key)) return;
    if (held === 'unknown') throw new TakenError(`a row in ${row.model.table} was not written by this feed`);
    const [ours, theirs] = await Promise.all([change, held].map(({ key }) => this.current(key, signal)));
    // An old change: the one that took the item elsewhere follows.
    if (!belongsIn(row, ours)) return;
    if (belongsIn(row, theirs)) {
      throw new TakenError(`the row in ${row.model.table} belongs to another item: is the key of this model unique?`);
    }
    if ((await this.put(row, change, held, signal)) !== 'written') throw new Error('the row has changed meanwhile');
  }

  /** @param over Whose row may be overwritten besides. */
  private async put(
    { model, leaves, item }: Row,
    { key, version }: Change,
    over: Holder | undefined,
    signal: AbortSignal,
  ): Promise<Holder | 'written' | 'unknown'> {
    const free = 'attribute_not_exists(#key)';
    const ownAndOlder = '(#row.#source = :source AND #row.#version < :version)';
    // A mark is never put in the place of another item's mark: that one is still needed.
    const leftByAnother = '(#row.#source <> :source AND attribute_exists(#row.#removed))';
    const asSeen = '(#row.#source = :seen AND #row.#version = :at)';
    const command = new PutItemCommand({
      TableName: model.table,
      Item: { ...item },
      ConditionExpression: [free, ownAndOlder, ...(leaves ? [] : [leftByAnother]), ...(over ? [asSeen] : [])].join(
        ' OR ',
      ),
      ExpressionAttributeNames: {
        '#key': model.partitionKey.name,
        '#row': FEED_ATTRIBUTES.row,
        '#source': 'source',
        '#version': 'version',
        ...(!leaves && { '#removed': 'removed' }),
      },
      ExpressionAttributeValues: {
        ':source': { M: { ...key } },
        ':version': { S: version },
        ...(over && { ':seen': { M: { ...over.key } }, ':at': { S: over.version } }),
      },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    try {
      await this.dynamoDb.send(command, { abortSignal: signal });
      return 'written';
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      const { source, version: at } = error.Item?.[FEED_ATTRIBUTES.row]?.M ?? {};
      return source?.M && at?.S !== undefined ? { key: source.M, version: at.S } : 'unknown';
    }
  }

  /** An item of the source as it is now, whatever the stream has said of it so far. */
  private async current(key: Item, signal: AbortSignal): Promise<Item | undefined> {
    const command = new GetItemCommand({ TableName: this.source, Key: { ...key }, ConsistentRead: true });
    const { Item: item } = await this.dynamoDb.send(command, { abortSignal: signal });
    return item;
  }
}
