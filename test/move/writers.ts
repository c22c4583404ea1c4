import { join } from 'node:path';
import type { Place } from '../../lib/move/side';
import type { Audit } from './crowd/audit';
import type { CrowdProps } from './crowd/main';
import type { Measures } from './crowd/measures';
import { startProgram } from './program';

export type { Audit } from './crowd/audit';
export type { Measures } from './crowd/measures';

/** Writers and readers at work, and the ledger of what was acknowledged to them. */
export interface Crowd {
  /** Tells all of them where to write from now on. */
  readonly announce: (serving: Place) => Promise<void>;
  /** What they saw since the last time that they were asked. */
  readonly measure: () => Promise<Measures>;
  /** Lets everybody complete what they are at, and ends them. */
  readonly stop: () => Promise<Measures>;
  /** Compares the ledger with the side that serves; only after `stop`. */
  readonly audit: () => Promise<Audit>;
  /** Compares it with the other side, which follows. */
  readonly auditOther: () => Promise<Audit>;
  /** Ends the process. */
  readonly end: () => void;
}

export const CROWD = { writers: 20, readers: 4, rate: 1400, seed: 1, visitsStay: false };

export async function startCrowd(props: CrowdProps): Promise<Crowd> {
  const program = startProgram(join(import.meta.dirname, 'crowd', 'main.ts'));
  await program.ask('start', props);
  return {
    announce: (serving) => program.ask('announce', serving),
    measure: () => program.ask('measure'),
    stop: () => program.ask('stop'),
    audit: () => program.ask('audit'),
    auditOther: () => program.ask('auditOther'),
    end: () => program.process.kill('SIGKILL'),
  };
}
