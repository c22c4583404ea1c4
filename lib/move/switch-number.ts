/**
 * Order of switches of data: when the move was started (seconds since 1970), and how often it has switched. A later switch
 * has a greater number, also when another move was abandoned before.
 */
export interface SwitchNumber {
  readonly begun: number;
  readonly epoch: number;
}

/** True when one switch comes after another. */
export function isLater(one: SwitchNumber, other: SwitchNumber): boolean {
  return one.begun === other.begun ? one.epoch > other.epoch : one.begun > other.begun;
}
