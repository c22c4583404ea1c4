import { RemovalPolicy } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { acknowledge } from '../../policies/acknowledge';
import { PublishedParameters } from '../parameters/published-parameters';
import type { NodeFleet } from './node-fleet';

export interface CookieProps {
  readonly environment: string;
  readonly fleet: NodeFleet;
}

/** The Erlang cookie, which joins the nodes of a fleet. It authenticates nobody: certificates and the network keep strangers out. */
export class Cookie extends Construct {
  private readonly secret: secretsmanager.ISecret;

  constructor(scope: Construct, id: string, { environment, fleet }: CookieProps) {
    super(scope, id);
    const secret = new secretsmanager.Secret(this, 'Secret', {
      description: `Erlang cookie of ${environment}`,
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    acknowledge(
      secret,
      'AwsSolutions-SMG4',
      'Nodes with different cookies part: it changes with the whole fleet or not at all.',
    );
    this.secret = secret;
    this.letRead(fleet);
    new PublishedParameters(this, 'Published', {
      environment,
      topic: 'app',
      values: { 'cookie-secret': secret.secretArn },
    });
  }

  /** A box that boots while a climb expands finds the parameter, and must be able to follow it. */
  letRead(fleet: NodeFleet): void {
    this.secret.grantRead(fleet);
  }
}
