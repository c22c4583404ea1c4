import { ArnFormat, Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { allow } from '../../policies/allow';

/**
 * Lets somebody say which release nodes boot, the parameter that no template owns, with what the configuration says
 * beside it; and read what was said before, where that is put back after a failure.
 */
export function letDecideRelease(role: iam.Role, environment: string, { putsBack }: { putsBack: boolean }): void {
  const parameter = (name: string): string =>
    Stack.of(role).formatArn({
      service: 'ssm',
      resource: 'parameter',
      resourceName: `beamstalk/${environment}/release/${name}`,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
  allow(role, { actions: ['ssm:GetParameter'], resources: [parameter('uri')] });
  // It need not be there, which only the plural takes for an answer.
  if (putsBack) allow(role, { actions: ['ssm:GetParameters'], resources: [parameter('current')] });
  allow(role, { actions: ['ssm:PutParameter'], resources: [parameter('current')] });
}
