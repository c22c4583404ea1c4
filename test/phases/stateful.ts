/**
 * Types whose resources hold data that nothing can bring back. The service specification marks few of them, so the
 * list is ours. A read replica holds nothing of its own and is not meant: see `holdsData`.
 */
const STATEFUL_TYPES = new Set([
  'AWS::EC2::Volume',
  'AWS::ElastiCache::ReplicationGroup',
  'AWS::RDS::DBInstance',
  'AWS::RDS::DBSubnetGroup',
  'AWS::S3::Bucket',
  'AWS::SecretsManager::Secret',
]);

export function isStateful(resource: {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}): boolean {
  return STATEFUL_TYPES.has(resource.Type) && resource.Properties?.['SourceDBInstanceIdentifier'] === undefined;
}
