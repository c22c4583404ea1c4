import type { MovedPart } from '../../architecture/moved-parts';
import { isUnproven, moveRecordIn, recordOf } from '../../climb/move-record';
import { type SaidPlace, saidPlace } from '../../climb/said-place';
import { type Action, commandOf, type MoveOf } from './actions';

/** Parameters of the environment, by their names below it. */
type Parameters = ReadonlyMap<string, string>;

/** True when rows have moved, as nodes are told or the record says: a proof of nothing would take the place of theirs. */
export function rowsHaveMoved(part: MovedPart, all: Parameters): boolean {
  const { place, number } = toldOf(part, all);
  return place === part.words.target && ((number?.epoch ?? 0) > 0 || provesRows(part, all));
}

/** True when a move of rows is finished: another one of the same data has nothing to begin with. */
export function isFinished(part: MovedPart, all: Parameters): boolean {
  const ended = provesRows(part, all) || isUnproven(all.get(recordOf(part)) ?? '');
  return toldOf(part, all).place === part.words.target && ended;
}

function provesRows(part: MovedPart, all: Parameters): boolean {
  return (moveRecordIn(all.get(recordOf(part)) ?? '')?.epoch ?? 0) > 0;
}

/** Says why an action finds no settings of a move, and what is to be run instead. */
export function whyNoneIsUnderWay(
  asked: MoveOf & { readonly action: Action },
  part: MovedPart,
  all: Parameters,
): string {
  const { name, words, topic } = part;
  const { place } = toldOf(part, all);
  const record = all.get(recordOf(part));
  if (place === words.target && moveRecordIn(record ?? '') !== undefined) {
    const whole = part.function === undefined ? '' : ', once each function has its record';
    return `the move ${name} is finished, and its record is ${recordOf(part)}: nothing is left but to contract${whole} (docs/runbooks.md)`;
  }
  if (place === words.target && isUnproven(record ?? '')) {
    return `the move ${name} was finished without proof: compare the rows of both sides yourself before you contract, which the gate refuses until it is forced (docs/runbooks.md)`;
  }
  const check = commandOf('check', asked);
  if (place === words.target) {
    return `nodes are told that the data of ${name} have moved (${topic}/source), and moves/${name} is gone: \`${check}\` with the tables that moved writes it anew, then run ${asked.action} again`;
  }
  if (record !== undefined) {
    return `no move ${name} is under way, and ${recordOf(part)} is of an earlier one: begin with \`${check}\``;
  }
  return asked.action === 'abandon'
    ? `no move ${name} is under way, and there is nothing to abandon`
    : `no move ${name} is under way: begin with \`${check}\``;
}

function toldOf({ topic }: MovedPart, all: Parameters): Partial<SaidPlace> {
  const said = all.get(`${topic}/source`);
  return said === undefined ? {} : saidPlace(said);
}
