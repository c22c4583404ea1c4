import type { Resources } from './resources';

interface FunctionProps {
  /** Memory, MiB. */
  readonly mib: number;
  readonly isArm?: boolean;
  /** Source that it reads: `EventSourceArn`. */
  readonly reads?: Readonly<Record<string, unknown>>;
  /** Minutes between its runs by a clock. */
  readonly everyMinutes?: number;
}

/** Adds a Lambda function with what calls it. */
export function addFunction(resources: Resources, { mib, isArm = true, reads, everyMinutes }: FunctionProps): void {
  const lambda = resources.add('Lambda::Function', { MemorySize: mib, ...(isArm && { Architectures: ['arm64'] }) });
  if (reads !== undefined) resources.add('Lambda::EventSourceMapping', { FunctionName: lambda, ...reads });
  if (everyMinutes !== undefined) {
    resources.add('Events::Rule', { ScheduleExpression: `rate(${everyMinutes} minutes)`, Targets: [{ Arn: lambda }] });
  }
}
