// Plays a day of traffic through the scaling rules of an environment's template and prints it as text:
// npm run simulate -- --env prod
import { parseArgs } from 'node:util';
import { orExplain } from '../lib/config/or-explain';
import { chart } from '../test/scaling/chart';
import { flapping } from '../test/scaling/play';
import { BOOT_MINUTES, dayFor, playDay, SERVICE_SECONDS, sceneOf } from '../test/scaling/prod-day';

// The templates are validated by `cdk synth`; here they are only read.
process.env['CDK_VALIDATION'] ??= 'false';

const { values } = parseArgs({
  options: { env: { type: 'string', default: 'prod' }, seed: { type: 'string', default: '42' } },
});

orExplain(() => {
  const { rules, processorsPerNode, nodes } = sceneOf(values.env);
  const played = playDay({ rules, processorsPerNode, day: dayFor(nodes, { seed: Number(values.seed) }) });
  const served = played.map(({ serving }) => serving);
  const waits = played.map(({ p99 }) => p99 * 1000);
  const targets = rules.tracking.map(({ metric, target }) => `${metric} ${target}`).join(', ');
  console.log(
    [
      `App fleet of ${values.env}: ${rules.least} to ${rules.most} nodes; targets per node: ${targets}.`,
      `Assumed: ${SERVICE_SECONDS * 1000} ms of one of ${processorsPerNode} processors per request, ${BOOT_MINUTES} minutes to boot.`,
      '',
      chart(played),
      `Nodes ${Math.min(...served)} to ${Math.max(...served)}; worst p99 wait ${Math.max(...waits).toFixed(0)} ms;`,
      `${(served.reduce((sum, count) => sum + count, 0) / 60).toFixed(0)} node hours; ${flapping(played, 60).length} times out, in and out again within an hour.`,
    ].join('\n'),
  );
});
