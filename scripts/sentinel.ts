import type { Finding } from './kept-findings';

/** A template, as far as resources are added to it. */
export interface WithResources {
  readonly Resources: Readonly<Record<string, unknown>>;
}

/** Resources that every linter complains about, by one rule each: a template in which it does not was not judged, or not to its end. */
export class Sentinel {
  /**
   * @param bad Template of the resources.
   * @param rules A rule of each linter that they break.
   */
  constructor(
    private readonly bad: WithResources,
    private readonly rules: Readonly<Record<Finding['linter'], string>>,
  ) {}

  /** @returns The template with the resources beside its own, as JSON. */
  beside(text: string): string {
    const template = JSON.parse(text) as WithResources;
    const taken = Object.keys(this.bad.Resources).find((id) => Object.hasOwn(template.Resources, id));
    if (taken !== undefined) throw new Error(`a template has a resource that is called ${taken} itself`);
    return JSON.stringify({ ...template, Resources: { ...template.Resources, ...this.bad.Resources } }, null, 1);
  }

  /** Linters that have not complained about the resources in this file. */
  missedBy(file: string, findings: readonly Finding[]): Finding['linter'][] {
    const linters = Object.keys(this.rules) as Finding['linter'][];
    return linters.filter(
      (linter) =>
        !findings.some(
          (one) =>
            one.file === file && one.linter === linter && one.rule === this.rules[linter] && this.isOf(one.resource),
        ),
    );
  }

  /** Findings of the template itself. */
  without(findings: readonly Finding[]): Finding[] {
    return findings.filter(({ resource }) => !this.isOf(resource));
  }

  private isOf(resource: string): boolean {
    return Object.hasOwn(this.bad.Resources, resource);
  }
}
