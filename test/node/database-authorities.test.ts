import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { projectPath } from '../../lib/facts/project-path';
import { REGIONS } from '../../lib/facts/regions';
import { databaseAuthorities } from '../../lib/node/database-authorities';

const certificates = (pem: string): X509Certificate[] =>
  pem
    .split(/(?<=-----END CERTIFICATE-----\n)/)
    .filter((text) => text.trim() !== '')
    .map((text) => new X509Certificate(text));

it('are the three roots of the region and of no other, for decades', () => {
  for (const region of REGIONS) {
    const pem = databaseAuthorities(region);
    if (pem === undefined) continue;
    const found = certificates(pem);
    expect(found).toHaveLength(3);
    for (const { subject, issuer, ca, validTo } of found) {
      expect(subject).toMatch(new RegExp(`^CN=Amazon RDS ${region} Root CA `, 'm'));
      expect(issuer).toBe(subject);
      expect(ca).toBe(true);
      expect(new Date(validTo).getUTCFullYear()).toBeGreaterThanOrEqual(2061);
    }
  }
});

it('are missing where the list is older than the region, or of another partition, which the docs say', () => {
  const missing = REGIONS.filter((region) => databaseAuthorities(region) === undefined);
  const documented = readFileSync(projectPath('docs', 'release-environment.md'), 'utf8');
  const commercial = missing.filter((region) => !/^(cn|us-gov|us-iso|eu-iso|eusc)/.test(region));
  expect(commercial.length).toBeGreaterThan(0);
  for (const region of commercial) expect(documented).toContain(`\`${region}\``);
});
