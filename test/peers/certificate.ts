import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';

/**
 * Makes an authority of its own (`authority.pem`), and a certificate by it (`server.pem`, `server.key`) that is for all of
 * the names, such as `DNS:localhost` or `IP:127.0.0.2`.
 */
export function certify(folder: string, names: readonly string[]): void {
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  };
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  openssl(...request, '-subj', '/CN=authority', '-keyout', 'authority.key', '-out', 'authority.pem');
  const leaf = ['-CA', 'authority.pem', '-CAkey', 'authority.key', '-addext', `subjectAltName=${names.join(',')}`];
  const constraint = ['-addext', 'basicConstraints=critical,CA:FALSE', '-subj', '/CN=server'];
  openssl(...request, ...leaf, ...constraint, '-keyout', 'server.key', '-out', 'server.pem');
  chmodSync(`${folder}/server.key`, 0o600);
}
