import { isDeepStrictEqual } from 'node:util';
import { ANOTHER, type Assumption, evaluated, NO_ASSUMPTION, operandKey, type Scope, truthOf } from './evaluate';
import { inOneForm } from './one-form';
import { parametersOf } from './parameters';
import { rendered } from './render-value';
import { scopeOf } from './resolve';
import type { Template } from './template';
import { isLiteral, isTree, type Tree } from './values';

/** A case in which two templates of one stack are judged, and how it reads; nothing to read when it is the only one. */
export interface Case {
  readonly assumption: Assumption;
  readonly says: string;
}

/** More cases than these are not combined: each value is then tried alone. */
const MOST_COMBINED = 12;

/**
 * The cases that decide how two versions of a template differ: for each value that is not known, or that may be given
 * when a stack is deployed, one case for every branch that it can lead to. The first is what the template says itself.
 * Conditions and maps that nothing reads which differs make no case.
 */
export function casesOf(before: Template, after: Template): readonly [Case, ...Case[]] {
  const pair = [before, after] as const;
  const isPlain = pair.every((template) => !isTree(template['Conditions']) && !isTree(template['Mappings']));
  const choices = isPlain ? [] : choicesOf(pair);
  const first = choices.map(({ key, options: [option] }) => [key, option] as const);
  const others = combinations(choices, first);
  return [caseOf(first, choices, false), ...others.map((one) => caseOf(one, choices, true))];
}

type Pair = readonly [before: Template, after: Template];

/** Something of which a template does not say the value: an operand by its key, or a condition by its name. */
interface Choice {
  readonly key: string;
  readonly kind: 'operand' | 'condition';
  readonly name: string;
  /** The first is the usual one; `undefined` is the default that the template gives. */
  readonly options: readonly [unknown, ...unknown[]];
}

type Chosen = readonly (readonly [key: string, option: unknown])[];

function combinations(choices: readonly Choice[], first: Chosen): Chosen[] {
  const number = choices.reduce((product, { options }) => product * options.length, 1);
  if (number <= MOST_COMBINED) {
    const all = choices.reduce<Chosen[]>(
      (found, { key, options }) => found.flatMap((one) => options.map((option) => [...one, [key, option] as const])),
      [[]],
    );
    return all.slice(1);
  }
  return choices.flatMap(({ key, options }) =>
    options.slice(1).map((option) => first.map((one) => (one[0] === key ? ([key, option] as const) : one))),
  );
}

function caseOf(chosen: Chosen, choices: readonly Choice[], isOther: boolean): Case {
  const [operands, conditions] = [new Map<string, unknown>(), new Map<string, boolean>()];
  const words = chosen.flatMap(([key, option], index) => {
    const choice = choices[index];
    if (choice === undefined || option === undefined) return [];
    if (choice.kind === 'condition') conditions.set(key, option === true);
    else operands.set(key, option);
    const isUsual = isDeepStrictEqual(option, choice.options[0]);
    if (isUsual && isOther && choices.length > 1) return [];
    return [sentence(choice, option)];
  });
  return {
    assumption: choices.length === 0 ? NO_ASSUMPTION : { operands, conditions },
    says: words.length === 0 ? '' : `when ${words.join(' and ')}`,
  };
}

function sentence({ kind, name, options }: Choice, option: unknown): string {
  if (kind === 'condition') return `${name} ${option === true ? 'holds' : 'does not hold'}`;
  const others = options.filter((one) => one !== ANOTHER && one !== undefined).map((one) => String(one));
  return option === ANOTHER ? `${name} is none of ${others.join(', ')}` : `${name} is ${String(option)}`;
}

function choicesOf(pair: Pair): Choice[] {
  const names = conditionsRead(pair);
  const operands = new Map<string, { operand: unknown; literals: Set<string> }>();
  const undecided = new Set<string>();
  for (const template of pair) {
    const scope = scopeOf(template, NO_ASSUMPTION);
    const open = { ...scope, parameters: new Map<string, unknown>() };
    for (const name of names) {
      // Only one of both may have it. Nothing to choose where the template says all.
      const isDefined =
        scope.conditions[name] !== undefined || pair.every((one) => conditionOf(one, name) === undefined);
      if (!isDefined || truthOf(name, open) !== undefined) continue;
      const comparisons = comparisonsIn(scope.conditions[name], open);
      if (comparisons === undefined) undecided.add(name);
      for (const [operand, literal] of comparisons ?? []) note(operands, operand, [literal]);
    }
    for (const [parameter, keys] of keysOfMaps(pair, scope)) note(operands, { Ref: parameter }, keys);
  }
  return [
    ...[...operands].map(([key, { operand, literals }]) => operandChoice(key, operand, [...literals], pair)),
    ...[...undecided].map((name): Choice => ({ key: name, kind: 'condition', name, options: [true, false] })),
  ].filter(({ options }) => options.length > 1 || options[0] !== undefined);
}

type Operands = Map<string, { operand: unknown; literals: Set<string> }>;

type Comparison = readonly [operand: unknown, literal: string];

