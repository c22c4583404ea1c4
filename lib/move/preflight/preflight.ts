import type { Finding } from '../finding';
import type { Move } from '../move';

export function preflight(_: Move): Promise<readonly Finding[]> {
  return Promise.resolve([]);
}
