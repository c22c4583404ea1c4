import { isTree, type Tree } from './values';

/** Marks what stands for an output of another stack: `${stack|output}`. */
export const ACROSS = '|';

/**
 * A value of a template as one text. What only CloudFormation can fill in stands as `${Id}` or `${Id.Attribute}`, an
 * output of another stack as `${stack|output}`, and what is not understood as JSON, so that two values that differ
 * never read alike.
 */
export function rendered(value: unknown): string {
  if (typeof value === 'string') return value;
  if (!isTree(value)) return JSON.stringify(value) ?? '';
  const [[name, argument] = ['', undefined], ...others] = Object.entries(value);
  return (others.length === 0 ? intrinsic(name, argument) : undefined) ?? JSON.stringify(value);
}

function intrinsic(name: string, argument: unknown): string | undefined {
  switch (name) {
    case 'Ref':
      return `\${${rendered(argument)}}`;
    case 'Fn::GetAtt':
      return `\${${(Array.isArray(argument) ? argument : [argument]).map(rendered).join('.')}}`;
    case 'Fn::Join': {
      const [separator, parts] = Array.isArray(argument) ? argument : [];
      return Array.isArray(parts) ? parts.map(rendered).join(String(separator)) : undefined;
    }
    case 'Fn::Base64':
      return rendered(argument);
    case 'Fn::Sub': {
      const [text, variables] = Array.isArray(argument) ? argument : [argument];
      if (typeof text !== 'string') return undefined;
      const own: Tree = isTree(variables) ? variables : {};
      return text.replace(/\$\{([^!}][^}]*)\}/g, (whole, key: string) =>
        Object.hasOwn(own, key) ? rendered(own[key]) : whole,
      );
    }
    case 'Fn::ImportValue':
      return `\${${rendered(argument).replace(':', ACROSS)}}`;
    case 'Fn::GetStackOutput': {
      if (!isTree(argument)) return undefined;
      return `\${${rendered(argument['StackName'])}${ACROSS}${rendered(argument['OutputName'])}}`;
    }
    default:
      return undefined;
  }
}

/** The logical ids of the own stack that a rendered text names. */
export function idsIn(text: string): string[] {
  return [...text.matchAll(/\$\{([A-Za-z0-9]+)(?:\.[^}]*)?\}/g)].map(([, id = '']) => id);
}
