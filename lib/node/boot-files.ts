import { regionalName } from '../facts/endpoints';
import { agentConfig, type LogFile } from './agent-config';
import type { NodeBlueprint, NodeRole } from './blueprint';
import { CLOUDWATCH_AGENT_KEY } from './cloudwatch-agent-key';
import { clusterArgs, clusterTls } from './cluster-args';
import { CODEDEPLOY_AGENT } from './codedeploy-agent';
import { databaseAuthorities } from './database-authorities';
import { drainSeconds, heartbeatSeconds } from './drain';
import { CALLED_BY_REPORTS, CALLED_BY_SCRIPTS, endpointList } from './endpoint-list';
import { HOOK_SECONDS } from './hook-seconds';
import { limitsConf } from './limits';
import { LISTEN_BACKLOG } from './listen-backlog';
import { parameterReads } from './parameter-reads';
import { DISTRIBUTION_PORT, SECOND_DISTRIBUTION_PORT, secondPorts } from './ports';
import { remoteVmArgs } from './remote-vm-args';
import { shellQuote } from './shell';
import { nodeSize, workerConnections } from './size';
import { sysctlConf } from './sysctl';
import { vmArgs } from './vm-args';

/**
 * The files of a boot bundle that depend on the fleet, name -> text, all in the bundle's root beside `boot.sh`. Nothing
 * in them is secret, and nothing in them changes when an endpoint does.
 */
export function generatedFiles(blueprint: NodeBlueprint): ReadonlyMap<string, string> {
  const { instanceType, role, appPort, tlsPort } = blueprint;
  const second = secondPorts(appPort, tlsPort);
  // A fleet's node has one release at a time.
  const listenPorts = [appPort, tlsPort, ...(role === 'box' ? [second.app, second.tls, SECOND_DISTRIBUTION_PORT] : [])];
  const joined = blueprint.steps.includes('cluster');
  const overTls = joined ? clusterArgs() : '';
  const authorities = role === 'web' ? undefined : databaseAuthorities(blueprint.region);
  return new Map([
    ['node.conf', nodeConf(blueprint)],
    ['endpoints', endpointList(blueprint.region, [...new Set([...CALLED_BY_SCRIPTS, ...CALLED_BY_REPORTS])])],
    ['vm.args', `${vmArgs(instanceType)}${overTls}`],
    ['remote.vm.args', `${remoteVmArgs()}${overTls}`],
    ...(joined ? [['cluster-tls.conf', clusterTls()] as const] : []),
    ['sysctl.conf', sysctlConf({ instanceType, role, listenPorts })],
    ['limits.conf', limitsConf(instanceType)],
    ...(authorities === undefined ? [] : [['database-authorities.pem', authorities] as const]),
    ...(blueprint.steps.includes('reports')
      ? [
          [
            'cloudwatch-agent.json',
            agentConfig({
              region: blueprint.region,
              units: [...UNITS[role], ...(joined ? ['beamstalk-cluster.service'] : [])],
              files: filesOf(role),
            }),
          ] as const,
        ]
      : []),
  ]);
}

/** Units whose journal goes to the log group of the role: the release, in either slot of a box, and a boot from the warm pool. */
const UNITS: Readonly<Record<NodeRole, readonly string[]>> = {
  box: ['beamstalk.service', 'beamstalk-2.service'],
  app: ['beamstalk.service', 'beamstalk-boot.service'],
  web: [],
  worker: ['beamstalk.service', 'beamstalk-boot.service'],
  mover: [],
};

/** Files that go there: the boot, which cloud-init runs, what the proxy complains about, and what moves say. */
function filesOf(role: NodeRole): readonly LogFile[] {
  const boot = { path: '/var/log/cloud-init-output.log', stream: 'boot' };
  if (role === 'mover') return [boot, { path: '/var/log/beamstalk-move.log', stream: 'move' }];
  return role === 'box' || role === 'web' ? [boot, { path: '/var/log/nginx/error.log', stream: 'proxy' }] : [boot];
}

/** Settings of the fleet for the boot scripts: one shell assignment a line. */
function nodeConf(blueprint: NodeBlueprint): string {
  const { instanceType, evictPerSecond } = blueprint;
  const { connectionBudget, openFiles } = nodeSize(instanceType);
  const { pressure, jobs } = blueprint;
  const { names, open } = parameterReads(blueprint.role, blueprint.steps);
  const second = secondPorts(blueprint.appPort, blueprint.tlsPort);
  const drain = jobs?.drainSeconds ?? drainSeconds(instanceType, evictPerSecond);
  const values: Readonly<Record<string, string | number>> = {
    ENVIRONMENT: blueprint.environment,
    REGION: blueprint.region,
    ROLE: blueprint.role,
    IMAGE: blueprint.image,
    INSTANCE_TYPE: instanceType.name,
    RELEASE_ARCHITECTURE: blueprint.releaseArchitecture,
    APP_PORT: blueprint.appPort,
    TLS_PORT: blueprint.tlsPort,
    DISTRIBUTION_PORT,
    SECOND_APP_PORT: second.app,
    SECOND_TLS_PORT: second.tls,
    SECOND_DISTRIBUTION_PORT,
    HEALTH_PATH: blueprint.healthPath,
    PASS_THROUGH: blueprint.passThrough ? 1 : 0,
    CONNECTION_BUDGET: connectionBudget,
    OPEN_FILES: openFiles,
    LISTEN_BACKLOG,
    WORKER_CONNECTIONS: workerConnections(instanceType),
    EVICT_PER_SECOND: evictPerSecond,
    DRAIN_SECONDS: drain,
    HEARTBEAT_SECONDS: heartbeatSeconds(drain),
    HOOK_SECONDS,
    SESSIONS: blueprint.sessions ?? 'node',
    // Read from its parameter when a node boots; named here so that another release is another bundle.
    CONFIGURED_RELEASE: blueprint.releaseUri ?? 'none',
    ...(pressure && {
      RETRY_AFTER_SECONDS: pressure.retryAfterSeconds,
      LOW_PRIORITY_PATHS: pressure.lowPriorityPaths.join(' '),
    }),
    ...(jobs && { JOB_QUEUES: jobs.queues.join(' '), JOBS_AT_ONCE: jobs.atOnce }),
    ...(blueprint.steps.includes('cluster') && { IDENTITY_HOST: regionalName('sts', blueprint.region) }),
    ...(blueprint.steps.includes('agent') && { CODEDEPLOY_AGENT }),
    // Elsewhere it is a package of the system's own repository.
    ...(blueprint.steps.includes('reports') && blueprint.image === 'debian-13' && { CLOUDWATCH_AGENT_KEY }),
    STEPS: blueprint.steps.join(' '),
    PARAMETER_NAMES: names.join(' '),
    PARAMETER_PATHS: open.join(' '),
  };
  return Object.entries(values)
    .map(([name, value]) => `${name}=${shellQuote(String(value))}\n`)
    .join('');
}
