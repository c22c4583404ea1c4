import type { Part } from '../item';
import type { Survey } from '../survey';

/**
 * Remark that rows do not fit where they are kept, when they do not.
 *
 * @param rows GB of rows that a place is to hold, once all months that are kept have passed
 * @param most GB that it may grow to
 */
export function overfull(rows: number, most: number): Part[] {
  if (rows <= most) return [];
  const [expected, there] = [rows, most].map((gb) => Math.ceil(gb).toLocaleString('en-US'));
  return [
    {
      remark: `rows of the expected traffic come to ${expected} GB, and it may hold ${there} GB: the bill counts those`,
    },
  ];
}

/** Rows on each data volume, GB: nodes keep them where there is no store that does. */
export function rowsOnVolume(survey: Survey): number {
  const nodesKeepThem = survey.nodes > 0 && !survey.hasStores;
  return nodesKeepThem ? survey.dataGB / Math.max(1, survey.of('AWS::EC2::Volume').length) : 0;
}
