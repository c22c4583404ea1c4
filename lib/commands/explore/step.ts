import type { Phase } from '../../architecture/phase';
import type { Verdict } from '../../verdict/verdict-schema';
import type { StepData, StepFinding } from './page-data';

/** Summary of the verdict on a step, for the page. */
export function stepOf({ moves }: Phase, { summary, changes, findings, interruptions }: Verdict): StepData {
  const names = new Map(changes.map(({ stack, id, name }) => [`${stack}/${id}`, name]));
  const grave = findings.flatMap(({ severity, message, remedy, stack, id }): StepFinding[] => {
    if (severity === 'note') return [];
    const what = names.get(`${stack}/${id}`);
    return [{ severity, message, ...(remedy !== undefined && { remedy }), ...(what !== undefined && { what }) }];
  });
  const noticed = interruptions.map(({ name, what }) => `${name}: ${what}`);
  return {
    ...(moves !== undefined && { moves }),
    ...{ adds: summary.adds, replaces: summary.replaces, removes: summary.removes },
    findings: distinct(grave),
    interruptions: [...new Set(noticed)],
  };
}

/** Resources that one thing is said of are said once. */
function distinct(findings: readonly StepFinding[]): StepFinding[] {
  return [...new Map(findings.map((one) => [JSON.stringify(one), one])).values()];
}
