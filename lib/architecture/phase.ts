import type { PhaseNumber } from '../facts/phase-numbers';

/** One step of the climb: what it adds to the architecture of the phase below, and what it makes superfluous. */
export interface Phase {
  readonly number: PhaseNumber;
  readonly name: string;
  /** One line for people: what the phase adds. */
  readonly adds: string;
  /** Parts that the phase replaces by new ones; they stay while a climb expands and go when it contracts. */
  readonly retires: readonly RetirablePart[];
  /** Parts that are there only while a climb into the phase expands. */
  readonly whileExpanding?: readonly TransientPart[];
  /** Kind of thing that a climb into this phase has to move from the old parts to the new, between expanding and contracting. */
  readonly moves?: 'data' | 'traffic';
}

/** The parts that a later phase may retire. */
export type RetirablePart = 'localDatabase' | 'box' | 'database';

/** Parts that no phase keeps. */
export type TransientPart = 'mover';
