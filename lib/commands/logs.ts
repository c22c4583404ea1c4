import { readConfiguration } from '../config/configuration';
import { DeployedParameters } from './environment/deployed-parameters';
import { type FleetRole, NODE_ROLES } from './environment/fleet-nodes';
import { OperatorError } from './environment/operator-error';
import { inWordsOfFlags } from './in-words-of-flags';
import { jsonLine, line } from './logs/line';
import { logEvents, type RoleLogs } from './logs/log-events';
import { LogTail } from './logs/log-tail';

export interface LogsProps {
  readonly environment: string;
  /** Folder that holds one `<environment>.json` each. */
  readonly directory: string;
  /** Role of the nodes; left out, all. */
  readonly role?: FleetRole;
  /** Begin, in milliseconds since 1970. */
  readonly since: number;
  readonly follow: boolean;
  readonly format: 'text' | 'json';
  /** Takes a line; resolves when the next may come. */
  readonly print: (text: string) => Promise<void>;
  /** Waits until the next look of `follow`; rejects when nobody reads any more. */
  readonly pause: () => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Prints what the nodes of an environment log, in the order of time. Ends with the last event, or with the signal.
 *
 * @throws ConfigurationError when the configuration is not sound.
 * @throws OperatorError when there are no logs, or AWS refuses.
 */
export async function logs(props: LogsProps): Promise<void> {
  const { environment, directory, role, since, follow, format, print, pause, signal } = props;
  const { region } = inWordsOfFlags(() => readConfiguration({ context: { env: environment }, directory }));
  const groups = await groupsOf(await DeployedParameters.in(environment, region), environment, role);
  const { CloudWatchLogsClient } = await import('@aws-sdk/client-cloudwatch-logs');
  const client = new CloudWatchLogsClient({ region });
  const words = format === 'json' ? jsonLine : line;
  const tail = new LogTail(since);
  try {
    for (;;) {
      for await (const event of tail.unseen(logEvents(client, groups, tail.from))) {
        await print(words(event));
        if (signal.aborted) return;
      }
      if (!follow) return;
      await pause();
    }
  } catch (error) {
    // Ctrl-C is how following ends.
    if (!signal.aborted) throw error;
  }
}

async function groupsOf(parameters: DeployedParameters, environment: string, role?: FleetRole): Promise<RoleLogs[]> {
  const roles = role === undefined ? NODE_ROLES : [role];
  const found = await parameters.read([...roles.map((one) => `logs/${one}`), 'release/uri']);
  if (found['release/uri'] === undefined) throw parameters.notDeployed();
  const groups = roles.flatMap((one): RoleLogs[] => {
    const group = found[`logs/${one}`];
    return group === undefined ? [] : [{ role: one, group }];
  });
  if (groups.length === 0) {
    throw new OperatorError(
      `${environment} has no logs${role === undefined ? '' : ` of ${role} nodes`}: a fleet that sends its journal has a parameter /beamstalk/${environment}/logs/<role>; see which phase it is in with \`beamstalk status --env ${environment}\``,
    );
  }
  return groups;
}
