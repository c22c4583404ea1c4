import type { BootStep, NodeRole } from './blueprint';

export interface BootStepsProps {
  readonly role: NodeRole;
  /** Whether PostgreSQL runs on the node, on a volume of its own (box only). */
  readonly localDatabase?: boolean;
}

/**
 * What a node of a role does while it boots, in order. A release that cannot run here is refused before the node takes
 * what there is only one of. Only nodes behind a load balancer drain: nothing else could take a box's connections.
 */
export function bootSteps({ role, localDatabase = false }: BootStepsProps): readonly BootStep[] {
  switch (role) {
    case 'box':
      return [
        'fetch',
        'check',
        'kernel',
        'address',
        ...(localDatabase ? (['volume', 'database'] as const) : []),
        'release',
        'proxy',
        'ready',
      ];
    case 'web':
      return ['kernel', 'proxy', 'drain', 'ready'];
    case 'app':
      return ['fetch', 'check', 'kernel', 'release', 'drain', 'ready'];
  }
}
