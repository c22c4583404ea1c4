import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

export interface KeptTableProps {
  readonly partitionKey: dynamodb.Attribute;
  readonly sortKey?: dynamodb.Attribute;
  readonly timeToLiveAttribute?: string;
  /** True when its changes can be followed, with the item before and after. */
  readonly stream?: boolean;
  readonly contributorInsights?: boolean;
  /** True when a zero-ETL integration of this account may export it. */
  readonly exported?: boolean;
}

/**
 * A DynamoDB table that is not lost: on demand, recoverable to any second of 35 days, protected, kept. Encrypted with
 * the key that DynamoDB owns, which costs nothing and which no mistake of ours can take away; a key of our own would
 * only be worth its risk where an auditor asks who used it.
 */
export class KeptTable extends Construct {
  readonly table: dynamodb.TableV2;

  constructor(scope: Construct, id: string, props: KeptTableProps) {
    super(scope, id);
    const {
      partitionKey,
      sortKey,
      timeToLiveAttribute,
      stream = false,
      contributorInsights = false,
      exported = false,
    } = props;
    this.table = new dynamodb.TableV2(this, 'Table', {
      partitionKey,
      ...(sortKey && { sortKey }),
      ...(timeToLiveAttribute !== undefined && { timeToLiveAttribute }),
      billing: dynamodb.Billing.onDemand(),
      encryption: dynamodb.TableEncryptionV2.dynamoOwnedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      ...(stream && { dynamoStream: dynamodb.StreamViewType.NEW_AND_OLD_IMAGES }),
      contributorInsightsSpecification: { enabled: contributorInsights },
      ...(exported && { resourcePolicy: exportPolicy(this) }),
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }
}

/**
 * Lets Redshift export the table for an integration of this account and region. Access that only a table can give: the
 * integration and the warehouse come later, and name it. Which actions it takes is assumed, until an integration was made
 * in an account.
 */
function exportPolicy(scope: Construct): iam.PolicyDocument {
  const stack = Stack.of(scope);
  return new iam.PolicyDocument({
    statements: [
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('redshift.amazonaws.com')],
        actions: ['dynamodb:ExportTableToPointInTime', 'dynamodb:DescribeTable', 'dynamodb:DescribeExport'],
        // Of the table that bears this policy, and of its exports.
        resources: ['*'],
        conditions: {
          StringEquals: { 'aws:SourceAccount': stack.account },
          ArnLike: {
            'aws:SourceArn': stack.formatArn({
              service: 'redshift',
              resource: 'integration',
              resourceName: '*',
              arnFormat: ArnFormat.COLON_RESOURCE_NAME,
            }),
          },
        },
      }),
    ],
  });
}
