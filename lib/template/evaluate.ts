import { isDeepStrictEqual } from 'node:util';
import { inOneForm } from './one-form';
import { isLiteral, isTree, type Tree } from './values';

/** Known values of what a template leaves open. */
export interface Scope {
  /** Values of parameters, by name; those that are not known are missing. */
  readonly parameters: ReadonlyMap<string, unknown>;
  readonly mappings: Tree;
  /** Maps of the version that it is compared with: a row that only one of both has is no difference of what is read. */
  readonly otherMappings?: Tree;
  /** Definitions of conditions, by name. */
  readonly conditions: Tree;
  readonly assumption: Assumption;
}

/**
 * Values that are taken for granted where a template does not say them: of an operand, by its JSON (see `operandKey`),
 * `ANOTHER` for none of those that it is compared with; of a condition, by its name.
 */
export interface Assumption {
  readonly operands: ReadonlyMap<string, unknown>;
  readonly conditions: ReadonlyMap<string, boolean>;
}

export const NO_ASSUMPTION: Assumption = { operands: new Map(), conditions: new Map() };

/** A value that equals none of those that a template compares it with. */
export const ANOTHER = Symbol('another value');

/** Stands for a property or an item that is left out. */
const NO_VALUE = Symbol('AWS::NoValue');

/**
 * A value with every function of a template carried out that can be: parameters that are known, maps, conditions, and
 * texts put together. What only CloudFormation knows stays as it is written. The same object when nothing changes.
 *
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
export function evaluated(value: unknown, scope: Scope): unknown {
  const result = inner(value, scope);
  return result === NO_VALUE ? undefined : result;
}

/** The key by which an operand of a condition is assumed to have a value, however it is written. */
export function operandKey(operand: unknown): string {
  return JSON.stringify(inOneForm(operand));
}

/** Truth of a condition; undefined when it depends on an unknown value. */
export function truthOf(name: string, scope: Scope): boolean | undefined {
  const assumed = scope.assumption.conditions.get(name);
  return assumed ?? truth(scope.conditions[name], { ...scope, conditions: without(scope.conditions, name) });
}

/** A condition that names itself comes to nothing, instead of to no end. */
function without(conditions: Tree, name: string): Tree {
  const { [name]: _, ...others } = conditions;
  return others;
}

function truth(expression: unknown, scope: Scope): boolean | undefined {
  if (!isTree(expression)) return undefined;
  const [[name, argument] = ['', undefined], ...others] = Object.entries(expression);
  if (others.length > 0) return undefined;
  const operands = Array.isArray(argument) ? (argument as readonly unknown[]) : [];
  switch (name) {
    case 'Condition':
      return typeof argument === 'string' ? truthOf(argument, scope) : undefined;
    case 'Fn::Not': {
      const one = truth(operands[0], scope);
      return one === undefined ? undefined : !one;
    }
    case 'Fn::And':
      return some(operands, scope, false);
    case 'Fn::Or':
      return some(operands, scope, true);
    case 'Fn::Equals':
      return equal(evaluated(operands[0], scope), evaluated(operands[1], scope), scope);
    default:
      return undefined;
  }
}

/** One that decides is enough, whatever the others come to. */
function some(operands: readonly unknown[], scope: Scope, decisive: boolean): boolean | undefined {
  const all = operands.map((one) => truth(one, scope));
  if (all.includes(decisive)) return decisive;
  return all.includes(undefined) ? undefined : !decisive;
}

function equal(first: unknown, second: unknown, { assumption }: Scope): boolean | undefined {
  const [a, b] = [first, second].map((one) => {
    const key = operandKey(one);
    return assumption.operands.has(key) ? assumption.operands.get(key) : one;
  });
  if (a === ANOTHER || b === ANOTHER) return isLiteral(a) || isLiteral(b) ? false : undefined;
  if (isLiteral(a) && isLiteral(b)) return String(a) === String(b);
  return isDeepStrictEqual(inOneForm(a), inOneForm(b)) ? true : undefined;
}

function inner(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => inner(item, scope));
    return items.every((item, index) => item === value[index]) ? value : items.filter((item) => item !== NO_VALUE);
  }
  if (!isTree(value)) return value;
  const names = Object.keys(value);
  const [name] = names;
  if (name !== undefined && names.length === 1) {
    const result = carriedOut(value, name, value[name], scope);
    if (result !== undefined) return result;
  }
  const parts = names.map((one) => inner(value[one], scope));
  if (parts.every((part, index) => part === value[names[index] ?? ''])) return value;
  return Object.fromEntries(names.map((one, index) => [one, parts[index]]).filter(([, part]) => part !== NO_VALUE));
}

