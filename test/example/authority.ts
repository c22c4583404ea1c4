import { chmodSync } from 'node:fs';
import { certify as certifyIn } from '../peers/certificate';
import { folder } from './machine';

/** Somebody who signs certificates, and one that it has signed. Paths are those of the root. */
export interface Certified {
  /** The authority's own certificate. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** A new authority, and a certificate for one name by it. */
export function certify(name: string): Certified {
  const { inside, outside } = folder();
  certifyIn(outside, [`DNS:${name}`]);
  // Servers copy it to a place of their own.
  chmodSync(`${outside}/server.key`, 0o644);
  return { authority: `${inside}/authority.pem`, certificate: `${inside}/server.pem`, key: `${inside}/server.key` };
}
