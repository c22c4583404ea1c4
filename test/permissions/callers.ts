import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { projectPath } from '../../lib/facts/project-path';
import { parameterReads } from '../../lib/node/parameter-reads';
import { isTree, type Tree } from '../../lib/template/values';
import { type Call, callsInSource, callsOf, type Script, scriptOf } from './calls';
import type { Survey, SurveyedFleet } from './survey';

/** What makes calls with a role: a script, a handler, an agent, a service of AWS. */
export interface Caller {
  /** `<stack>/<logical id>` of the role. */
  readonly role: string;
  readonly calls: readonly Call[];
}

const BOOT = projectPath('lib', 'node', 'boot');
const DELIVERY = projectPath('lib', 'constructs', 'delivery', 'files');

/**
 * Scripts that nodes with a boot step run later, where the step does not name them: Run Command runs `rollout.sh`, and
 * CodeDeploy's agent runs the hook of the bundle, which hands over to `deploy.sh`.
 */
const LATER: Readonly<Record<string, readonly string[]>> = {
  release: ['rollout.sh', 'node-status.sh'],
  agent: ['deploy.sh'],
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
const AGENTS: Readonly<Record<'systems-manager' | 'reports' | 'agent', readonly string[]>> = {
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

/** Everybody who makes calls in an environment. */
export function callersOf(survey: Survey): Caller[] {
  return [
    ...survey.fleets.map((fleet) => fleetCaller(fleet, survey)),
    ...resources(survey).flatMap(
      ({ stack, id, type, properties }) => CALLERS[type]?.(survey, stack, id, properties) ?? [],
    ),
  ];
}

function publishesSecrets(survey: Survey): boolean {
  return resources(survey).some(
    ({ type, properties }) => type === 'AWS::SSM::Parameter' && /[/-]secret$/.test(String(properties['Name'])),
  );
}

interface Found {
  readonly stack: string;
  readonly id: string;
  readonly type: string;
  readonly properties: Tree;
}

function resources({ templates }: Survey): Found[] {
  return Object.entries(templates).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources).map(([id, { Type, Properties = {} }]) => ({
      stack,
      id,
      type: Type,
      properties: Properties,
    })),
  );
}

type CallersOf = (survey: Survey, stack: string, id: string, properties: Tree) => readonly Caller[];

/** By type of resource: who calls what with which role. */
const CALLERS: Readonly<Record<string, CallersOf>> = {
  'AWS::EC2::LaunchTemplate': (survey, stack, id, properties) => {
    const data = properties['LaunchTemplateData'] as Tree;
    const encoded = (data['UserData'] as Tree | undefined)?.['Fn::Base64'];
    const profile = roleOfProfile(survey, stack, (data['IamInstanceProfile'] as Tree)['Arn']);
    const calls = callsOf(scriptOf(`user data of ${stack}/${id}`, survey.account.text(stack, encoded)));
    return [
      { role: profile, calls },
      { role: profile, calls: asCalls(AGENTS['systems-manager'], 'the Systems Manager agent') },
    ];
  },
  'AWS::ImageBuilder::InfrastructureConfiguration': (survey, stack, _, properties) => [
    {
      role: roleOfProfile(survey, stack, properties['InstanceProfileName']),
      // Source: https://docs.aws.amazon.com/imagebuilder/latest/userguide/security-iam-awsmanpol.html (2026-11-29)
      calls: asCalls(
        [...AGENTS['systems-manager'], 'imagebuilder:GetComponent', 's3:GetObject'],
        'an instance of Image Builder',
      ),
    },
  ],
  'AWS::CodeBuild::Project': (survey, stack, id, properties) => [
    { role: place(stack, properties['ServiceRole']), calls: projectCalls(survey, stack, id, properties) },
  ],
  'AWS::Lambda::Function': (survey, stack, id, properties) => [
    { role: place(stack, properties['Role']), calls: functionCalls(survey, stack, id) },
  ],
  'AWS::Lambda::EventSourceMapping': (survey, stack, id, properties) => {
    const source = survey.account.text(stack, properties['EventSourceArn']);
    const [, , service = ''] = source.split(':');
    const handler = survey.templates[stack]?.Resources[refOf(properties['FunctionName']) ?? ''];
    const failures = properties['DestinationConfig'] === undefined ? [] : ['sqs:SendMessage'];
    return [
      {
        role: place(stack, handler?.Properties?.['Role']),
        calls: asCalls([...(MAPPED[service] ?? unknown(`the event source ${source}`)), ...failures], `${stack}/${id}`),
      },
    ];
  },
  'AWS::Scheduler::Schedule': (survey, stack, id, properties) => {
    const target = properties['Target'] as Tree;
    return [
      {
        role: place(stack, target['RoleArn']),
        calls: asCalls([targeted(survey.account.text(stack, target['Arn']))], `${stack}/${id}`),
      },
    ];
  },
  'AWS::Events::Rule': (survey, stack, id, properties) =>
    ((properties['Targets'] as Tree[] | undefined) ?? [])
      .filter(({ RoleArn }) => RoleArn !== undefined)
      .map(({ RoleArn, Arn }) => ({
        role: place(stack, RoleArn),
        calls: asCalls([targeted(survey.account.text(stack, Arn))], `${stack}/${id}`),
      })),
  'AWS::CodePipeline::Pipeline': (_, stack, id, properties) => [
    {
      role: place(stack, properties['RoleArn']),
      calls: (properties['Stages'] as Tree[])
        .flatMap((stage) => stage['Actions'] as Tree[])
        .flatMap((action) => {
          const { Provider } = action['ActionTypeId'] as { Provider: string };
          return asCalls(PIPELINE[Provider] ?? unknown(`the provider ${Provider}`), `${stack}/${id}`);
        }),
    },
  ],
};

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html and services-sqs-configure.html (2026-11-29) */
const MAPPED: Readonly<Record<string, readonly string[]>> = {
  dynamodb: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
  sqs: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
};

