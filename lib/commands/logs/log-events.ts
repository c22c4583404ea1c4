import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { answered } from '../environment/answered';
import { OperatorError } from '../environment/operator-error';

/** A group of logs, and the role of the nodes that write it. */
export interface RoleLogs {
  readonly role: string;
  readonly group: string;
}

/** One event of a log. */
export interface LogEvent {
  /** Time of the event, in milliseconds since 1970. */
  readonly at: number;
  readonly role: string;
  /** Stream: the id of its node, and of some parts of it their name, such as `i-0123456789abcdef0/proxy`. */
  readonly stream: string;
  readonly message: string;
  readonly id: string;
}

/** Events of one group in the order of their times, page by page. */
async function* eventsOf(
  client: CloudWatchLogsClient,
  { role, group }: RoleLogs,
  since: number,
): AsyncGenerator<LogEvent> {
  const { FilterLogEventsCommand } = await import('@aws-sdk/client-cloudwatch-logs');
  let nextToken: string | undefined;
  do {
    const command = new FilterLogEventsCommand({ logGroupName: group, startTime: since, nextToken });
    const page = await answered(`read the logs of ${role}`, () => client.send(command));
    if (page === undefined) throw new OperatorError(`the log group ${group} of ${role} is not there: deploy again`);
    for (const { timestamp: at = 0, logStreamName: stream = '', message = '', eventId: id = '' } of page.events ?? []) {
      yield { at, role, stream, message, id };
    }
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
}

/** Events of several groups as one, in the order of their times; holds one of each. */
export async function* logEvents(
  client: CloudWatchLogsClient,
  groups: readonly RoleLogs[],
  since: number,
): AsyncGenerator<LogEvent> {
  const readers = groups.map((one) => eventsOf(client, one, since));
  const heads = await Promise.all(readers.map((reader) => reader.next()));
  for (;;) {
    let first = -1;
    for (const [index, head] of heads.entries()) {
      const known = heads[first];
      if (!head.done && (known === undefined || known.done || head.value.at < known.value.at)) first = index;
    }
    const [head, reader] = [heads[first], readers[first]];
    if (head === undefined || head.done || reader === undefined) return;
    yield head.value;
    heads[first] = await reader.next();
  }
}
