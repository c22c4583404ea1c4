import { describe, expect, it } from 'vitest';
import { AGENT_METRICS } from '../../lib/node/agent-metrics';
import { type Machine, machine } from './machine';

const AGENT = 'opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl';

/** A node whose agent is installed and writes down what it is called with. */
function withAgent(role: 'box' | 'app' | 'web', status = 0): Machine {
  const node = machine({ role, steps: ['reports', 'kernel'] });
  node.write(AGENT, `#!/bin/bash\necho "agent $*" >> "$STUBS/calls"\nexit ${status}\n`);
  node.executable(AGENT);
  node.parameters({ [`logs/${role}`]: `group-of-${role}` });
  return node;
}

interface Config {
  readonly metrics: {
    readonly namespace: string;
    readonly aggregation_dimensions: readonly (readonly string[])[];
    readonly metrics_collected: Readonly<Record<string, object>>;
  };
  readonly logs: {
    readonly logs_collected: {
      readonly files: { readonly collect_list: readonly object[] };
      readonly journald?: { readonly collect_list: readonly object[] };
    };
  };
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

  it('is the log of release, proxy and boot too, in the group that is published for its role', () => {
    const logsOf = (role: 'box' | 'app' | 'web') => {
      const node = withAgent(role);
      expect(node.boot()).toMatchObject({ status: 0 });
      return configOf(node).logs.logs_collected;
    };
    const file = (role: string, stream: string, path: string) => ({
      file_path: path,
      log_group_name: `group-of-${role}`,
      log_stream_name: `{instance_id}/${stream}`,
    });
    const boot = '/var/log/cloud-init-output.log';
    const proxy = '/var/log/nginx/error.log';
    const units = (role: string, ...names: readonly string[]) => [
      { log_group_name: `group-of-${role}`, log_stream_name: '{instance_id}', units: names },
    ];
    const app = logsOf('app');
    expect(app.journald?.collect_list).toEqual(units('app', 'beamstalk.service', 'beamstalk-boot.service'));
    expect(app.files.collect_list).toEqual([file('app', 'boot', boot)]);
    const box = logsOf('box');
    expect(box.journald?.collect_list).toEqual(units('box', 'beamstalk.service', 'beamstalk-2.service'));
    expect(box.files.collect_list).toEqual([file('box', 'boot', boot), file('box', 'proxy', proxy)]);
    const web = logsOf('web');
    expect(web).not.toHaveProperty('journald');
    expect(web.files.collect_list).toEqual([file('web', 'boot', boot), file('web', 'proxy', proxy)]);
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
