import { agentConfig } from './agent-config';
import type { NodeBlueprint } from './blueprint';
import { CLOUDWATCH_AGENT_KEY } from './cloudwatch-agent-key';
import { CODEDEPLOY_AGENT } from './codedeploy-agent';
import { drainSeconds, heartbeatSeconds } from './drain';
import { CALLED_BY_REPORTS, CALLED_BY_SCRIPTS, endpointList } from './endpoint-list';
import { HOOK_SECONDS } from './hook-seconds';
import { limitsConf } from './limits';
import { parameterReads } from './parameter-reads';
import { DISTRIBUTION_PORT } from './ports';
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
  return new Map([
    ['node.conf', nodeConf(blueprint)],
    ['endpoints', endpointList(blueprint.region, [...new Set([...CALLED_BY_SCRIPTS, ...CALLED_BY_REPORTS])])],
    ['vm.args', vmArgs(instanceType)],
    ['remote.vm.args', remoteVmArgs()],
    ['sysctl.conf', sysctlConf({ instanceType, role, listenPorts: [appPort, tlsPort] })],
    ['limits.conf', limitsConf(instanceType)],
    ...(blueprint.steps.includes('reports')
      ? [['cloudwatch-agent.json', agentConfig(agentOf(blueprint))] as const]
      : []),
  ]);
}

/** A proxy runs no release; the journal of a fleet's nodes goes to one log group, which is named by their role. */
function agentOf({ region, role }: NodeBlueprint) {
  return { region, units: role === 'web' ? [] : ['beamstalk.service'] };
}

/** Settings of the fleet for the boot scripts: one shell assignment a line. */
function nodeConf(blueprint: NodeBlueprint): string {
  const { instanceType, evictPerSecond } = blueprint;
  const { connectionBudget, openFiles } = nodeSize(instanceType);
  const { pressure, jobs } = blueprint;
  const { names, open } = parameterReads(blueprint.role, blueprint.steps);
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
    HEALTH_PATH: blueprint.healthPath,
    PASS_THROUGH: blueprint.passThrough ? 1 : 0,
    CONNECTION_BUDGET: connectionBudget,
    OPEN_FILES: openFiles,
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