/**
 * By provider of an action. Artifacts come and go through the store besides.
 * Source: https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html (2026-11-29)
 */
const PIPELINE: Readonly<Record<string, readonly string[]>> = {
  S3: ['s3:GetObject', 's3:GetObjectVersion', 's3:GetBucketVersioning', 's3:PutObject'],
  CodeStarSourceConnection: ['codeconnections:UseConnection', 's3:PutObject'],
  CodeBuild: ['codebuild:StartBuild', 'codebuild:BatchGetBuilds', 's3:GetObject'],
  CodeDeploy: [
    'codedeploy:CreateDeployment',
    'codedeploy:GetDeployment',
    'codedeploy:GetDeploymentConfig',
    'codedeploy:GetApplicationRevision',
    'codedeploy:RegisterApplicationRevision',
  ],
};

/** What a schedule or rule does to its target. */
function targeted(arn: string): string {
  const [, , service = '', , , ...rest] = arn.split(':');
  const [, sdk, operation] = /^aws-sdk:([a-z]+):(\w+)$/.exec(rest.join(':')) ?? [];
  if (service === 'scheduler' && sdk !== undefined && operation !== undefined) {
    return `${sdk === 'redshiftserverless' ? 'redshift-serverless' : sdk}:${operation}`;
  }
  const known: Readonly<Record<string, string>> = {
    sqs: 'sqs:SendMessage',
    codebuild: 'codebuild:StartBuild',
    codepipeline: 'codepipeline:StartPipelineExecution',
  };
  return known[service] ?? unknown(`the target ${arn}`);
}

