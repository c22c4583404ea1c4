// Plays a day of traffic through the scaling rules of an environment's template and prints it as text:
// npm run simulate -- --env prod
import { parseArgs } from 'node:util';
import { CONFIGURATION_DIRECTORY } from '../lib/config/directory';
import { environmentsIn } from '../lib/config/environment-file';
import { orExplain } from '../lib/config/or-explain';

const ENVIRONMENTS = environmentsIn(CONFIGURATION_DIRECTORY);
/** The generator of the noise has a state of 32 bits. */
const MOST_SEED = 2 ** 32 - 1;

const USAGE = `Usage: npm run simulate -- [options]

Plays a day of traffic with a spike through the scaling rules of a template, and draws what becomes of it.

  --env NAME    ${ENVIRONMENTS.join(', ')} (default prod)
  --seed N      an integer from 0 to ${MOST_SEED}: another one draws other noise (default 42)
  --help        this text
`;

interface Options {
  readonly env: string;
  readonly seed: number;
}

const options = optionsOf(process.argv.slice(2));
// The templates are validated by `cdk synth`; here they are only read.
process.env['CDK_VALIDATION'] ??= 'false';
// Loading the constructs library takes longer than reading a command line.
const { chart } = await import('../test/scaling/chart');
const { flapping } = await import('../test/scaling/play');
const { BOOT_MINUTES, dayFor, playDay, SERVICE_SECONDS, sceneOf } = await import('../test/scaling/prod-day');

orExplain(() => {
  const { env, seed } = options;
  const { rules, processorsPerNode, nodes } = sceneOf(env);
  const played = playDay({ rules, processorsPerNode, day: dayFor(nodes, { seed }) });
  const served = played.map(({ serving }) => serving);
  const waits = played.map(({ p99 }) => p99 * 1000);
  const targets = rules.tracking.map(({ metric, target }) => `${metric} ${target}`).join(', ');
  console.log(
    [
      `App fleet of ${env}: ${rules.least} to ${rules.most} nodes; targets per node: ${targets}.`,
      `Assumed: ${SERVICE_SECONDS * 1000} ms of one of ${processorsPerNode} processors per request, ${BOOT_MINUTES} minutes to boot.`,
      '',
      chart(played),
      `Nodes ${Math.min(...served)} to ${Math.max(...served)}; worst p99 wait ${Math.max(...waits).toFixed(0)} ms;`,
      `${(served.reduce((sum, count) => sum + count, 0) / 60).toFixed(0)} node hours; ${flapping(played, 60).length} times out, in and out again within an hour.`,
    ].join('\n'),
  );
});

/** Reads the command line; asked for help, or misused, the program ends here. */
function optionsOf(args: string[]): Options {
  try {
    const { env, seed, help } = parseArgs({
      args,
      options: {
        env: { type: 'string', default: 'prod' },
        seed: { type: 'string', default: '42' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
    if (help) {
      process.stdout.write(USAGE);
      process.exit(0);
    }
    if (!ENVIRONMENTS.includes(env)) {
      throw new TypeError(`--env: received "${env}"; allowed: ${ENVIRONMENTS.join(', ')}`);
    }
    if (!/^\d{1,10}$/.test(seed) || Number(seed) > MOST_SEED) {
      throw new TypeError(`--seed: received "${seed}"; allowed: an integer from 0 to ${MOST_SEED}`);
    }
    return { env, seed: Number(seed) };
  } catch (error) {
    const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    process.stderr.write(`simulate: ${line}\n\n${USAGE}`);
    process.exit(2);
  }
}
