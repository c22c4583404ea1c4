import { endpointNames, type NodeService } from '../facts/endpoints';

/** Services that the scripts of a node call by the AWS command line (test/node/aws-calls.test.ts compares). */
export const CALLED_BY_SCRIPTS = [
  'autoscaling',
  'cloudformation',
  'ec2',
  'elbv2',
  'lambda',
  's3',
  'secretsmanager',
  'ssm',
] as const satisfies readonly NodeService[];

/** Services whose names the boot writes into the configuration of the CloudWatch agent. */
export const CALLED_BY_REPORTS = ['cloudwatch', 'ec2', 'logs'] as const satisfies readonly NodeService[];

/** Endpoints of a region for `aws.sh`: `<service> <name> plain|dual-stack`, a name a line, the preferred first. */
export function endpointList(region: string, services: readonly NodeService[]): string {
  return services
    .flatMap((service) => endpointNames(service, region).map(({ name, kind }) => `${service} ${name} ${kind}\n`))
    .join('');
}
