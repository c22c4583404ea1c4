import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { projectPath } from '../../lib/facts/project-path';
import { parameterReads } from '../../lib/node/parameter-reads';
import { type Caller, callsOf, type Script, scriptOf } from './calls';
import type { Survey, SurveyedFleet } from './survey';
import { asCalls, resources } from './surveyed-resources';

const BOOT = projectPath('lib', 'node', 'boot');

/**
 * Scripts that nodes with a boot step run later, where the step does not name them: Run Command runs `rollout.sh`, on a box
 * `open-database.sh`, and on the mover `move.sh`; CodeDeploy's agent runs the hook of the bundle, which hands over to `deploy.sh`.
 */
const LATER: Readonly<Record<string, readonly string[]>> = {
  release: ['rollout.sh', 'node-status.sh', 'open-database.sh'],
  agent: ['deploy.sh'],
  mover: ['move.sh'],
};

/**
 * What agents on a node call by themselves.
 *
 * Sources, read 2026-11-29: the Systems Manager agent,
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-instance-permissions.html and what inventory, patch
 * scans and playbooks of lib/constructs/machines/node-care.ts report; the CloudWatch agent,
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/create-iam-roles-for-cloudwatch-agent.html; CodeDeploy's,
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/getting-started-create-iam-instance-profile.html
 */
export const AGENTS: Readonly<Record<'systems-manager' | 'reports' | 'agent', readonly string[]>> = {
  'systems-manager': [
    'ssm:UpdateInstanceInformation',
    'ssmmessages:CreateControlChannel',
    'ssmmessages:CreateDataChannel',
    'ssmmessages:OpenControlChannel',
    'ssmmessages:OpenDataChannel',
  ],
  reports: ['cloudwatch:PutMetricData', 'ec2:DescribeTags'],
  agent: ['s3:GetObject'],
};

/** Call of a program that is no shell script: it signs by itself what it asks once a second. */
const FOLLOWS = ['ssm:GetParameters'];

/** Calls of scripts that only some environments come to, with when they do. */
const ONLY_WHEN: readonly {
  /** One of its actions, the function of a library that makes it, or where it stands. */
  readonly call: RegExp;
  readonly when: (fleet: SurveyedFleet, survey: Survey) => boolean;
}[] = [
  // `leave_load_balancer` and `join_load_balancer`: a box and workers are in none.
  {
    call: /^elasticloadbalancing:/,
    when: ({ role }) => role === 'app',
  },
  // The step `proxy` asks for certificates on a box alone.
  { call: /^certificate\.sh: /, when: ({ role }) => role === 'box' },
  // `read_parameters` reads by path what PARAMETER_PATHS names.
  {
    call: /^ssm:GetParametersByPath$/,
    when: ({ role, steps }) => parameterReads(role, steps).open.length > 0,
  },
  // Secrets are read whose ARN is published.
  { call: /^secret$/, when: (_, survey) => publishesSecrets(survey) },
  // `tell_deployments` returns at once where CodeDeploy's agent is not.
  { call: /^tell_deployments$/, when: ({ steps }) => steps.includes('agent') },
  // `complete_launch` returns at once where there is no warm pool.
  { call: /^complete_launch$/, when: ({ steps }) => steps.includes('warm') },
  // `group_name` within it.
  {
    call: /^group_name$/,
    when: ({ steps }) => ['warm', 'drain', 'worker'].some((step) => steps.includes(step as never)),
  },
];

function publishesSecrets(survey: Survey): boolean {
  return resources(survey).some(
    ({ type, properties }) => type === 'AWS::SSM::Parameter' && /[/-]secret$/.test(String(properties['Name'])),
  );
}

export function fleetCaller(fleet: SurveyedFleet, survey: Survey): Caller {
  const calls = bootScripts(fleet.steps).flatMap((script) => callsOf(script, LIBRARIES));
  const follows = fleet.steps.includes('release') ? asCalls(FOLLOWS, 'where-data-are.py') : [];
  const agents = (['reports', 'agent'] as const).filter((step) => fleet.steps.includes(step));
  return {
    role: `${fleet.stack}/${fleet.roleId}`,
    calls: [
      ...calls.filter(({ actions, within, where }) =>
        ONLY_WHEN.every(
          ({ call, when }) => ![...actions, within ?? '', where].some((one) => call.test(one)) || when(fleet, survey),
        ),
      ),
      ...follows,
      ...agents.flatMap((step) => asCalls(AGENTS[step], `agent of the step ${step}`)),
    ],
  };
}

const read = (path: string): Script => scriptOf(basename(path), readFileSync(path, 'utf8'));

/** What all scripts of a node share: the files beside `boot.sh`. */
const LIBRARIES: readonly Script[] = readdirSync(BOOT)
  .filter((file) => file.endsWith('.sh') && file !== 'boot.sh')
  .map((file) => read(join(BOOT, file)));

/** The scripts that run on a node with these steps: the steps, and what they install or call. */
function bootScripts(steps: readonly string[]): Script[] {
  const found = new Map<string, string>();
  const add = (path: string): void => {
    if (found.has(path)) return;
    const text = readFileSync(path, 'utf8');
    found.set(path, text);
    for (const next of named(text)) add(next);
  };
  add(join(BOOT, 'boot.sh'));
  for (const step of steps) {
    add(join(BOOT, 'steps', `${step}.sh`));
    for (const later of LATER[step] ?? []) add(join(BOOT, 'files', 'bin', later));
  }
  return [...found].map(([path, text]) => scriptOf(basename(path), text));
}

/** Scripts that a script names, or that a unit starts which it installs. */
function named(text: string): string[] {
  const scripts = [...text.matchAll(/(files\/bin|steps)\/([a-z-]+\.sh)/g)].map(([, folder = '', file = '']) =>
    join(BOOT, folder, file),
  );
  const units = [...text.matchAll(/beamstalk[a-z-]*\.(?:service|timer)/g)].map(([unit]) =>
    join(BOOT, 'files', 'systemd', unit),
  );
  const installed = units.flatMap((unit) => {
    try {
      return named(readFileSync(unit, 'utf8'));
    } catch {
      return [];
    }
  });
  return [...scripts, ...installed];
}
