import { MapError } from './map-items';
import type { ShardRecord } from './shard-map';

/** A step that a record's state does not allow. */
export class TransitionError extends MapError {
  override readonly name = 'TransitionError';
}

export type Step = 'start' | 'freeze' | 'finish' | 'abort';

/** Record after a step; its version is set when it is written. */
export type NextRecord = Omit<ShardRecord, 'version'>;

/**
 * The life of a move:
 *
 *     active on A --start--> moving A to B --freeze--> frozen --finish--> active on B
 *                            moving --abort--> active on A <--abort-- frozen
 *
 * Writes go on until `freeze`. The epoch grows when they stop and when they begin again, never in between, and the
 * owner changes in `finish` alone, when nobody writes.
 *
 * @throws TransitionError when the record's state does not allow the step.
 */
export function nextRecord(record: ShardRecord, step: Step, target?: number): NextRecord {
  const { shard, state, cluster, epoch } = record;
  switch (step) {
    case 'start':
      if (state !== 'active') throw refused(record, step, 'active');
      if (target === undefined || target === cluster) {
        throw new TransitionError(
          `logical shard ${shard} is on cluster ${cluster}; name another cluster to move it to`,
        );
      }
      return { shard, state: 'moving', cluster, target, epoch };
    case 'freeze':
      if (state !== 'moving') throw refused(record, step, 'moving');
      return { shard, state: 'frozen', cluster, target: targetOf(record), epoch: epoch + 1 };
    case 'finish':
      if (state !== 'frozen') throw refused(record, step, 'frozen');
      return { shard, state: 'active', cluster: targetOf(record), epoch: epoch + 1 };
    case 'abort':
      if (state === 'active') throw refused(record, step, 'moving or frozen');
      return { shard, state: 'active', cluster, epoch: state === 'frozen' ? epoch + 1 : epoch };
  }
}

function targetOf({ shard, target }: ShardRecord): number {
  if (target === undefined) throw new TransitionError(`logical shard ${shard} moves, but its record names no target`);
  return target;
}

function refused({ shard, state, cluster, target }: ShardRecord, step: Step, wanted: string): TransitionError {
  const where = target === undefined ? `on cluster ${cluster}` : `from cluster ${cluster} to ${target}`;
  return new TransitionError(`logical shard ${shard} is ${state} ${where}; ${step} wants it ${wanted}`);
}
