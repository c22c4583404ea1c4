import { describe, expect, test } from 'vitest';
import { complaint, problem, read } from './configuration-folder';

const DOMAIN = {
  'domain.name': 'app.example.com',
  'domain.hostedZoneId': 'Z0123456789ABCDEFGHIJ',
  'domain.hostedZoneName': 'example.com',
  'domain.email': 'ops@example.com',
} as const;

function domainWithout(key: keyof typeof DOMAIN): Record<string, string> {
  const { [key]: _, ...rest } = DOMAIN;
  return rest;
}

describe('a domain', () => {
  test('is whole or not there', () => {
    expect(read({}, DOMAIN).domain).toEqual({
      name: 'app.example.com',
      hostedZoneId: 'Z0123456789ABCDEFGHIJ',
      hostedZoneName: 'example.com',
      email: 'ops@example.com',
    });
    expect(read({}).domain).toEqual({});
  });

  test.each([
    ['domain.hostedZoneId', 'the id of the hosted zone that holds app.example.com'],
    ['domain.hostedZoneName', 'the name of the hosted zone, of which app.example.com is part'],
    ['domain.email', 'an e-mail address for the certificate authority'],
    ['domain.name', 'the public name, because other keys of domain are set'],
  ] as const)('without %s', (key, allowed) => {
    expect(problem(domainWithout(key))).toContain(`${key}: allowed: ${allowed}`);
  });

  test('alone says everything that it lacks', () => {
    const lines = complaint({}, { 'domain.name': 'app.example.com' });
    expect(lines.slice(1).map((line) => line.trim().split(':')[0])).toEqual([
      'domain.email',
      'domain.hostedZoneId',
      'domain.hostedZoneName',
    ]);
  });

  test.each(['example.org', 'ple.com', 'other.example.com'])('in a zone %s that does not hold it', (zone) => {
    expect(problem({ ...DOMAIN, 'domain.hostedZoneName': zone })).toContain(
      `domain.hostedZoneName: received "${zone}"; allowed: the name of the hosted zone, of which app.example.com is part`,
    );
  });

  test('may be the zone itself', () => {
    expect(read({}, { ...DOMAIN, 'domain.name': 'example.com' }).domain.name).toBe('example.com');
  });

  test.each([
    ['domain.name', 'App.Example.com'],
    ['domain.hostedZoneId', '/hostedzone/Z123'],
    ['domain.email', "o'ops@example.com"],
  ])('%s=%s is not well-formed', (key, value) => {
    expect(problem({ ...DOMAIN, [key]: value })).toContain(`${key}: received ${JSON.stringify(value)}`);
  });
});
