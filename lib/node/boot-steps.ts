import type { BootStep, NodeRole } from './blueprint';

export interface BootStepsProps {
  readonly role: NodeRole;
  /** True when PostgreSQL runs on the node, on a volume of its own (box only). */
  readonly localDatabase?: boolean;
  /** True when the node turns low-priority work away when the queues do not keep up (phase 5 and later). */
  readonly pressure?: boolean;
  /** True when the node may wait in a warm pool (phase 4 and later). */
  readonly warm?: boolean;
  /** True when releases reach the node while it runs, by CodeDeploy (phase 4 and later). */
  readonly deployed?: boolean;
  /** True when the node speaks to its peers over TLS (phase 2 and later). */
  readonly cluster?: boolean;
  /** True when the node reports what only it sees, and its journal. */
  readonly reports?: boolean;
}

/**
 * Boot steps of a node of a role, in order. A release that cannot run here is refused before the node takes
 * what there is only one of. A box does not drain: nothing else could take its connections.
 */
export function bootSteps({
  role,
  localDatabase = false,
  pressure = false,
  warm = false,
  deployed = false,
  cluster = false,
  reports = false,
}: BootStepsProps): readonly BootStep[] {
  // Before what reads the answer.
  const listening = pressure ? (['pressure'] as const) : [];
  // After what a node waits in, for days perhaps, and before what it speaks to its peers by.
  const joined = cluster ? (['cluster'] as const) : [];
  const waiting = warm ? (['warm'] as const) : [];
  const reached = deployed ? (['agent'] as const) : [];
  const reporting = reports ? (['reports'] as const) : [];
  switch (role) {
    // It runs no release, and nobody connects to it.
    case 'mover':
      return ['mover', ...reporting, 'ready'];
    case 'box':
      return [
        'fetch',
        'check',
        'kernel',
        'address',
        ...(localDatabase ? (['volume', 'database'] as const) : []),
        'migrate',
        'release',
        // In every phase: an expansion that brings passwords that change must not end the box, whose steps would differ.
        'credentials',
        'proxy',
        ...reporting,
        'ready',
      ];
    case 'web':
      return ['kernel', ...listening, 'proxy', 'drain', ...reporting, 'ready'];
    case 'app':
      return [
        'fetch',
        'check',
        'kernel',
        ...waiting,
        ...listening,
        ...joined,
        'migrate',
        'release',
        'drain',
        ...reached,
        ...reporting,
        'ready',
      ];
    // Nobody connects to a worker, but the jobs it has under way are let end.
    case 'worker':
      return [
        'fetch',
        'check',
        'kernel',
        ...listening,
        'worker',
        ...joined,
        'migrate',
        'release',
        'drain',
        ...reached,
        ...reporting,
        'ready',
      ];
  }
}
