import { Duration } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { Watch } from './watch';

export interface PasswordsWatchProps {
  readonly environment: string;
  /** The function that makes roles and changes passwords. */
  readonly handler: lambda.IFunction;
}

/** Rotations of database passwords: one that fails is an error of its function. */
export class PasswordsWatch extends Watch {
  constructor(scope: Construct, id: string, { environment, handler }: PasswordsWatchProps) {
    const errors = handler.metricErrors({ statistic: 'Sum', period: Duration.minutes(5) });
    super(scope, id, {
      environment,
      subject: 'passwords',
      tier: 'data',
      alarms: [
        {
          name: 'rotation',
          title:
            "A database password was not changed, and nobody is locked out. The function's log says why: nodes that still live by the old one are named, and have to be replaced. It is tried again.",
          weight: 'cause',
          metric: errors,
          when: { above: 0 },
          points: [1, 1],
          silence: 'well',
        },
      ],
      graphs: [{ title: 'rotations of passwords that failed', left: [errors] }],
    });
  }
}