function fleetCaller(fleet: SurveyedFleet, survey: Survey): Caller {
  const calls = bootScripts(fleet.steps).flatMap((script) => callsOf(script, LIBRARIES));
  const agents = (['reports', 'agent'] as const).filter((step) => fleet.steps.includes(step));
  return {
    role: `${fleet.stack}/${fleet.roleId}`,
    calls: [
      ...calls.filter(({ actions, within, where }) =>
        ONLY_WHEN.every(
          ({ call, when }) => ![...actions, within ?? '', where].some((one) => call.test(one)) || when(fleet, survey),
        ),
      ),
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

function projectCalls(survey: Survey, stack: string, id: string, properties: Tree): Call[] {
  const buildSpec = String((properties['Source'] as Tree)['BuildSpec']);
  const variables = ((properties['Environment'] as Tree)['EnvironmentVariables'] as Tree[]).map(
    ({ Name, Value }) => [Name, Value] as const,
  );
  const scripts = [...buildSpec.matchAll(/\/tmp\/tools\/([a-z-]+\.sh)/g)].map(([, file = '']) => file);
  for (const [name, value] of variables) if (name === 'SCRIPT') scripts.push(survey.account.text(stack, value));
  if (scripts.length === 0) unknown(`what ${stack}/${id} runs`);
  const texts = scripts.map((file) => [file, readFileSync(join(DELIVERY, file), 'utf8')] as const);
  return [
    ...[[`build of ${id}`, buildSpec] as const, ...texts].flatMap(([name, text]) => callsOf(scriptOf(name, text))),
    ...asCalls(['logs:CreateLogStream', 'logs:PutLogEvents'], `log of ${id}`),
  ];
}

/** What handlers that the constructs library brings call, by the last part of the path of their code. */
const OF_THE_LIBRARY: Readonly<Record<string, readonly string[]>> = {
  // Empties the default security group of the network.
  'cdk-custom-resource': [
    'ec2:RevokeSecurityGroupIngress',
    'ec2:RevokeSecurityGroupEgress',
    'ec2:AuthorizeSecurityGroupIngress',
    'ec2:AuthorizeSecurityGroupEgress',
  ],
};

function functionCalls(survey: Survey, stack: string, id: string): Call[] {
  const metadata = survey.templates[stack]?.Resources[id]?.['Metadata' as keyof object];
  const path = String(isTree(metadata) ? metadata['aws:asset:path'] : undefined);
  const name = basename(path);
  const log = asCalls(['logs:CreateLogStream', 'logs:PutLogEvents'], `log of ${stack}/${id}`);
  const rotating = rotates(survey, stack, id);
  const may = ({ actions }: Call): boolean =>
    // An environment that sends as nobody sends no mail.
    (survey.sendsMail || !actions.includes('ses:SendEmail')) &&
    // Secrets Manager asks for rotations alone; whoever else asks makes roles of a database, which changes no secret.
    (rotating || !actions.some((action) => ROTATION.includes(action)));
  if (path.includes('/.build/lambda/')) return [...handlerCalls(name).filter(may), ...log];
  if (name === 'aws-custom-resource-handler') return [...customCalls(survey, stack, id), ...log];
  const known = Object.keys(OF_THE_LIBRARY).find((prefix) => name.startsWith(prefix));
  return [...asCalls(OF_THE_LIBRARY[known ?? ''] ?? unknown(`the code ${path}`), `${stack}/${id}`), ...log];
}

/** Actions that a rotation needs and the making of roles does not. */
const ROTATION: readonly string[] = [
  'secretsmanager:DescribeSecret',
  'secretsmanager:PutSecretValue',
  'secretsmanager:UpdateSecretVersionStage',
];

/** Tells whether Secrets Manager rotates a secret by a function. */
function rotates(survey: Survey, stack: string, id: string): boolean {
  const arn = survey.account.arnOf(stack, id);
  return resources(survey).some(
    ({ stack: where, type, properties }) =>
      type === 'AWS::SecretsManager::RotationSchedule' &&
      survey.account.text(where, properties['RotationLambdaARN']) === arn,
  );
}

/** The calls of all source files of a handler. */
export function handlerCalls(name: string): Call[] {
  const folder = projectPath('lambda', name);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .flatMap((file) => callsInSource(`lambda/${name}/${file}`, readFileSync(join(folder, file), 'utf8')));
}

/** Calls that custom resources of the library spell out in their properties. */
function customCalls(survey: Survey, stack: string, id: string): Call[] {
  return resources(survey)
    .filter(
      ({ type, properties }) => type.startsWith('Custom::') && JSON.stringify(properties['ServiceToken']).includes(id),
    )
    .flatMap(({ stack: where, properties }) =>
      ['Create', 'Update', 'Delete'].map((event) => [where, properties[event]] as const),
    )
    .filter(([, text]) => text !== undefined)
    .map(([where, text]) => {
      const { service, action } = JSON.parse(survey.account.text(where, text)) as { service: string; action: string };
      return { actions: [`${service}:${action}`], where: `custom resource of ${stack}/${id}` };
    });
}

function asCalls(actions: readonly string[], where: string): Call[] {
  return actions.map((action) => ({ actions: [action], where }));
}

function roleOfProfile(survey: Survey, stack: string, profile: unknown): string {
  const found = survey.templates[stack]?.Resources[refOf(profile) ?? ''];
  return place(stack, (found?.Properties?.['Roles'] as unknown[] | undefined)?.[0]);
}

/** `<stack>/<id>` of a role that stands in the same stack. */
function place(stack: string, value: unknown): string {
  const id = refOf(value);
  return id === undefined ? unknown(`the role ${JSON.stringify(value)} of ${stack}`) : `${stack}/${id}`;
}

function refOf(value: unknown): string | undefined {
  if (!isTree(value)) return undefined;
  const attribute = value['Fn::GetAtt'];
  const id = value['Ref'] ?? (Array.isArray(attribute) ? attribute[0] : undefined);
  return typeof id === 'string' ? id : undefined;
}

function unknown(what: string): never {
  throw new Error(`callers.ts does not know ${what}`);
}