/** Value of an intrinsic function; undefined when it is none, or cannot be evaluated. */
function carriedOut(whole: Tree, name: string, argument: unknown, scope: Scope): unknown {
  const list = Array.isArray(argument) ? (argument as readonly unknown[]) : [];
  const [first, second, third] = list;
  switch (name) {
    case 'Ref':
      if (argument === 'AWS::NoValue') return NO_VALUE;
      if (typeof argument !== 'string') return referred(argument, scope);
      return assumedOf(whole, scope) ?? scope.parameters.get(argument);
    case 'Fn::If': {
      const holds = typeof first === 'string' ? truthOf(first, scope) : undefined;
      return holds === undefined ? undefined : inner(holds ? second : third, scope);
    }
    case 'Fn::FindInMap':
      return found(list, scope);
    case 'Fn::Sub':
      return substituted(argument, scope);
    case 'Fn::Join': {
      const parts = inner(second, scope);
      return typeof first === 'string' && Array.isArray(parts) && parts.every(isLiteral)
        ? parts.join(first)
        : undefined;
    }
    case 'Fn::Select': {
      const [index, items] = [inner(first, scope), inner(second, scope)];
      return Array.isArray(items) && isLiteral(index) ? (items as readonly unknown[])[Number(index)] : undefined;
    }
    case 'Fn::Split': {
      const text = inner(second, scope);
      return typeof first === 'string' && typeof text === 'string' ? text.split(first) : undefined;
    }
    case 'Fn::Length': {
      const items = inner(argument, scope);
      return Array.isArray(items) ? items.length : undefined;
    }
    default:
      return undefined;
  }
}

/**
 * A reference whose logical id is put together, as `AWS::LanguageExtensions` allows.
 *
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-ref.html
 */
function referred(argument: unknown, scope: Scope): unknown {
  const id = inner(argument, scope);
  return typeof id === 'string' ? inner({ Ref: id }, scope) : undefined;
}

function assumedOf(operand: Tree, { assumption }: Scope): unknown {
  if (assumption.operands.size === 0) return undefined;
  const assumed = assumption.operands.get(operandKey(operand));
  return assumed === ANOTHER ? undefined : assumed;
}

/** A value of a map; under a key that is not known, all that it may be, so that a change of the map is seen. */
function found([map, first, second, rest]: readonly unknown[], scope: Scope): unknown {
  const [name, top, last] = [map, first, second].map((one) => inner(one, scope));
  const rows = typeof name === 'string' ? scope.mappings[name] : undefined;
  if (!isTree(rows) || !isLiteral(last)) return undefined;
  if (isLiteral(top)) {
    const row = rows[String(top)];
    const value = isTree(row) ? row[String(last)] : undefined;
    const fallback = isTree(rest) ? rest['DefaultValue'] : undefined;
    return value ?? (fallback === undefined ? undefined : inner(fallback, scope));
  }
  const other = scope.otherMappings?.[String(name)];
  const possible = Object.fromEntries(
    Object.entries(rows)
      .filter(([key]) => !isTree(other) || Object.hasOwn(other, key))
      .map(([key, row]) => [key, isTree(row) ? row[String(last)] : undefined]),
  );
  const [one, ...others] = Object.values(possible);
  if (one !== undefined && others.every((other) => isDeepStrictEqual(other, one))) return one;
  return { 'Fn::FindInMap': [possible, top, last] };
}

function substituted(argument: unknown, scope: Scope): unknown {
  const [text, variables] = Array.isArray(argument) ? (argument as readonly unknown[]) : [argument];
  if (typeof text !== 'string') return undefined;
  const own = isTree(variables) ? (inner(variables, scope) as Tree) : {};
  const open = new Set<string>();
  const filled = text.replace(/\$\{([^!}][^}]*)\}/g, (whole, key: string) => {
    const value = Object.hasOwn(own, key) ? own[key] : inner({ Ref: key }, scope);
    if (isLiteral(value)) return String(value);
    open.add(key);
    return whole;
  });
  if (open.size === 0) return filled.replaceAll('${!', '${');
  const left = Object.fromEntries(Object.entries(own).filter(([key]) => open.has(key)));
  const rest = Object.keys(left).length === 0 ? filled : [filled, left];
  return isDeepStrictEqual(rest, argument) ? undefined : { 'Fn::Sub': rest };
}
