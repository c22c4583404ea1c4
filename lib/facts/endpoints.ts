import { partitionOf } from './partition';
import { REGIONS } from './regions';

/**
 * Names at which the services answer that nodes call, as AWS documents them: by the command line's word for the service.
 * A name that a page does not list is not in here, whatever the rules of an SDK make of it: botocore 1.44.8 derives
 * `cloudformation.<region>.api.aws` and `secretsmanager.<region>.api.aws`, which no page lists.
 */
export interface ServiceEndpoint {
  /** First label of the name where it is not the command line's word. */
  readonly label?: string;
  /**
   * Over which protocols the plain name, `<label>.<region>.<suffix of the partition>`, is documented to answer.
   */
  readonly plain: 'ipv4' | 'dual-stack';
  /** The name that the SDKs use with AWS_USE_DUALSTACK_ENDPOINT, and where it is documented. */
  readonly dualStack?: {
    readonly name: (region: string) => string;
    readonly regions: readonly string[];
  };
  /** True when every network has a free gateway endpoint for it, which takes IPv4 traffic to either name. */
  readonly gateway?: boolean;
  /** The page, and the day on which it was read or stored. */
  readonly source: string;
}

const ofApi =
  (label: string) =>
  (region: string): string =>
    `${label}.${region}.api.aws`;

/** Regions of the partitions that the General Reference lists. */
const LISTED = REGIONS.filter((region) => ['aws', 'aws-us-gov'].includes(partitionOf(region)));

const except = (...regions: readonly string[]): readonly string[] =>
  LISTED.filter((region) => !regions.includes(region));

/** Regions in the lists of this project that the pages do not know yet. */
const UNLISTED = ['me-west-1'];

const GENERAL = 'https://docs.aws.amazon.com/general/latest/gr';

export const SERVICE_ENDPOINTS = {
  autoscaling: {
    plain: 'ipv4',
    // Only these rows of the page could be read; an older copy of it (en_us) lists no such name at all.
    dualStack: { name: ofApi('autoscaling'), regions: ['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2'] },
    source: `${GENERAL}/as.html (2026-11-29)`,
  },
  cloudformation: { plain: 'ipv4', source: `${GENERAL}/cfn.html (2026-11-29)` },
  codedeploy: { plain: 'ipv4', source: `${GENERAL}/codedeploy.html (2026-11-29)` },
  'codedeploy-commands-secure': {
    plain: 'ipv4',
    source: 'https://docs.aws.amazon.com/codedeploy/latest/userguide/vpc-endpoints.html (2026-11-29)',
  },
  ec2: {
    plain: 'ipv4',
    dualStack: {
      name: ofApi('ec2'),
      regions: except(
        ...UNLISTED,
        ...['ap-east-2', 'ap-northeast-3', 'ap-south-2', 'ap-southeast-3', 'ap-southeast-4', 'ap-southeast-5'],
        ...['ap-southeast-6', 'ap-southeast-7', 'ca-west-1', 'eu-central-2', 'eu-south-2', 'il-central-1'],
        ...['me-central-1', 'mx-central-1'],
      ),
    },
    source: 'https://docs.aws.amazon.com/ec2/latest/devguide/ec2-endpoints.html (2026-11-29)',
  },
  elbv2: { label: 'elasticloadbalancing', plain: 'ipv4', source: `${GENERAL}/elb.html (2026-11-29)` },
  lambda: {
    plain: 'ipv4',
    dualStack: {
      name: ofApi('lambda'),
      // The rows that could be read.
      regions: [
        ...['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'af-south-1', 'ap-east-1', 'ap-south-2'],
        ...['ap-southeast-3', 'ap-southeast-4', 'ap-southeast-5'],
      ],
    },
    source: `${GENERAL}/lambda-service.html (2026-11-30)`,
  },
  logs: {
    plain: 'ipv4',
    // The one row that could be read to its end.
    dualStack: { name: ofApi('logs'), regions: ['us-east-2'] },
    source: `${GENERAL}/cwl_region.html (2026-11-29)`,
  },
  cloudwatch: {
    label: 'monitoring',
    plain: 'ipv4',
    dualStack: { name: ofApi('monitoring'), regions: except(...UNLISTED) },
    source: `${GENERAL}/cw_region.html (2026-09-26)`,
  },
  s3: {
    plain: 'ipv4',
    dualStack: { name: (region) => `s3.dualstack.${region}.amazonaws.com`, regions: LISTED },
    gateway: true,
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/API/dual-stack-endpoints.html (2026-11-29)',
  },
  secretsmanager: {
    plain: 'dual-stack',
    source: 'https://docs.aws.amazon.com/secretsmanager/latest/userguide/ip-access.html (2026-11-29)',
  },
  sqs: {
    plain: 'dual-stack',
    source:
      'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dual-stack.html (2026-11-29)',
  },
  ssm: {
    plain: 'ipv4',
    dualStack: { name: ofApi('ssm'), regions: except(...UNLISTED) },
    source: `${GENERAL}/ssm.html (2026-11-29)`,
  },
  ssmmessages: {
    plain: 'ipv4',
    source:
      'https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-setting-up-messageAPIs.html (2026-11-29)',
  },
} as const satisfies Record<string, ServiceEndpoint>;

export type NodeService = keyof typeof SERVICE_ENDPOINTS;

/**
 * Suffix of plain names, by partition.
 *
 * Source: `aws-cdk-lib/region-info` 2.276.0 (test/facts/endpoints.test.ts compares)
 */
const SUFFIXES: Readonly<Record<string, string>> = {
  'aws-cn': 'amazonaws.com.cn',
  'aws-eusc': 'amazonaws.eu',
  'aws-iso': 'c2s.ic.gov',
  'aws-iso-b': 'sc2s.sgov.gov',
  'aws-iso-e': 'cloud.adc-e.uk',
  'aws-iso-f': 'csp.hci.ic.gov',
};

/** The plain name of a service in a region, `<label>.<region>.<suffix of the partition>`. */
export function regionalName(label: string, region: string): string {
  return `${label}.${region}.${SUFFIXES[partitionOf(region)] ?? 'amazonaws.com'}`;
}

/** One name of a service, and how the AWS command line comes to use it. */
export interface EndpointName {
  readonly name: string;
  /** `plain` without AWS_USE_DUALSTACK_ENDPOINT, `dual-stack` with it. */
  readonly kind: 'plain' | 'dual-stack';
  readonly answersIpv6: boolean;
}

/**
 * The documented names of a service in a region, the preferred first: what answers over both protocols, so that a node
 * without a way out for IPv4 finds it at once; but the plain one where the network has a gateway endpoint.
 */
export function endpointNames(service: NodeService, region: string): readonly EndpointName[] {
  const { label = service, plain, dualStack, gateway = false }: ServiceEndpoint = SERVICE_ENDPOINTS[service];
  const plainName: EndpointName = {
    name: regionalName(label, region),
    kind: 'plain',
    answersIpv6: plain === 'dual-stack',
  };
  if (!dualStack?.regions.includes(region)) return [plainName];
  const both: EndpointName = { name: dualStack.name(region), kind: 'dual-stack', answersIpv6: true };
  return gateway ? [plainName, both] : [both, plainName];
}
