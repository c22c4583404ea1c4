import { isPhase } from '../../../facts/phase-numbers';
import { type Place, placeOf } from '../../../template/references';
import { rendered } from '../../../template/render-value';
import type { TemplateResource, Templates } from '../../../template/template';
import type { Finding } from '../../finding';
import type { Check } from '../../rule';

export const GATE_INTEGRITY: Check = {
  rules: [
    {
      id: 'gate-removed',
      severity: 'refused',
      summary: 'The phase gate is no longer deployed.',
      why: 'Without it a climb that loses data would be deployed without a judgement.',
    },
    {
      id: 'gate-replaced',
      severity: 'refused',
      summary: "Another function, or another environment's records, would answer in place of the phase gate.",
      why: 'A gate that reads the wrong records lets through what it should refuse.',
    },
  ],
  find: ({ before, after }) => gateIntegrity(before, after),
};

/** The type of the custom resource that asks the gate. */
export const GATE = 'Custom::PhaseGate';

/** Contents of the CDK's asset bucket: code that was bundled and hashed, not written into the template. */
const BUNDLE = /^[0-9a-f]{64}\.zip$/;
const BUNDLES = /^cdk-[a-z0-9]+-assets-/;

/**
 * Ways around the gate: a deployment without it, or with another in its place, is judged by nobody. An environment
 * that has a gate keeps it, with the same environment and a function of its own behind it.
 */
export function gateIntegrity(before: Templates, after: Templates): Finding[] {
  return gatesIn(before).flatMap((place) => {
    const { stack, id } = place;
    const [was, is] = [before, after].map((templates) => templates[stack]?.Resources[id]);
    if (is?.Type !== GATE) {
      const other = after[stack] === undefined ? `its stack ${stack} is not deployed` : 'it is gone';
      return [refuse(place, 'gate-removed', `the gate judges every climb, and ${other}`)];
    }
    const problem = redirected(was, is, stack, after) ?? replacedCode(place, is, before, after);
    return problem === undefined ? [] : [refuse(place, 'gate-replaced', problem)];
  });
}

function gatesIn(templates: Templates): Place[] {
  return Object.entries(templates).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources).flatMap(([id, { Type }]) => (Type === GATE ? [{ stack, id }] : [])),
  );
}

function refuse({ stack, id }: Place, rule: string, message: string): Finding {
  return {
    severity: 'refused',
    rule,
    stack,
    id,
    message,
    remedy: 'leave the gate as Beamstalk makes it; what it refuses by mistake is forced by name, which leaves a trace',
  };
}

function redirected(
  was: TemplateResource | undefined,
  is: TemplateResource,
  stack: string,
  after: Templates,
): string | undefined {
  const [old, now] = [was?.Properties ?? {}, is.Properties ?? {}];
  if (rendered(old['Environment']) !== rendered(now['Environment']))
    return 'it would read the records of another environment';
  if (!isPhase(String(now['Phase']))) return 'it is no longer told the phase';
  const target = placeOf(now['ServiceToken'], stack, after);
  const type = target && after[target.stack]?.Resources[target.id]?.Type;
  if (target?.stack !== stack || type !== 'AWS::Lambda::Function') return 'another function than its own is asked';
  return rendered(old['ServiceToken']) === rendered(now['ServiceToken'])
    ? undefined
    : 'another function than before is asked';
}

/** A new bundle is as good as the old: which one it is, the synthesis decides. Code that is no bundle is not ours. */
function replacedCode(
  { stack }: Place,
  gate: TemplateResource,
  before: Templates,
  after: Templates,
): string | undefined {
  const id = placeOf(gate.Properties?.['ServiceToken'], stack, after)?.id ?? '';
  const [was, is] = [before, after].map((templates) => templates[stack]?.Resources[id]?.Properties);
  const code = (is?.['Code'] ?? {}) as { S3Bucket?: unknown; S3Key?: unknown };
  if (code.S3Key === undefined || !BUNDLE.test(rendered(code.S3Key)) || !BUNDLES.test(rendered(code.S3Bucket))) {
    return 'its function is no longer the bundle of Beamstalk';
  }
  const others = Object.values(after)
    .flatMap(({ Resources }) => Object.entries(Resources))
    .filter(([other, { Type }]) => Type === 'AWS::Lambda::Function' && other !== id)
    .map(([, { Properties }]) => rendered((Properties?.['Code'] as { S3Key?: unknown } | undefined)?.S3Key));
  if (others.includes(rendered(code.S3Key))) return 'its function has the code of another one';
  const changed = ['Handler', 'Layers', 'Environment', 'PackageType'].find(
    (name) => rendered(was?.[name]) !== rendered(is?.[name]),
  );
  return changed === undefined ? undefined : `its function would start otherwise (${changed})`;
}
