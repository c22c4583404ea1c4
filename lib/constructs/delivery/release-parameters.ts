import { ArnFormat, Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { allow } from '../../policies/allow';

/** Lets somebody say which release nodes boot: the parameter that no template owns. */
export function letDecideRelease(role: iam.Role, environment: string): void {
  const parameter = (name: string): string =>
    Stack.of(role).formatArn({
      service: 'ssm',
      resource: 'parameter',
      resourceName: `beamstalk/${environment}/release/${name}`,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
  allow(role, {
    actions: ['ssm:GetParameter', 'ssm:GetParameters'],
    resources: [parameter('uri'), parameter('current')],
  });
  allow(role, { actions: ['ssm:PutParameter'], resources: [parameter('current')] });
}
