/** State of an alarm; `INSUFFICIENT_DATA` also for an unknown one. */
export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** State of one queue. */
export interface QueuePressure {
  readonly name: string;
  /** In ALARM: its oldest job is older than the high mark. */
  readonly shed: AlarmState;
  /** In ALARM: its oldest job is younger than the low mark. */
  readonly admit: AlarmState;
}

export interface Decision {
  readonly shedding: boolean;
  /** The queues that it is because of; none when all is well. */
  readonly because: readonly string[];
}

/**
 * Decides whether low-priority work is turned away, with hysteresis: it begins when any queue is above its high mark, and ends
 * when every queue is below its low mark. Between the marks, all stays as it is.
 *
 * An alarm without data proves nothing: it neither begins the shedding nor ends it. So while work is turned away, a
 * queue whose age is unknown holds it; an alarm on the low mark therefore treats missing data as below it, because SQS
 * reports no age for a queue that has long been empty.
 */
export function decide(shedding: boolean, queues: readonly QueuePressure[]): Decision {
  const above = queues.filter(({ shed }) => shed === 'ALARM');
  const holding = shedding ? queues.filter(({ admit }) => admit !== 'ALARM') : [];
  const because = queues.filter((queue) => above.includes(queue) || holding.includes(queue)).map(({ name }) => name);
  return { shedding: because.length > 0, because };
}
