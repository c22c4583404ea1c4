import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { acknowledge } from '../../policies/acknowledge';
import { PublishedParameters } from '../parameters/published-parameters';

/** Role of the box's database by which a move comes to it: the box makes it, and takes it away (open-database.sh). */
const USER = 'beamstalk_mover';

/** Login of a move to the database of the box. The password opens nothing before the box has made the role, and made anew it is as good. */
export class BoxLogin extends Construct {
  readonly secretArn: string;

  constructor(scope: Construct, id: string, { environment }: { readonly environment: string }) {
    super(scope, id);
    const secret = new secretsmanager.Secret(this, 'Secret', {
      description: `How data of ${environment} leave the database of the single server`,
      generateSecretString: {
        secretStringTemplate: Stack.of(this).toJsonString({ username: USER }),
        generateStringKey: 'password',
        passwordLength: 32,
        excludePunctuation: true,
      },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    acknowledge(secret, 'AwsSolutions-SMG4', 'It is there while a climb expands, and its role while a move is open.');
    this.secretArn = secret.secretArn;
    new PublishedParameters(this, 'Published', {
      environment,
      topic: 'mover',
      values: { 'box-secret': this.secretArn },
    });
  }
}
