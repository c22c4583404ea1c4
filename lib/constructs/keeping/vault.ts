import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { OperationsPlan } from '../../architecture/automation';

/**
 * Least days for which a locked vault keeps what comes in: the least that the configuration can ask for. A lock in
 * compliance mode cannot be lowered, and a backup that is to be kept for a shorter time would fail.
 */
const LEAST_DAYS = 7;

/** Days in which a lock in compliance mode can still be taken off; AWS allows no fewer. */
const GRACE = Duration.days(3);

export interface VaultProps {
  readonly environment: string;
  readonly lock: OperationsPlan['vaultLock'];
}

/**
 * Vault of the backups. With a key of its own, because the key of a vault cannot be changed later, and backups under the
 * key that AWS manages could never be shared with another account, where a copy is safe from whoever takes over this one.
 */
export class Vault extends Construct {
  readonly vault: backup.BackupVault;

  constructor(scope: Construct, id: string, { environment, lock }: VaultProps) {
    super(scope, id);
    this.vault = new backup.BackupVault(this, 'Vault', {
      encryptionKey: new kms.Key(this, 'Key', {
        description: `Backups of ${environment}`,
        enableKeyRotation: true,
        removalPolicy: RemovalPolicy.RETAIN,
      }),
      // Its name is fixed: kept from a creation that failed, it would stand in the way of the next.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      ...(lock !== 'none' && {
        lockConfiguration: {
          minRetention: Duration.days(LEAST_DAYS),
          // Without it whoever has the permission can take the lock off, which is what governance means.
          ...(lock === 'compliance' && { changeableFor: GRACE }),
        },
      }),
    });
  }
}
