import type * as rds from 'aws-cdk-lib/aws-rds';

/** Name of the group of subnets that an instance is in. */
export function subnetGroupOf(database: rds.DatabaseInstance): string {
  const { dbSubnetGroupName } = database.node.defaultChild as rds.CfnDBInstance;
  if (dbSubnetGroupName === undefined) throw new Error(`${database.node.path} is in no group of subnets`);
  return dbSubnetGroupName;
}
