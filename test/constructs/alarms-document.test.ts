import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CDK_JSON } from '../../lib/config/directory';
import { synthesise } from '../cdk-context';
import { WITH_DOMAIN } from '../variants';
import { all } from './single-stack';

const NAMES = /^\| ([a-z][a-zN-]*-[a-zN-]+(?:, [a-zN-]+)*) \|/gm;

/** The names in the first column of the table. */
const documented = [...readFileSync(join(CDK_JSON, '..', 'docs', 'alarms.md'), 'utf8').matchAll(NAMES)].flatMap(
  ([, names = '']) => names.split(', '),
);

/** The names of all metric alarms of a choice, without the environment and the number of a replica. */
function built(env: string, context: Readonly<Record<string, string>>): string[] {
  return Object.values(synthesise(env, 4, context))
    .flatMap((template) => all(template, 'AWS::CloudWatch::Alarm'))
    .flatMap(({ properties }) => (properties['AlarmName'] === undefined ? [] : [String(properties['AlarmName'])]))
    .map((name) => name.replace(`${env}-`, '').replace(/^replica-\d+/, 'replica-N'));
}

test('the table has a line for every alarm that there may be, and for no other', () => {
  const found = new Set([
    ...built('prod', { ...WITH_DOMAIN }),
    ...built('dev', { 'database.replicaClass': 'db.t4g.medium' }),
    ...built('prod', { ingress: 'sockets' }),
  ]);
  expect([...found].sort()).toEqual([...documented].sort());
});
