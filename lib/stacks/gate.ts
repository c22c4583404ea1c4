import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Architecture } from '../architecture/architecture';
import type { ClimbState } from '../climb/gate-rules';
import { PhaseGate } from '../constructs/climb/phase-gate';
import type { Acceptance } from '../facts/acceptance';

export interface GateStackProps extends StackProps {
  readonly architecture: Architecture;
  readonly climb: ClimbState;
  readonly force?: string;
  readonly accepted: readonly Acceptance[];
}

/** The first stack of every deployment: it holds nothing but the gate, so that a refusal touches nothing else. */
export class GateStack extends Stack {
  constructor(scope: Construct, id: string, { architecture, climb, force, accepted, ...props }: GateStackProps) {
    super(scope, id, props);
    const { environment, logDays } = architecture;
    const functions = (architecture.functions ?? []).map((plan) => plan.function);
    new PhaseGate(this, 'Gate', { environment, climb, functions, force, accepted, logDays });
  }
}
