/** Error that AWS answers with. */
export class Refusal extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Parameters as Parameter Store keeps them: made once without `Overwrite`, with a history. */
export class ParameterStore {
  private readonly parameters = new Map<string, string[]>();

  put(name: string, value: string): void {
    this.parameters.set(name, [...(this.parameters.get(name) ?? []), value]);
  }

  value(name: string): string | undefined {
    return this.parameters.get(name)?.at(-1);
  }

  /** Answer to an operation; undefined when it is none of this service. */
  reply(operation: string, body: Readonly<Record<string, unknown>>): object | undefined {
    const name = String(body['Name']);
    const values = this.parameters.get(name);
    switch (operation) {
      case 'GetParameters':
        return {
          Parameters: (body['Names'] as string[]).flatMap((one) => {
            const value = this.parameters.get(one)?.at(-1);
            return value === undefined ? [] : [{ Name: one, Value: value }];
          }),
        };
      case 'GetParametersByPath':
        return {
          Parameters: [...this.parameters]
            .filter(([one]) => one.startsWith(String(body['Path'])))
            .map(([Name, all]) => ({ Name, Value: all.at(-1) })),
        };
      case 'GetParameterHistory':
        if (values === undefined) throw new Refusal('ParameterNotFound', name);
        return { Parameters: values.map((Value, index) => ({ Name: name, Value, Version: index + 1 })) };
      case 'PutParameter':
        if (values !== undefined && body['Overwrite'] !== true) throw new Refusal('ParameterAlreadyExists', name);
        this.parameters.set(name, [...(values ?? []), String(body['Value'])]);
        return { Version: (values?.length ?? 0) + 1 };
      case 'DeleteParameter':
        if (!this.parameters.delete(name)) throw new Refusal('ParameterNotFound', name);
        return {};
      default:
        return undefined;
    }
  }
}
