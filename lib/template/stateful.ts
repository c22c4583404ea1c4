import { HOLDS } from './holds';
import { isSam } from './sam';
import { isKnown } from './specification';
import type { TemplateResource } from './template';

/** Types that the service specification does not know and of which we know that they hold nothing. */
const KNOWN_EMPTY: ReadonlySet<string> = new Set([
  'AWS::CDK::Metadata',
  // Custom resources of aws-cdk-lib: the rules of a default security group, files copied into a bucket from the bundle
  // of the app, notifications, records, providers and values that are read again with every change.
  'Custom::AWSCDKOpenIdConnectProvider',
  'Custom::CDKBucketDeployment',
  'Custom::CloudwatchLogResourcePolicy',
  'Custom::CrossAccountZoneDelegation',
  'Custom::CrossRegionExportReader',
  'Custom::CrossRegionExportWriter',
  'Custom::CrossRegionStringParameterReader',
  'Custom::DescribeCognitoUserPoolClient',
  'Custom::DnsValidatedCertificate',
  'Custom::LogRetention',
  'Custom::S3BucketNotifications',
  'Custom::UserPoolCloudFrontDomainName',
  'Custom::VpcRestrictDefaultSG',
  // Our own gate: every climb updates it, and it keeps one identity (lambda/phase-gate).
  'Custom::PhaseGate',
  // Our own making of roles, which stay in their database (lambda/database-credentials).
  'Custom::DatabaseRoles',
  // Our own way of a table into the warehouse, which fills again from the table (lib/constructs/warehouse).
  'Custom::WarehouseFeed',
  // Our own limit to what the warehouse spends (lib/constructs/warehouse).
  'Custom::WarehouseUsageLimit',
]);

/** Contents that would be lost with a resource; undefined when it holds none. */
export function holds(resource: TemplateResource): string | undefined {
  const { Type, Properties = {} } = resource;
  if (isReplica(resource)) return undefined;
  // An instance of a cluster holds nothing: the cluster's storage does.
  if (Type === 'AWS::RDS::DBInstance' && Properties['DBClusterIdentifier'] !== undefined) return undefined;
  // An instance that passes on what is not for itself, such as a NAT instance, holds nothing (docs/adr/0030-*).
  if (Type === 'AWS::EC2::Instance' && String(Properties['SourceDestCheck']) === 'false') return undefined;
  const listed = HOLDS[Type];
  if (listed !== undefined) return listed;
  if (isUnknown(Type)) return 'nobody knows what: the service specification does not know this type';
  // The specification also marks log groups (events with an expiry date are history, not state), clusters of EMR, which
  // work on data that lies in S3, and instances of clusters. An Elastic IP is an address: losing it moves users, not data.
  return undefined;
}

/** True when the effect of changing this type is unknown. */
export function isUnknown(type: string): boolean {
  return !KNOWN_EMPTY.has(type) && !isSam(type) && !isKnown(type);
}

/** A copy that RDS makes and keeps from another instance: it can be made again at any time. */
export function isReplica({ Type, Properties = {} }: TemplateResource): boolean {
  return Type === 'AWS::RDS::DBInstance' && Properties['SourceDBInstanceIdentifier'] !== undefined;
}

/** True when a resource stays in the account after it leaves its template. */
export function isKept({ DeletionPolicy }: TemplateResource): boolean {
  return DeletionPolicy === 'Retain' || DeletionPolicy === 'RetainExceptOnCreate';
}

/** The types on the list, for tests. */
export const STATEFUL_TYPES: readonly string[] = Object.keys(HOLDS);
