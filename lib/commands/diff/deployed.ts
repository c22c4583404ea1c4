import type { CloudFormationClient, Stack } from '@aws-sdk/client-cloudformation';
import { ConfigurationError } from '../../config/configuration-error';
import type { Template, Templates } from '../../template/template';
import { regionsIn } from '../../verdict/rules/deployment/moved-stacks';
import { type Side, stateIn } from './side';

/** CloudFront's firewall and certificate live there, whatever the region of the environment. */
const EVERYWHERE_REGION = 'us-east-1';

/**
 * Reads the templates of an environment's stacks from the account. Credentials, and AWS_ENDPOINT_URL for a local
 * engine, are found as every AWS tool finds them.
 *
 * @throws ConfigurationError without credentials, or when AWS does not answer.
 */
export async function readDeployed(environment: string, region: string): Promise<Side> {
  const sdk = await import('@aws-sdk/client-cloudformation');
  const templates: Record<string, Template> = {};
  try {
    const regions = new Set([region, EVERYWHERE_REGION]);
    for (const where of regions) {
      const client = new sdk.CloudFormationClient({ region: where });
      for (const stack of await stacksOf(client, sdk.paginateDescribeStacks, environment)) {
        const { TemplateBody = '' } = await client.send(
          new sdk.GetTemplateCommand({ StackName: stack, TemplateStage: 'Original' }),
        );
        templates[stack] = JSON.parse(TemplateBody) as Template;
      }
      // Backups may be copied to a region of their own: whoever refers to a stack says where it is.
      for (const other of regionsIn(templates).values()) regions.add(other);
    }
  } catch (error) {
    throw explained(error, environment);
  }
  const state = stateIn(templates);
  const found = Object.keys(templates).length;
  return { title: found === 0 ? 'nothing deployed' : 'deployed', templates, environment, ...(state && { state }) };
}

async function stacksOf(
  client: CloudFormationClient,
  paginate: typeof import('@aws-sdk/client-cloudformation').paginateDescribeStacks,
  environment: string,
): Promise<string[]> {
  const names: string[] = [];
  for await (const { Stacks = [] } of paginate({ client }, {})) {
    for (const { StackName = '' } of Stacks.filter((stack) => belongs(stack, environment))) names.push(StackName);
  }
  return names;
}

function belongs({ StackName = '', StackStatus, Tags = [] }: Stack, environment: string): boolean {
  const tagged = Tags.some(({ Key, Value }) => Key === 'beamstalk:environment' && Value === environment);
  // A stack in review was never created: it has no template of its own.
  return tagged && StackName.startsWith(`${environment}-`) && StackStatus !== 'REVIEW_IN_PROGRESS';
}

function explained(error: unknown, environment: string): ConfigurationError {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const allowed =
    name === 'CredentialsProviderError'
      ? 'only with AWS credentials that may read CloudFormation stacks'
      : `what AWS answers (${name}: ${message})`;
  const where = 'AWS_PROFILE, or as every AWS tool finds credentials';
  return new ConfigurationError(`reading what is deployed of ${environment}`, [{ key: 'deployed', allowed, where }]);
}

/** CloudFormation gives every character beyond ASCII back as a question mark: so does this, for a fair comparison. */
export function asCloudFormationReturns(templates: Templates): Templates {
  return JSON.parse(JSON.stringify(templates).replace(/[\u{80}-\u{10ffff}]/gu, '?')) as Templates;
}
