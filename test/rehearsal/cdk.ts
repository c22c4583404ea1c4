import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClimbState } from '../../lib/climb/gate-rules';
import type { Child, Children } from './children';
import { nameOf } from './states';
import { ACCOUNT, cdkEnvironment } from './surroundings';

const { app: APP } = JSON.parse(readFileSync('cdk.json', 'utf8')) as { readonly app: string };

/** Without exports between stacks the engine cannot resolve references: it has no `Fn::GetStackOutput`. */
const STRONG_REFERENCES = '@aws-cdk/core:defaultCrossStackReferences=strong';

export interface CdkOptions {
  readonly children: Children;
  readonly endpoint: string;
  readonly region: string;
  /** Temporary folder for logs, assemblies and the CDK's own home. */
  readonly folder: string;
  readonly say: (line: string) => void;
}

/** The CDK's command line, pointed at an engine. */
export class Cdk {
  constructor(private readonly options: CdkOptions) {}

  /** @returns the exit code. */
  bootstrap(regions: readonly string[]): Promise<number> {
    const targets = regions.map((region) => `aws://${ACCOUNT}/${region}`);
    return this.run('bootstrap', ['bootstrap', ...targets]);
  }

  /** Deploys as the README says, with the settings of a rehearsal. @returns the exit code. */
  deploy(state: ClimbState, context: Readonly<Record<string, string>>): Promise<number> {
    const settings = Object.entries(context).flatMap(([key, value]) => ['--context', `${key}=${value}`]);
    return this.run(`deploy-${nameOf(state)}`, [
      'deploy',
      '--all',
      '--context',
      `phase=${state.phase}`,
      ...(state.from === undefined ? [] : ['--context', `from=${state.from}`]),
      '--require-approval',
      'never',
      ...settings,
      '--context',
      STRONG_REFERENCES,
      '--app',
      `${APP} && node --import tsx test/rehearsal/managed-secrets.ts`,
      '--output',
      this.assembly(state),
      '--progress',
      'events',
    ]);
  }

  /** File that holds all that a step has written. */
  logFile(step: string): string {
    return join(this.options.folder, `${step}.log`);
  }

  /** The last that a step has written, for people. */
  tail(step: string): string[] {
    return readFileSync(this.logFile(step), 'utf8').trimEnd().split('\n').slice(-12);
  }

  /** Folder of the cloud assembly that a phase was deployed from. */
  assembly(state: ClimbState): string {
    return join(this.options.folder, `assembly-${nameOf(state)}`);
  }

  private run(step: string, args: readonly string[]): Promise<number> {
    const { children, endpoint, region, folder, say } = this.options;
    const env = cdkEnvironment(process.env, endpoint, region, join(folder, 'cdk-home'));
    let rest = '';
    const onOutput = (text: string): void => {
      appendFileSync(this.logFile(step), text);
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (worthShowing(line)) say(`  ${line.trim()}`);
    };
    const child: Child = children.start('npx', ['cdk', ...args], { env, onOutput });
    return child.ended;
  }
}

function worthShowing(line: string): boolean {
  return /^\s*(✅|❌)/u.test(line) || /_FAILED\b|^\s*‣/u.test(line);
}
