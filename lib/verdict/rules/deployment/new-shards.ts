import type { Finding } from '../../finding';
import type { Check, Step } from '../../rule';

export const NEW_SHARDS: Check = {
  rules: [
    {
      id: 'shard-unregistered',
      severity: 'note',
      summary: 'A cluster for shards is new, and the shard map of a running environment does not know it.',
      why: 'It costs and holds nothing until it is registered and logical shards are moved to it.',
    },
  ],
  find,
};

/** The construct ids of clusters never change, so neither do these: `Shards`, `Cluster<number>`, `Cluster`. */
const CLUSTER = /^ShardsCluster(\d+)Cluster/;

function find({ before, changes }: Step): Finding[] {
  const isRunning = Object.values(before).some(({ Resources }) =>
    Object.keys(Resources).some((id) => CLUSTER.test(id)),
  );
  if (!isRunning) return [];
  return [...changes.values()].flatMap(({ stack, id, type, change }): Finding[] => {
    const number = CLUSTER.exec(id)?.[1];
    if (number === undefined || type !== 'AWS::RDS::DBCluster' || change !== 'adds') return [];
    const message = `the shard map does not know it: no row comes to it before \`beamstalk shards register\` and \`move\``;
    return [{ severity: 'note', rule: 'shard-unregistered', stack, id, message }];
  });
}
