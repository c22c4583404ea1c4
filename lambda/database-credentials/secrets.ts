import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';

export type Stage = 'AWSCURRENT' | 'AWSPENDING';

/** One secret of Secrets Manager, with the versions of which one is current and one may be on its way. */
export class VersionedSecret {
  private readonly client = new SecretsManagerClient({});

  constructor(
    private readonly arn: string,
    private readonly abortSignal: AbortSignal,
  ) {}

  /** Stages of each version, by its id. */
  async stages(): Promise<ReadonlyMap<string, readonly string[]>> {
    const { VersionIdsToStages = {} } = await this.client.send(
      new DescribeSecretCommand({ SecretId: this.arn }),
      this.options,
    );
    return new Map(Object.entries(VersionIdsToStages));
  }

  async current(): Promise<string> {
    return textOf(await this.client.send(new GetSecretValueCommand({ SecretId: this.arn }), this.options));
  }

  /** The version on its way, or undefined when it has no value yet. */
  async pending(VersionId: string): Promise<string | undefined> {
    const command = new GetSecretValueCommand({ SecretId: this.arn, VersionId, VersionStage: 'AWSPENDING' });
    try {
      return textOf(await this.client.send(command, this.options));
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }

  async putPending(ClientRequestToken: string, SecretString: string): Promise<void> {
    const VersionStages = ['AWSPENDING' satisfies Stage];
    await this.client.send(
      new PutSecretValueCommand({ SecretId: this.arn, ClientRequestToken, SecretString, VersionStages }),
      this.options,
    );
  }

  /** Makes a version the current one; the one before becomes AWSPREVIOUS by itself. */
  async makeCurrent(version: string, before: string | undefined): Promise<void> {
    await this.client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: this.arn,
        VersionStage: 'AWSCURRENT' satisfies Stage,
        MoveToVersionId: version,
        ...(before !== undefined && { RemoveFromVersionId: before }),
      }),
      this.options,
    );
  }

  private get options(): { readonly abortSignal: AbortSignal } {
    return { abortSignal: this.abortSignal };
  }
}

function textOf({ SecretString }: { readonly SecretString?: string | undefined }): string {
  if (SecretString === undefined) throw new Error('the secret holds no text');
  return SecretString;
}
