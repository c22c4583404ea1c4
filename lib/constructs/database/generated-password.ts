import { RemovalPolicy } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';
import { acknowledge } from '../../policies/acknowledge';

/** A database for which the constructs library has made up a password. */
export interface WithGeneratedPassword extends IConstruct {
  readonly secret?: secretsmanager.ISecret;
}

/**
 * Lets the password of a database outlive its template, as the database does.
 *
 * @returns The secret, with the address of the database in it.
 * @throws Error when the database has no generated password.
 */
export function keptPasswordOf(database: WithGeneratedPassword): secretsmanager.ISecret {
  const { secret } = database;
  if (secret === undefined) throw new Error('a database with generated credentials has a secret');
  for (const made of database.node.findAll().filter((part) => part instanceof secretsmanager.Secret)) {
    made.applyRemovalPolicy(RemovalPolicy.RETAIN);
    acknowledge(
      made,
      'AwsSolutions-SMG4',
      'The administrator serves no user: an operator changes it, and what rotates is what releases log in with.',
    );
  }
  return secret;
}
