import {
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  waitUntilStackCreateComplete,
} from '@aws-sdk/client-cloudformation';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { type Clients, unlessRefused } from './clients';
import type { Evidence } from './evidence';

const STACK = 'beamstalk-rehearsal-probe';
const SOURCE = '/beamstalk-rehearsal/source';
const DYNAMIC = '/beamstalk-rehearsal/dynamic';

const TEMPLATE = {
  Resources: {
    Source: { Type: 'AWS::SSM::Parameter', Properties: { Name: SOURCE, Type: 'String', Value: 'resolved' } },
    Dynamic: {
      Type: 'AWS::SSM::Parameter',
      DependsOn: 'Source',
      Properties: { Name: DYNAMIC, Type: 'String', Value: `{{resolve:ssm:${SOURCE}}}` },
    },
    Cluster: {
      Type: 'AWS::RDS::DBCluster',
      Properties: { Engine: 'aurora-postgresql', MasterUsername: 'probe', ManageMasterUserPassword: true },
    },
  },
  Outputs: {
    Secret: { Value: { 'Fn::GetAtt': ['Cluster', 'MasterUserSecret.SecretArn'] } },
    Other: { Value: { 'Fn::GetStackOutput': { StackName: 'CDKToolkit', OutputName: 'BootstrapVersion' } } },
  },
};

/** Asks the engine whether it still needs what is done for it: strong references between stacks, made-up ARNs of secrets. */
export async function probeEngine({ cloudFormation, ssm }: Clients, evidence: Evidence): Promise<void> {
  await cloudFormation.send(new CreateStackCommand({ StackName: STACK, TemplateBody: JSON.stringify(TEMPLATE) }));
  await waitUntilStackCreateComplete({ client: cloudFormation, maxWaitTime: 30, minDelay: 1 }, { StackName: STACK });
  const { Stacks: [stack] = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: STACK }));
  const output = (key: string): string | undefined =>
    stack?.Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue;
  evidence.equal(
    'probe: output of another stack is a number',
    /^\d+$/.test(output('Other') ?? ''),
    true,
    'stack output',
  );
  evidence.equal(
    'probe: managed secret of a cluster has an ARN',
    output('Secret')?.startsWith('arn:aws:secretsmanager:'),
    true,
    'managed secret',
  );
  const dynamic = await unlessRefused(ssm.send(new GetParameterCommand({ Name: DYNAMIC })));
  evidence.equal('probe: dynamic reference', dynamic?.Parameter?.Value, 'resolved', 'dynamic reference');
  await cloudFormation.send(new DeleteStackCommand({ StackName: STACK }));
}
