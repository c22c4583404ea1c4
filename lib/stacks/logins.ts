import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Architecture } from '../architecture/architecture';
import { ApplicationLogin } from '../constructs/database/application-login';
import { CredentialsFunction } from '../constructs/database/credentials-function';
import { LimitlessStore } from '../constructs/sharding/limitless-store';
import { PasswordsWatch } from '../constructs/watching/passwords-watch';
import type { Watch } from '../constructs/watching/watch';
import type { DataStack } from './data';
import type { FederationStack } from './federation';
import type { NetworkStack } from './network';
import { keepPublished } from './published-output';
import type { ShardsStack } from './shards';

export interface LoginsStackProps extends StackProps {
  readonly architecture: Architecture;
  readonly network: NetworkStack;
  readonly data: DataStack;
  readonly federation?: FederationStack;
  readonly shards?: ShardsStack;
}

/**
 * How releases log in to databases: a role and a secret for each, made by one function, which also rotates them. Beside
 * the stacks of the databases, whose templates are nearly full with sixteen functions.
 */
export class LoginsStack extends Stack {
  /** Of every database that nodes work on. */
  readonly logins: readonly ApplicationLogin[];
  /** Rotations that failed. */
  readonly watch: Watch;

  constructor(
    scope: Construct,
    id: string,
    { architecture, network, data, federation, shards, ...props }: LoginsStackProps,
  ) {
    super(scope, id, { terminationProtection: true, ...props });
    const { environment, logDays, sharding } = architecture;
    const { vpc } = network;
    const maker = new CredentialsFunction(this, 'Credentials', { environment, vpc, logDays });
    this.watch = new PasswordsWatch(this, 'Watch', { environment, handler: maker.handler });
    const common = { environment, maker };
    const logins: ApplicationLogin[] = [];
    const single = data.database ?? data.formerDatabase;
    if (single) {
      const published = data.database !== undefined;
      const { passwordDays } = architecture.database ?? architecture.formerDatabase ?? {};
      const login = new ApplicationLogin(this, 'Database', {
        ...common,
        topic: 'database',
        database: single,
        passwordDays,
        published,
      });
      if (published) logins.push(login);
      else keepPublished(this, login.secretArn);
    }
    for (const { plan, database: own } of federation?.databases ?? []) {
      const of = { topic: `database/${plan.function}`, database: own, passwordDays: plan.passwordDays };
      logins.push(new ApplicationLogin(this, `Function-${plan.function}`, { ...common, ...of }));
    }
    if (sharding?.engine === 'limitless' && shards?.store instanceof LimitlessStore) {
      const { store } = shards;
      const of = { topic: 'shards', database: store, target: store.target, passwordDays: sharding.passwordDays };
      logins.push(new ApplicationLogin(this, 'Limitless', { ...common, ...of }));
    }
    this.logins = logins;
  }
}
