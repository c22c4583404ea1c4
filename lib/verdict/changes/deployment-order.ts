import { producersOf, referencesIn } from '../../template/references';
import type { Templates } from '../../template/template';

/** Operation of a deployment on one stack. */
export interface DeploymentStep {
  readonly stack: string;
  /** `stays`: no longer in the app, which `cdk deploy` does not remove. */
  readonly action: 'creates' | 'updates' | 'leaves alone' | 'stays';
}

/** The order in which stacks are deployed: who is referred to comes before who refers, otherwise as given. */
export function deploymentOrder(before: Templates, after: Templates, changed: ReadonlySet<string>): DeploymentStep[] {
  const placed = new Set<string>();
  const visit = (stack: string, way: readonly string[]): void => {
    if (placed.has(stack) || way.includes(stack) || after[stack] === undefined) return;
    for (const other of neededBy(stack, after)) visit(other, [...way, stack]);
    placed.add(stack);
  };
  for (const stack of Object.keys(after)) visit(stack, []);

  const steps = [...placed].map((stack): DeploymentStep => {
    if (before[stack] === undefined) return { stack, action: 'creates' };
    return { stack, action: changed.has(stack) ? 'updates' : 'leaves alone' };
  });
  const gone = Object.keys(before).filter((stack) => after[stack] === undefined);
  return [...steps, ...gone.reverse().map((stack): DeploymentStep => ({ stack, action: 'stays' }))];
}

function neededBy(stack: string, templates: Templates): string[] {
  const references = referencesIn(templates[stack]?.Resources);
  const stacks = references.flatMap((reference) =>
    reference.kind === 'stack-output'
      ? [reference.stack]
      : (producersOf(reference, templates) ?? []).map((place) => place.stack),
  );
  return [...new Set(stacks)].filter((other) => other !== stack);
}
