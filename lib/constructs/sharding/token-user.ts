import { CustomResource, Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { CredentialsFunction } from '../database/credentials-function';

export interface TokenUserProps {
  readonly environment: string;
  readonly maker: CredentialsFunction;
  /** It has to let its maker in. */
  readonly cluster: {
    readonly host: string;
    readonly database: string;
    /** ARN of the administrator's secret. */
    readonly secretArn: string;
  };
}

/** Longer than the function's own time, so that a function that never answers holds a deployment up no longer. */
const SERVICE_TIMEOUT = Duration.minutes(12);

/**
 * The role of an application in one sharded cluster: a user without a password, who logs in with a token that IAM signs.
 * The administrator's secret, which RDS changes every seven days, is for no node.
 */
export class TokenUser extends Construct {
  constructor(scope: Construct, id: string, { environment, maker, cluster }: TokenUserProps) {
    super(scope, id);
    // Of its own: another cluster must not change what is there for this one.
    const reads = new iam.Policy(this, 'Reads', {
      roles: [maker.role],
      statements: [
        new iam.PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [cluster.secretArn] }),
      ],
    });
    const user = new CustomResource(this, 'Roles', {
      resourceType: 'Custom::DatabaseRoles',
      serviceToken: maker.handler.functionArn,
      serviceTimeout: SERVICE_TIMEOUT,
      properties: {
        MasterSecret: cluster.secretArn,
        Host: cluster.host,
        Port: '5432',
        Database: cluster.database,
        TokenUser: tokenUserOf(environment),
      },
    });
    // The way in and the permissions, too.
    user.node.addDependency(maker, reads);
  }
}

/** The database role that nodes of an environment log in as with a token; it bears its name and is on no other. */
export function tokenUserOf(environment: string): string {
  return `beamstalk_${environment.replaceAll('-', '_')}`;
}
