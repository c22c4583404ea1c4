import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { projectPath } from '../../lib/facts/project-path';
import { isTree } from '../../lib/template/values';
import { type Call, callsInSource } from './calls';
import type { Survey } from './survey';
import { asCalls, resources, unknown } from './surveyed-resources';

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

export function functionCalls(survey: Survey, stack: string, id: string): Call[] {
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
