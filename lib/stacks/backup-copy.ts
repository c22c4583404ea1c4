import { Stack, type StackProps } from 'aws-cdk-lib';
import type * as backup from 'aws-cdk-lib/aws-backup';
import type { Construct } from 'constructs';
import type { Architecture } from '../architecture/architecture';
import type { OperationsPlan } from '../architecture/automation';
import { Vault } from '../constructs/keeping/vault';

export interface BackupCopyStackProps extends StackProps {
  readonly architecture: Architecture;
  readonly lock: OperationsPlan['vaultLock'];
}

/**
 * A vault in another region, which gets a copy of each backup. One of our own, because the default vault of a region
 * exists only where somebody has opened AWS Backup before, and has no lock.
 */
export class BackupCopyStack extends Stack {
  readonly vault: backup.IBackupVault;

  constructor(scope: Construct, id: string, { architecture, lock, ...props }: BackupCopyStackProps) {
    super(scope, id, { terminationProtection: true, ...props });
    this.vault = new Vault(this, 'Copy', { environment: architecture.environment, lock }).vault;
  }
}
