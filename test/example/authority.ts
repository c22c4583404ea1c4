import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
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
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: outside, stdio: 'pipe' });
  };
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  openssl(...request, '-subj', '/CN=authority', '-keyout', 'authority.key', '-out', 'authority.pem');
  const leaf = ['-CA', 'authority.pem', '-CAkey', 'authority.key', '-addext', `subjectAltName=DNS:${name}`];
  const constraint = ['-addext', 'basicConstraints=critical,CA:FALSE', '-subj', '/CN=server'];
  openssl(...request, ...leaf, ...constraint, '-keyout', 'server.key', '-out', 'server.pem');
  // Servers copy it to a place of their own.
  chmodSync(`${outside}/server.key`, 0o644);
  return { authority: `${inside}/authority.pem`, certificate: `${inside}/server.pem`, key: `${inside}/server.key` };
}
