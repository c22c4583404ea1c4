/** State that the gate let through last: lambda/phase-gate/state-record.ts. */
export interface RecordedState {
  readonly phase: number;
  /** Phase that a climb comes from while it expands. */
  readonly from?: number;
}

/** Reads the parameter `climb/state`; undefined when it is not there, or holds something else. */
export function recordedState(text: string | undefined): RecordedState | undefined {
  try {
    const { phase, from } = Object(JSON.parse(text ?? '')) as Readonly<Record<string, unknown>>;
    if (typeof phase !== 'number') return undefined;
    return { phase, ...(typeof from === 'number' && { from }) };
  } catch {
    return undefined;
  }
}
