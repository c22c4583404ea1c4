import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Finding {
  readonly linter: 'cfn-lint' | 'checkov';
  readonly rule: string;
  readonly message: string;
  readonly file: string;
  /** Logical id, or empty when the finding is about the whole template. */
  readonly resource: string;
}

/** Findings of templates that were linted before, each in a file of its own. */
export class KeptFindings {
  /**
   * @param home Folder of the files.
   * @param judge All that findings depend on besides the template: with another one nothing is known.
   */
  constructor(
    private readonly home: string,
    private readonly judge: string,
  ) {
    mkdirSync(home, { recursive: true });
  }

  /** @returns Undefined when the template is not known. */
  of(file: string, text: string): Finding[] | undefined {
    const path = this.pathOf(text);
    try {
      const findings = JSON.parse(readFileSync(path, 'utf8')) as Omit<Finding, 'file'>[];
      utimesSync(path, new Date(), new Date());
      return findings.map((finding) => ({ ...finding, file }));
    } catch {
      // Not there, or cut short by a full disk: linted again.
      return undefined;
    }
  }

  keep(text: string, findings: readonly Finding[]): void {
    const path = this.pathOf(text);
    const part = `${path}.${process.pid}`;
    writeFileSync(part, JSON.stringify(findings.map(({ file: _file, ...finding }) => finding)));
    renameSync(part, path);
  }

  /** Takes away what no run has asked for within a week. Another run beside it may do the same, and gives its files their names. */
  forget(): void {
    for (const name of readdirSync(this.home)) {
      const path = join(this.home, name);
      const found = statSync(path, { throwIfNoEntry: false });
      if (found !== undefined && Date.now() - found.mtimeMs > 7 * 86_400_000) rmSync(path, { force: true });
    }
  }

  private pathOf(text: string): string {
    return join(this.home, createHash('sha256').update(this.judge).update(text).digest('hex'));
  }
}
