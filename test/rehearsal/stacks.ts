import {
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  paginateListExports,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import type { CloudFormationResource, CloudFormationTemplate } from '../cdk-context';
import { type Clients, unlessRefused } from './clients';

/** A resource as its stack describes it. */
export interface StackResource {
  readonly stack: string;
  readonly region: string;
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId: string;
  readonly status: string;
  /** As in the template that was deployed, references unresolved. */
  readonly definition: CloudFormationResource;
  /** The physical id that a value names: text as it is, `Ref` within the stack, what another stack exports. */
  readonly resolve: (value: unknown) => string | undefined;
}

export interface LiveStack {
  readonly name: string;
  readonly region: string;
  readonly status: string;
  readonly terminationProtection: boolean;
  readonly resources: readonly StackResource[];
}

/** Reads one stack with its resources and template, or undefined when there is none of that name. */
export async function readStack(name: string, region: string, aws: Clients): Promise<LiveStack | undefined> {
  const described = await unlessRefused(aws.cloudFormation.send(new DescribeStacksCommand({ StackName: name })));
  const [stack] = described?.Stacks ?? [];
  if (stack === undefined || stack.StackStatus === 'DELETE_COMPLETE') return undefined;
  const { TemplateBody = '{}' } = await aws.cloudFormation.send(new GetTemplateCommand({ StackName: name }));
  const { Resources: definitions = {} } = JSON.parse(TemplateBody) as CloudFormationTemplate;
  const physicalIds = new Map<string, string>();
  const rows: { logicalId: string; type: string; status: string }[] = [];
  for await (const page of paginateListStackResources({ client: aws.cloudFormation }, { StackName: name })) {
    for (const row of page.StackResourceSummaries ?? []) {
      const { LogicalResourceId = '', ResourceType = '', ResourceStatus = '', PhysicalResourceId = '' } = row;
      if (ResourceStatus === 'DELETE_COMPLETE') continue;
      physicalIds.set(LogicalResourceId, PhysicalResourceId);
      rows.push({ logicalId: LogicalResourceId, type: ResourceType, status: ResourceStatus });
    }
  }
  const exports = await exportsOf(aws);
  const resolve = (value: unknown): string | undefined => {
    if (typeof value === 'string') return value;
    if (typeof value !== 'object' || value === null) return undefined;
    if ('Fn::ImportValue' in value) return exports.get(String(value['Fn::ImportValue']));
    return 'Ref' in value ? physicalIds.get(String(value.Ref)) : undefined;
  };
  return {
    name,
    region,
    status: stack.StackStatus ?? '',
    terminationProtection: stack.EnableTerminationProtection ?? false,
    resources: rows.map((row) => ({
      ...row,
      stack: name,
      region,
      physicalId: physicalIds.get(row.logicalId) ?? '',
      definition: definitions[row.logicalId] ?? { Type: row.type },
      resolve,
    })),
  };
}

async function exportsOf({ cloudFormation }: Clients): Promise<Map<string, string>> {
  const exports = new Map<string, string>();
  for await (const page of paginateListExports({ client: cloudFormation }, {})) {
    for (const { Name = '', Value = '' } of page.Exports ?? []) exports.set(Name, Value);
  }
  return exports;
}

/** The latest events of a stack that failed, newest first, for people. */
export async function failedEvents(name: string, aws: Clients): Promise<string[]> {
  const answer = await unlessRefused(aws.cloudFormation.send(new DescribeStackEventsCommand({ StackName: name })));
  return (answer?.StackEvents ?? [])
    .filter(({ ResourceStatus = '' }) => /FAILED|ROLLBACK/.test(ResourceStatus))
    .slice(0, 10)
    .map((event) =>
      `${name} ${event.LogicalResourceId} ${event.ResourceStatus} ${event.ResourceStatusReason ?? ''}`.trim(),
    );
}
