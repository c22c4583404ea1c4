import { identifiersOf, replacementBy } from './specification';

/**
 * Properties by which a service tells resources of a type apart, where the specification identifies them by something
 * else, or by less: a name, and what it is a name in.
 *
 * Source: the page of each type, https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/ (2026-11-29)
 */
const UNIQUE: Readonly<Record<string, readonly string[]>> = {
  'AWS::CloudFront::Function': ['Name'],
  'AWS::DocDB::DBCluster': ['DBClusterIdentifier'],
  'AWS::DocDB::DBInstance': ['DBInstanceIdentifier'],
  'AWS::EC2::LaunchTemplate': ['LaunchTemplateName'],
  'AWS::EC2::SecurityGroup': ['GroupName', 'VpcId'],
  'AWS::ECS::Service': ['ServiceName', 'Cluster'],
  'AWS::EKS::Nodegroup': ['NodegroupName', 'ClusterName'],
  'AWS::ElasticLoadBalancingV2::LoadBalancer': ['Name'],
  'AWS::ElasticLoadBalancingV2::TargetGroup': ['Name'],
  'AWS::Events::Rule': ['Name', 'EventBusName'],
  'AWS::IAM::ManagedPolicy': ['ManagedPolicyName'],
  'AWS::ImageBuilder::Component': ['Name', 'Version'],
  'AWS::ImageBuilder::ContainerRecipe': ['Name', 'Version'],
  'AWS::ImageBuilder::ImageRecipe': ['Name', 'Version'],
  'AWS::ImageBuilder::Workflow': ['Name', 'Version'],
  'AWS::Lambda::Alias': ['Name', 'FunctionName'],
  'AWS::MSK::Cluster': ['ClusterName'],
  'AWS::Route53::RecordSet': ['Name', 'Type', 'HostedZoneId', 'HostedZoneName', 'SetIdentifier'],
  'AWS::SNS::Topic': ['TopicName'],
  'AWS::SQS::Queue': ['QueueName'],
  'AWS::SecretsManager::Secret': ['Name'],
  'AWS::StepFunctions::StateMachine': ['StateMachineName'],
  'AWS::WAFv2::WebACL': ['Name', 'Scope'],
};

/** Parts of an identity that have a standard when they are left out. Any other part is then made up, and unique. */
const STANDARD: ReadonlySet<string> = new Set([
  ...['Cluster', 'EventBusName', 'HostedZoneId', 'HostedZoneName', 'SetIdentifier', 'VpcId'],
]);

/** Types whose names more than one resource may have: a second of one name is another version, or simply another. */
const SHARED =
  /^AWS::(EMR|EMRServerless|EMRContainers)::|^AWS::(ApiGateway::(ApiKey|RequestValidator)|AppRunner::\w+Configuration|Athena::NamedQuery|Batch::JobDefinition|GreengrassV2::Deployment|IoTWireless::\w+)$/;

/** Types of which there is one of a name in an account, in whatever region it is made. */
const GLOBAL = /^AWS::(CloudFront|IAM|Route53)::|^AWS::S3::Bucket$/;

/**
 * The properties that name a resource of a type physically, all of them together: no second one with the same can be
 * made. Undefined when a template cannot set them, and where names may be shared.
 */
export function identityOf(type: string): readonly string[] | undefined {
  if (SHARED.test(type)) return undefined;
  const isFixed = (name: string): boolean => replacementBy(type, name) === 'yes';
  const unique = UNIQUE[type] ?? identifiersOf(type).find((parts) => parts.every(isFixed));
  if (unique !== undefined) return unique;
  const last = type.split('::').at(-1) ?? '';
  const usual = ['Name', 'GroupName', `${last}Name`, `${last}Identifier`].find(isFixed);
  return usual === undefined ? undefined : [usual];
}

/** True when the specification, or a page of the service, says that nothing else may have the same identity. */
export function isExclusive(type: string): boolean {
  return UNIQUE[type] !== undefined || identifiersOf(type).some((parts) => sameParts(parts, identityOf(type)));
}

function sameParts(parts: readonly string[], others: readonly string[] = []): boolean {
  return parts.length === others.length && parts.every((part) => others.includes(part));
}

/** True for a part of an identity that may be left out without being made up. */
export function hasStandard(part: string): boolean {
  return STANDARD.has(part);
}

/** True when a name is taken in every region. */
export function isGlobal(type: string): boolean {
  return GLOBAL.test(type);
}
