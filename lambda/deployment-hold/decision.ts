/**
 * Processes of an Auto Scaling group that take nodes away, or move them. CodeDeploy suspends the same ones by itself where
 * it knows the group; it finds ours by tags. `Terminate` is not among them: while it is suspended, an update of the stack
 * that rolls the fleet can neither finish nor go back.
 *
 * Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/understand-how-suspending-processes-affects-other-processes.html
 * (2026-11-29)
 */
export const HELD: readonly string[] = ['AlarmNotification', 'AZRebalance', 'ReplaceUnhealthy', 'ScheduledActions'];

export interface Fleet {
  /** True while a deployment to its nodes is under way. */
  readonly deploying: boolean;
  /** Processes of the group that are suspended, by whomever. */
  readonly suspended: readonly string[];
  /** Processes recorded as suspended by this function; undefined without a record. */
  readonly recorded: readonly string[] | undefined;
}

export interface Steps {
  /** Written down before anything is suspended, so that whoever comes next knows what to resume. */
  readonly record?: readonly string[];
  readonly suspend: readonly string[];
  readonly resume: readonly string[];
  /** True to delete the record, after everything in it is resumed. */
  readonly forget: boolean;
}

/**
 * Decides what to do for a fleet as it is now. Processes that people suspended are not recorded, and so not resumed; a
 * second call does nothing.
 */
export function decide({ deploying, suspended, recorded }: Fleet): Steps {
  if (!deploying) {
    const resume = (recorded ?? []).filter((process) => suspended.includes(process));
    return { suspend: [], resume, forget: recorded !== undefined };
  }
  const suspend = HELD.filter((process) => !suspended.includes(process));
  const record = HELD.filter((process) => suspend.includes(process) || recorded?.includes(process));
  const known = record.length === recorded?.length;
  return { ...(!known && record.length > 0 && { record }), suspend, resume: [], forget: false };
}
