/** Actions of a move, in the order in which they are done. */
export const ACTIONS = {
  check: 'say what stands against the move; changes nothing',
  start: 'copy all rows while users write, and let both sides follow each other',
  status: 'say how far it is, and what comes next',
  rehearse: 'do all that a switch does, and roll it back: users wait for a moment, and see no error',
  switch: 'let users write to the target from now on',
  back: 'let users write to the source again; nothing that they wrote meanwhile is lost',
  finish: 'give up the way back, and print the proof of what was compared',
  abandon: 'take away all that the move has made, the copy too, while users write to the source',
} as const;

/** Option of `finish`, with what it says. */
export const WITHOUT_PROOF = [
  '--without-proof',
  'end it where nothing says that the rows of both sides were equal, and nothing will: you have compared them yourself',
] as const;

export interface WithoutProof {
  readonly withoutProof?: true;
}

export type Action = keyof typeof ACTIONS;

/** A move inside an environment, as an operator names it. */
export interface MoveOf {
  readonly climb: string;
  readonly ofFunction?: string | undefined;
  readonly environment: string;
}

/** Command as its operator would write it. */
export function commandOf(action: Action, { climb, ofFunction, environment }: MoveOf): string {
  const whose = ofFunction === undefined ? '' : ` --function ${ofFunction}`;
  return `beamstalk move ${climb} ${action}${whose} --env ${environment}`;
}
