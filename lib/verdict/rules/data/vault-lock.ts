import { counted } from '../../../template/counted';
import { rendered } from '../../../template/render-value';
import { inside } from '../../../template/values';
import type { ResourceChange } from '../../changes/comparison';
import type { Finding } from '../../finding';
import type { Check } from '../../rule';

export const VAULT_LOCK: Check = {
  rules: [
    {
      id: 'vault-lock',
      severity: 'note',
      summary: 'A backup vault gets a lock that cannot be lifted after its grace period.',
      why: 'Recovery points stay, and are paid for, until their retention ends.',
      source: 'https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html',
    },
  ],
  find: ({ changes }) => lastingLocks(changes),
};

/**
 * Locks on recovery points that come, and that nobody can lift once their days of grace are over.
 *
 * Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
 */
export function lastingLocks(changes: ReadonlyMap<string, ResourceChange>): Finding[] {
  return [...changes.values()].flatMap(({ stack, id, type, was, is }): Finding[] => {
    if (type !== 'AWS::Backup::BackupVault' || is === undefined) return [];
    const [before, after] = [was, is].map((one) => one && inside(one, 'LockConfiguration', 'ChangeableForDays'));
    if (after === undefined || before !== undefined) return [];
    return [
      {
        severity: 'note',
        rule: 'vault-lock',
        stack,
        id,
        message: `${counted(rendered(after), 'day')} after this is deployed nobody can lift its lock any more, AWS neither: what lies in it stays until its time is over, and is paid for until then`,
        source: 'https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html',
      },
    ];
  });
}
