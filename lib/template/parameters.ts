import { isTree, type Tree } from './values';

/** A parameter of a template, as far as its values are known from there. */
export interface Parameter {
  readonly default?: unknown;
  /** The only values that it may have, when the template says them. */
  readonly allowed?: readonly unknown[];
}

/**
 * The parameters of a template. A deployed stack may have been given other values than the defaults.
 *
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
 */
export function parametersOf(section: unknown): ReadonlyMap<string, Parameter> {
  const entries = Object.entries(isTree(section) ? section : {});
  return new Map(
    entries.flatMap(([name, parameter]) => {
      if (!isTree(parameter)) return [];
      const { AllowedValues: allowed } = parameter;
      const value = defaultOf(parameter);
      return [
        [name, { ...(value !== undefined && { default: value }), ...(Array.isArray(allowed) && { allowed }) }] as const,
      ];
    }),
  );
}

/** Default of a parameter; a secret stays a reference, so that it is not taken for text. */
function defaultOf({ Type: type, Default: value, NoEcho: secret }: Tree): unknown {
  if (value === undefined || String(secret) === 'true') return undefined;
  if (typeof type !== 'string') return value;
  // The default names a parameter of Systems Manager, which holds the value.
  if (type.startsWith('AWS::SSM::Parameter::Value<')) return `{{resolve:ssm:${String(value)}}}`;
  if (type !== 'CommaDelimitedList' && !type.startsWith('List<')) return value;
  return Array.isArray(value)
    ? value
    : String(value)
        .split(',')
        .map((one) => one.trim());
}
