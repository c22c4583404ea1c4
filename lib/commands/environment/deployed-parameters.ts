import type { SSMClient } from '@aws-sdk/client-ssm';
import { answered } from './answered';
import { OperatorError } from './operator-error';

/** Parameters of one environment, below `/beamstalk/<environment>/`; names are relative to that. */
export class DeployedParameters {
  constructor(
    private readonly client: SSMClient,
    private readonly environment: string,
    private readonly region: string,
  ) {}

  static async in(environment: string, region: string): Promise<DeployedParameters> {
    const { SSMClient } = await import('@aws-sdk/client-ssm');
    return new DeployedParameters(new SSMClient({ region }), environment, region);
  }

  /** All that there is, by name. Reads no secret: those are names of Secrets Manager. */
  async all(): Promise<ReadonlyMap<string, string>> {
    const { paginateGetParametersByPath } = await import('@aws-sdk/client-ssm');
    const path = this.full('');
    const pages = paginateGetParametersByPath({ client: this.client }, { Path: path, Recursive: true });
    const found = new Map<string, string>();
    await answered(`read the parameters below ${path}`, async () => {
      for await (const { Parameters = [] } of pages) {
        for (const { Name = '', Value = '' } of Parameters) found.set(Name.slice(path.length), Value);
      }
    });
    return found;
  }

  /** Values of at most ten names; what is not there is left out. */
  async read<Name extends string>(names: readonly Name[]): Promise<Partial<Record<Name, string>>> {
    const { GetParametersCommand } = await import('@aws-sdk/client-ssm');
    const command = new GetParametersCommand({ Names: names.map((name) => this.full(name)) });
    const answer = await answered(`read the parameters of ${this.environment}`, () => this.client.send(command));
    const found: Partial<Record<Name, string>> = {};
    for (const name of names) {
      const value = answer?.Parameters?.find(({ Name }) => Name === this.full(name))?.Value;
      if (value !== undefined) found[name] = value;
    }
    return found;
  }

  /** Values that a parameter has had, the newest first; empty when it is not there. At most the last 100. */
  async history(name: string): Promise<string[]> {
    const { paginateGetParameterHistory } = await import('@aws-sdk/client-ssm');
    const values: { readonly version: number; readonly value: string }[] = [];
    await answered(`read the history of ${this.full(name)}`, async () => {
      for await (const { Parameters = [] } of paginateGetParameterHistory(
        { client: this.client },
        { Name: this.full(name) },
      )) {
        for (const { Version = 0, Value = '' } of Parameters) values.push({ version: Version, value: Value });
      }
    });
    return values.sort((one, other) => other.version - one.version).map(({ value }) => value);
  }

  async write(name: string, value: string): Promise<void> {
    const { PutParameterCommand } = await import('@aws-sdk/client-ssm');
    const command = new PutParameterCommand({ Name: this.full(name), Value: value, Type: 'String', Overwrite: true });
    await answered(`write ${this.full(name)}`, () => this.client.send(command));
  }

  /** Writes a parameter that is not there yet; false when it is. */
  async make(name: string, value: string): Promise<boolean> {
    const { PutParameterCommand } = await import('@aws-sdk/client-ssm');
    const command = new PutParameterCommand({ Name: this.full(name), Value: value, Type: 'String', Overwrite: false });
    const made = await answered(`write ${this.full(name)}`, async () => {
      try {
        await this.client.send(command);
        return true;
      } catch (error) {
        if (error instanceof Error && error.name === 'ParameterAlreadyExists') return false;
        throw error;
      }
    });
    return made === true;
  }

  async remove(name: string): Promise<void> {
    const { DeleteParameterCommand } = await import('@aws-sdk/client-ssm');
    const command = new DeleteParameterCommand({ Name: this.full(name) });
    await answered(`remove ${this.full(name)}`, async () => {
      try {
        await this.client.send(command);
      } catch (error) {
        // Somebody else has removed it.
        if (!(error instanceof Error && error.name === 'ParameterNotFound')) throw error;
      }
    });
  }

  /** Complaint about an environment of which nothing is there. */
  notDeployed(): OperatorError {
    return new OperatorError(
      `${this.environment} is not deployed in ${this.region}: nothing is below ${this.full('')}; deploy it with \`npx cdk deploy --all --context env=${this.environment}\`, or see whose account AWS_PROFILE names`,
    );
  }

  private full(name: string): string {
    return `/beamstalk/${this.environment}/${name}`;
  }
}
