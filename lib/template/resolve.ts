import { type Assumption, evaluated, NO_ASSUMPTION, type Scope, truthOf } from './evaluate';
import { isLoop, loopsWrittenOut } from './for-each';
import { INLINE_MACRO } from './macros';
import { memoized } from './memoized';
import { inOneForm } from './one-form';
import { parametersOf } from './parameters';
import { withGlobals } from './sam';
import type { Template, TemplateResource } from './template';
import { isTree, type Tree } from './values';

/** The sections whose contents are resources and what is said of them; the others are only read by these. */
const READING = ['Resources', 'Outputs'] as const;

/**
 * A template with all that can be known of it carried out: loops written out, conditions decided, maps looked up,
 * parameters at their defaults, under what is assumed besides, and each text in one form. What is made under a condition
 * that does not hold is left out. Everything that judges a template reads it in this form.
 *
 * @param other The version that it is compared with.
 */
export function resolved(
  template: Template,
  assumption: Assumption = NO_ASSUMPTION,
  other: Template = template,
): Template {
  if (assumption === NO_ASSUMPTION && !isTree(other['Mappings'])) return asItStands(template);
  return under(template, assumption, other);
}

/** A template that is compared with one without maps, with nothing assumed: the same in every comparison. */
const asItStands = memoized((template: Template) => under(template, NO_ASSUMPTION, { Resources: {} }));

function under(template: Template, assumption: Assumption, other: Template): Template {
  const whole = writtenOut(template);
  const otherMappings = scopeOf(other, NO_ASSUMPTION).mappings;
  const scope = { ...scopeOf(whole, assumption), otherMappings };
  const sections = READING.map((name) => [name, section(whole[name], scope)] as const);
  if (sections.every(([name, content]) => content === template[name])) return template;
  return { ...whole, ...Object.fromEntries(sections) } as Template;
}

/** A template without loops, and with the defaults of its functions in each of them. */
export const writtenOut = memoized((template: Template): Template => {
  const scope = scopeOf(template, NO_ASSUMPTION);
  const parts = [...READING, 'Conditions'].map((name) => {
    const content = template[name];
    return [name, isTree(content) ? withoutLoops(loopsWrittenOut(content, scope)) : content] as const;
  });
  const same = parts.every(([name, content]) => content === template[name]);
  return withGlobals(same ? template : ({ ...template, ...Object.fromEntries(parts) } as Template));
});

/** Neither a loop that cannot be written out nor a macro is a resource: see `openLoops` and `inlineMacrosOf`. */
function withoutLoops(content: unknown): unknown {
  if (!isTree(content) || !Object.keys(content).some(standsForOthers)) return content;
  return Object.fromEntries(Object.entries(content).filter(([key]) => !standsForOthers(key)));
}

/** Recognises keys that stand for what only CloudFormation writes in their place. */
export function standsForOthers(key: string): boolean {
  return isLoop(key) || key === INLINE_MACRO;
}

/** The loops over resources that only CloudFormation can write out, by their keys. */
export function openLoops(template: Template): Tree {
  const content = loopsWrittenOut(template.Resources, scopeOf(template, NO_ASSUMPTION));
  return Object.fromEntries(Object.entries(isTree(content) ? content : {}).filter(([key]) => isLoop(key)));
}

/** Known values of a template. */
export function scopeOf(template: Template, assumption: Assumption): Scope {
  const [mappings, conditions] = [template['Mappings'], template['Conditions']];
  const defaults = [...parametersOf(template['Parameters'])].flatMap(([name, parameter]) =>
    parameter.default === undefined ? [] : [[name, parameter.default] as const],
  );
  return {
    parameters: new Map(defaults),
    mappings: isTree(mappings) ? mappings : {},
    conditions: isTree(conditions) ? conditions : {},
    assumption,
  };
}

/** Resources, or outputs, without those whose condition does not hold. */
function section(content: unknown, scope: Scope): unknown {
  if (!isTree(content)) return content;
  const entries = Object.entries(content);
  const kept = entries.flatMap(([id, one]) => {
    if (!isTree(one)) return [[id, one] as const];
    const condition = one['Condition'];
    const holds = typeof condition === 'string' ? truthOf(condition, scope) : undefined;
    if (holds === false) return [];
    return [[id, inOneForm(evaluated(holds === true ? unconditional(one) : one, scope))] as const];
  });
  const same = kept.length === entries.length && kept.every(([, one], index) => one === entries[index]?.[1]);
  return same ? content : Object.fromEntries(kept);
}

function unconditional(resource: Tree): Tree {
  const { Condition: _, ...rest } = resource as TemplateResource & Tree;
  return rest;
}
