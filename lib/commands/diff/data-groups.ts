import type { Verdict } from '../../verdict/verdict-schema';
import { DONE } from './change-lines';
import { countByName } from './count-by-name';

/** Things that hold data and are guarded alike, together. */
export interface DataGroup {
  readonly what: string;
  readonly guards: string;
  readonly change: string;
}

export function dataGroups(data: Verdict['data']): DataGroup[] {
  const groups = new Map<string, Verdict['data']>();
  for (const one of data) {
    const key = JSON.stringify([one.guards, one.change]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].flatMap((alike) => {
    const [first] = alike;
    if (first === undefined) return [];
    return [
      {
        what: alike.length === 1 ? `${first.name} ${first.id}` : countByName(alike.map(({ name }) => name)),
        guards: first.guards.length === 0 ? 'nothing guards it' : first.guards.join(', '),
        change: first.change === 'unchanged' ? 'unchanged' : DONE[first.change],
      },
    ];
  });
}
