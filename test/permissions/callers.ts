import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectPath } from '../../lib/facts/project-path';
import type { Tree } from '../../lib/template/values';
import { type Call, type Caller, callsOf, scriptOf } from './calls';
import { functionCalls } from './handler-calls';
import { AGENTS, fleetCaller } from './node-calls';
import type { Survey } from './survey';
import { asCalls, place, refOf, resources, roleOfProfile, unknown } from './surveyed-resources';

const DELIVERY = projectPath('lib', 'constructs', 'delivery', 'files');

/** Everybody who makes calls in an environment. */
export function callersOf(survey: Survey): Caller[] {
  return [
    ...survey.fleets.map((fleet) => fleetCaller(fleet, survey)),
    ...resources(survey).flatMap(
      ({ stack, id, type, properties }) => CALLERS[type]?.(survey, stack, id, properties) ?? [],
    ),
  ];
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
