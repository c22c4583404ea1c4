import type { SwitchNumber } from '../move/switch-number';

/**
 * Text of a parameter `<topic>/source`: the word of the place, and the number of the switch that brought the data there, so
 * that whoever hears of an earlier switch later knows it. What a person writes has no number, and is believed.
 */
export interface SaidPlace {
  readonly place: string;
  readonly number?: SwitchNumber;
}

// The same in the two programs of a node that read it: databases.sh and where-data-are.py.
const FORM = /^(\S+) (\d{1,12})\.(\d{1,9})$/;

/** Reads what a parameter says. A text of another form is the word of a place alone, which nobody knows. */
export function saidPlace(text: string): SaidPlace {
  const [, place, begun, epoch] = FORM.exec(text) ?? [];
  if (place === undefined) return { place: text };
  return { place, number: { begun: Number(begun), epoch: Number(epoch) } };
}

export function textOfPlace({ place, number }: Required<SaidPlace>): string {
  return `${place} ${number.begun}.${number.epoch}`;
}