/** Operands of the comparisons in a condition; undefined when one of them cannot be known. */
function comparisonsIn(expression: unknown, scope: Scope): readonly Comparison[] | undefined {
  const [[name, argument] = ['', undefined]] = isTree(expression) ? Object.entries(expression) : [];
  if (name === 'Condition' && typeof argument === 'string') {
    const { [argument]: inner, ...conditions } = scope.conditions;
    return comparisonsIn(inner, { ...scope, conditions });
  }
  const list = Array.isArray(argument) ? (argument as readonly unknown[]) : [];
  if (['Fn::Not', 'Fn::And', 'Fn::Or'].includes(name)) {
    const parts = list.map((one) => comparisonsIn(one, scope));
    return parts.includes(undefined) ? undefined : parts.flatMap((part) => part ?? []);
  }
  if (name !== 'Fn::Equals') return undefined;
  const [a, b] = list.map((one) => inOneForm(evaluated(one, scope)));
  if (isLiteral(a)) return isLiteral(b) ? [] : [[b, String(a)]];
  return isLiteral(b) ? [[a, String(b)]] : undefined;
}

function note(operands: Operands, operand: unknown, literals: readonly string[]): void {
  const key = operandKey(operand);
  const known = operands.get(key) ?? { operand, literals: new Set<string>() };
  for (const one of literals) known.literals.add(one);
  operands.set(key, known);
}

function operandChoice(key: string, operand: unknown, literals: readonly string[], pair: Pair): Choice {
  const parameter = isTree(operand) && typeof operand['Ref'] === 'string' ? operand['Ref'] : undefined;
  const known = pair.map((template) => parametersOf(template['Parameters']).get(parameter ?? ''));
  const defaults = known.map((one) => one?.default);
  const hasDefault = defaults.some((one) => one !== undefined);
  const allowed = known.flatMap((one) => one?.allowed ?? []).map(String);
  const within = literals.filter((one) => allowed.length === 0 || allowed.includes(one));
  const rest = allowed.length === 0 ? ANOTHER : allowed.find((one) => !literals.includes(one));
  const options = [
    ...(hasDefault ? [undefined] : []),
    ...within.filter((one) => !defaults.every((value) => String(value) === one)),
    // A default that is none of them stands for all others.
    ...(rest === undefined || defaults.some((value) => value !== undefined && !literals.includes(String(value)))
      ? []
      : [rest]),
  ];
  const [first, ...others] = options;
  return { key, kind: 'operand', name: parameter ?? rendered(operand), options: [first, ...others] };
}

/** A map of few rows under the value of a parameter: each row may be the one that is used. */
const MOST_ROWS = 6;

function keysOfMaps(pair: Pair, { mappings }: Scope): (readonly [parameter: string, keys: readonly string[]])[] {
  return differing(pair).flatMap((resource) =>
    argumentsOf(resource, 'Fn::FindInMap').flatMap((argument) => {
      const [map, top] = Array.isArray(argument) ? (argument as readonly unknown[]) : [];
      const rows = typeof map === 'string' && isTree(mappings[map]) ? Object.keys(mappings[map] as Tree) : [];
      const parameter = isTree(top) ? top['Ref'] : undefined;
      if (typeof parameter !== 'string' || parameter.startsWith('AWS::') || rows.length > MOST_ROWS) return [];
      return rows.length === 0 ? [] : [[parameter, rows] as const];
    }),
  );
}

/** The conditions that decide over something that differs, or that differ themselves where something reads them. */
function conditionsRead(pair: Pair): ReadonlySet<string> {
  const changed = new Set(differing(pair).flatMap(conditionsIn));
  const differs = (name: string, seen: readonly string[] = []): boolean => {
    if (seen.includes(name)) return false;
    const [was, is] = pair.map((template) => conditionOf(template, name));
    return !isDeepStrictEqual(was, is) || conditionsIn(was).some((one) => differs(one, [...seen, name]));
  };
  const all = pair.flatMap((template) => Object.values(template.Resources ?? {}).flatMap(conditionsIn));
  for (const name of new Set(all)) if (differs(name)) changed.add(name);
  return changed;
}

function conditionOf(template: Template, name: string): unknown {
  return scopeOf(template, NO_ASSUMPTION).conditions[name];
}

function differing([before, after]: Pair): unknown[] {
  return (['Resources', 'Outputs'] as const).flatMap((section) => {
    const [was, is] = [before, after].map((template) => (isTree(template[section]) ? template[section] : {}) as Tree);
    const ids = new Set([...Object.keys(was ?? {}), ...Object.keys(is ?? {})]);
    return [...ids].flatMap((id) => (isDeepStrictEqual(was?.[id], is?.[id]) ? [] : [was?.[id], is?.[id]]));
  });
}

function conditionsIn(value: unknown): string[] {
  const own = isTree(value) && typeof value['Condition'] === 'string' ? [value['Condition']] : [];
  const branches = argumentsOf(value, 'Fn::If').flatMap((argument) => (Array.isArray(argument) ? [argument[0]] : []));
  const inner = argumentsOf(value, 'Condition');
  return [...own, ...branches, ...inner].filter((name) => typeof name === 'string');
}

/** The arguments of a function, wherever it stands. */
function argumentsOf(value: unknown, name: string): unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => argumentsOf(item, name));
  if (!isTree(value)) return [];
  const entries = Object.entries(value);
  const own = entries.length === 1 && name in value ? [value[name]] : [];
  return [...own, ...entries.flatMap(([, inner]) => argumentsOf(inner, name))];
}
