import { describe, expect, it } from 'vitest';
import { AGENT_METRICS } from '../../lib/node/agent-metrics';
import { type Machine, machine } from './machine';

const AGENT = 'opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl';

/** A node whose agent is installed and writes down what it is called with. */
function withAgent(role: 'app' | 'web', status = 0): Machine {
  const node = machine({ role, steps: ['reports', 'kernel'] });
  node.write(AGENT, `#!/bin/bash\necho "agent $*" >> "$STUBS/calls"\nexit ${status}\n`);
  node.executable(AGENT);
  node.parameters({ 'logs/app': 'group-of-app' });
  return node;
}

interface Config {
  readonly metrics: {
    readonly namespace: string;
    readonly aggregation_dimensions: readonly (readonly string[])[];
    readonly metrics_collected: Readonly<Record<string, object>>;
  };
  readonly logs?: { readonly logs_collected: { readonly journald: { readonly collect_list: readonly object[] } } };
}

const configOf = (node: Machine): Config => JSON.parse(node.read('etc/beamstalk/cloudwatch-agent.json')) as Config;

describe('what a node reports', () => {
  it('goes by its fleet, under the names that alarms read', () => {
    const node = withAgent('app');
    expect(node.boot()).toMatchObject({ status: 0 });
    const { metrics } = configOf(node);
    expect(metrics.namespace).toBe(AGENT_METRICS.namespace);
    expect(metrics.aggregation_dimensions).toEqual([['AutoScalingGroupName']]);
    const collected = Object.entries(metrics.metrics_collected).flatMap(([part, what]) => {
      const { measurement, metrics_include } = what as { measurement?: string[]; metrics_include?: string[] };
      // The agent puts the part before the name, unless it is there.
      return [measurement ?? metrics_include ?? []].flat().map((name) => `${part}_${name.replace(`${part}_`, '')}`);
    });
    const { namespace: _, ...read } = AGENT_METRICS;
    expect(collected).toEqual(expect.arrayContaining(Object.values(read)));
    expect(node.callsOf('agent')).toEqual([
      `agent -a fetch-config -m ec2 -s -c file:${node.path('etc/beamstalk/cloudwatch-agent.json')}`,
    ]);
  });

  it('is the journal of the release too, in the group that is published for its role', () => {
    const node = withAgent('app');
    node.boot();
    expect(configOf(node).logs?.logs_collected.journald.collect_list).toEqual([
      { log_group_name: 'group-of-app', log_stream_name: '{instance_id}', units: ['beamstalk.service'] },
    ]);
    const proxy = withAgent('web');
    proxy.boot();
    expect(configOf(proxy)).not.toHaveProperty('logs');
  });

  it('comes by an agent that the repository of Amazon Linux has signed, new enough to read journals', () => {
    const node = withAgent('app');
    node.write(
      'opt/beamstalk/boot/node.conf',
      `${node.read('opt/beamstalk/boot/node.conf')}\nIMAGE=amazon-linux-2023\n`,
    );
    node.answer('rpm', 'exit 1');
    node.answer('dnf', '');
    expect(node.boot()).toMatchObject({ status: 0 });
    expect(node.callsOf('dnf')).toContain('dnf install -yq amazon-cloudwatch-agent >= 1.300070');
    expect(node.callsOf('aws').filter((call) => call.includes('cloudwatch-agent'))).toEqual([]);
  });

  it.each([
    ['the agent cannot be installed', 'cannot be installed', (node: Machine) => node.answer('dpkg', 'exit 1')],
    ['the agent does not start', 'does not start', () => undefined],
  ])('is not worth a node: when %s, it says so and boots on', (_, said, breakIt) => {
    const node = withAgent('app', said === 'does not start' ? 1 : 0);
    breakIt(node);
    const { status, output } = node.boot();
    expect(output).toContain(`beamstalk: the CloudWatch agent ${said}: this node reports`);
    expect(output).toContain('step kernel');
    expect(status).toBe(0);
  });
});
