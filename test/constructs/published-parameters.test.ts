import { describe, expect, test } from 'vitest';
import { PublishedParameters } from '../../lib/constructs/parameters/published-parameters';
import { synthesise } from '../cdk-context';
import { VARIANTS } from '../variants';
import { all, singleStack, templateOf } from './single-stack';

test('names are /beamstalk/<environment>/<topic>/<name>', () => {
  const stack = singleStack();
  new PublishedParameters(stack, 'Published', {
    environment: 'dev',
    topic: 'queue',
    values: { url: 'a', 'dead-url': 'b' },
  });
  const published = all(templateOf(stack), 'AWS::SSM::Parameter').map(({ properties }) => properties);
  expect(published).toEqual([
    { Name: '/beamstalk/dev/queue/dead-url', Type: 'String', Value: 'b' },
    { Name: '/beamstalk/dev/queue/url', Type: 'String', Value: 'a' },
  ]);
});

/** All that an environment publishes: name -> stack. */
function published(context: Readonly<Record<string, string>>): string[] {
  const { env = 'dev', phase, ...overrides } = context;
  const templates = Object.values(synthesise(env, Number(phase) as 0, overrides));
  return templates.flatMap((template) =>
    all(template, 'AWS::SSM::Parameter').map(({ properties }) => properties['Name'] as string),
  );
}

describe('an environment', () => {
  const SOME = VARIANTS.filter(({ name }) => /^(prod at phase \d|staging at phase 3 with a domain)$/.test(name));

  test.each(SOME)('publishes below its own path, every name once: $name', ({ context }) => {
    const names = published(context);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(new RegExp(`^/beamstalk/${context['env']}/[a-z]+(/[a-z-]+){1,2}$`));
  });

  test.each([
    ['0', ['box/address', 'box/volume', 'release/uri', 'storage/backups-bucket']],
    ['1', ['box/address', 'database/endpoint', 'database/secret', 'storage/assets-bucket', 'storage/uploads-bucket']],
    ['2', ['app/cookie-secret', 'database/endpoint', 'edge/cdn-domain', 'ingress/app-endpoint']],
    ['3', ['cache/endpoint', 'cache/secret', 'database/reader-endpoint']],
    ['4', ['cache/endpoint', 'database/endpoint', 'database/reader-endpoint']],
    ['6', ['database/users/endpoint', 'database/catalogue/secret', 'database/forum/name']],
  ])('tells nodes in phase %s what they need', (phase, expected) => {
    expect(published({ env: 'prod', phase })).toEqual(
      expect.arrayContaining(expected.map((name) => `/beamstalk/prod/${name}`)),
    );
  });

  test('tells nodes of its public name', () => {
    const { context } = VARIANTS.find(({ name }) => name === 'staging at phase 0 with a domain') ?? { context: {} };
    expect(published(context)).toEqual(
      expect.arrayContaining(['/beamstalk/staging/ingress/domain', '/beamstalk/staging/ingress/email']),
    );
  });
});
