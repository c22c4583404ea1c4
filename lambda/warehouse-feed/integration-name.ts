import { createHash } from 'node:crypto';

/** Source: https://docs.aws.amazon.com/redshift/latest/APIReference/API_CreateIntegration.html (2026-11-21) */
const LONGEST = 63;

const MARK_LENGTH = 8;

/**
 * The name of an integration: what people know it by, and a mark of what it connects and for which resource. So another
 * source or target is another name, as both stand while one replaces the other, and the same request always finds its
 * own integration again. Letters, digits and single hyphens, as Redshift wants it.
 */
export function integrationName(label: string, ...identity: readonly string[]): string {
  const mark = createHash('sha256').update(identity.join('\n')).digest('hex').slice(0, MARK_LENGTH);
  const words = label
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
    .join('-')
    .slice(0, LONGEST - MARK_LENGTH - 1)
    .replace(/-$/, '');
  return `${words}-${mark}`;
}
