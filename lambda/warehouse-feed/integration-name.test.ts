import { expect, test } from 'vitest';
import { integrationName } from './integration-name';

// Source: https://docs.aws.amazon.com/redshift/latest/APIReference/API_CreateIntegration.html (2026-11-21)
const ALLOWED = /^[a-zA-Z][a-zA-Z0-9]*(-[a-zA-Z0-9]+)*$/;

test.each(['prod-carts', 'prod-a--b-', 'prod_Carts', `prod-${'very-long-'.repeat(9)}`, `p${'-x'.repeat(40)}`])(
  'a feed of %s has a name that Redshift takes',
  (label) => {
    const name = integrationName(label, 'Feed', 'source', 'target');
    expect(name).toMatch(ALLOWED);
    expect(name.length).toBeLessThanOrEqual(63);
  },
);

test('the same feed has the same name, and another has another, however long', () => {
  const long = 'x'.repeat(80);
  expect(integrationName(long, 'Feed', 'a', 'b')).toBe(integrationName(long, 'Feed', 'a', 'b'));
  expect(integrationName(long, 'Feed', 'a', 'b')).not.toBe(integrationName(long, 'Feed', 'c', 'b'));
  expect(integrationName(long, 'Feed', 'a', 'b')).not.toBe(integrationName(long, 'Feed', 'ab', ''));
});
