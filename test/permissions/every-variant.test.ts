import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { projectPath } from '../../lib/facts/project-path';
import { PLAIN_VARIANTS, VARIANTS } from '../variants';
import { accessTable } from './access';
import { callersOf } from './callers';
import { deadStatements } from './dead-statements';
import { DEAD_FOR_A_REASON, unexplained } from './exceptions';
import { executionEdges, nameOf } from './execution';
import { rolesOf } from './grants';
import { parameterFindings } from './parameter-access';
import { foreignReach, type Thing, thingsOf } from './reach';
import {
  BEYOND_FOR_A_REASON,
  MANAGED_FOR_A_REASON,
  OPEN_FOR_A_REASON,
  READS_FOR_A_REASON,
  RUNS_FOR_A_REASON,
} from './reasons';
import { refusedCalls } from './refused-calls';
import { surveyOf } from './survey';

/** What another environment has that has grown as far as it can. */
const known = new Map<string, readonly Thing[]>();
function thingsOfAnother(than: string): readonly Thing[] {
  const other = than === 'prod' ? 'staging' : 'prod';
  const variant = PLAIN_VARIANTS.findLast(({ context }) => context['env'] === other);
  if (variant === undefined) throw new Error(`there is no environment ${other}`);
  const things = known.get(other) ?? thingsOf(surveyOf(variant));
  known.set(other, things);
  return things;
}

/** A line in which all environments read alike, without what CloudFormation and the constructs library make up. */
function alike(line: string, environment: string): string {
  return line
    .replace(new RegExp(`(?<![a-z0-9])${environment}(?![a-z0-9])`, 'g'), 'ENV')
    .replace(/(?:[0-9A-F]{8})*-1A2B3C4D5E6F/g, '')
    .replace(/(?<=[A-Za-z])[0-9A-F]{8}(?![0-9A-Za-z])/g, '');
}

describe('in every variant', () => {
  const found = { dead: [] as string[], refused: [] as string[], beyond: [] as string[] };
  const runs: string[] = [];
  const managed: string[] = [];
  const open: string[] = [];
  const reads: string[] = [];

  test.each(VARIANTS)('$name is read', async (variant) => {
    const survey = surveyOf(variant);
    const { environment } = survey;
    const roles = rolesOf(survey.templates, survey.account);
    expect(roles.length).toBeGreaterThan(0);
    const others = thingsOfAnother(environment);
    const reach = await Promise.all(roles.map((role) => foreignReach(role, environment, others)));
    found.dead.push(...(await Promise.all(roles.map(deadStatements))).flat());
    found.refused.push(...(await refusedCalls(callersOf(survey), roles, environment)));
    found.beyond.push(...reach.flat().map((line) => alike(line, environment)));
    runs.push(...(await executionEdges(roles)).map((line) => alike(line, environment)));
    reads.push(...(await parameterFindings(roles, survey.fleets, environment)).map((line) => alike(line, environment)));
    open.push(
      ...Object.values(survey.templates)
        .flatMap(({ Resources }) => Object.values(Resources))
        .filter(
          ({ Type, Properties }) => Type === 'AWS::EC2::VPCEndpoint' && Properties?.['PolicyDocument'] === undefined,
        )
        .map(({ Properties }) => `the endpoint of ${JSON.stringify(Properties?.['ServiceName'])} has no policy`),
    );
    managed.push(
      ...roles.flatMap((role) =>
        role.managed
          .filter((arn) => arn.includes(':aws:policy/'))
          .map((arn) => alike(`${nameOf(role)} holds ${arn}`, environment)),
      ),
    );
  });

  test('each statement grants something, and each call of a script or a handler is granted', () => {
    expect(unexplained([...found.dead, ...found.refused], DEAD_FOR_A_REASON)).toEqual([]);
  });

  test('no role reads parameters that its job does not need, but for a reason', () => {
    expect(unexplained(reads, READS_FOR_A_REASON)).toEqual([]);
  });

  test('no role reaches beyond its environment but for a reason', () => {
    expect(unexplained(found.beyond, BEYOND_FOR_A_REASON)).toEqual([]);
  });

  test('who can write what another runs, and who makes something run, is what the list says', () => {
    expect(unexplained(runs, RUNS_FOR_A_REASON)).toEqual([]);
  });

  test('each endpoint of a network has a policy, but for a reason', () => {
    expect(unexplained(open, OPEN_FOR_A_REASON)).toEqual([]);
  });

  test('SECURITY.md says what each role may do', async () => {
    const variant = PLAIN_VARIANTS.findLast(({ context }) => context['env'] === 'prod');
    if (variant === undefined) throw new Error('there is no environment prod');
    const { templates, account, environment } = surveyOf(variant);
    const table = await accessTable(rolesOf(templates, account), environment);
    const file = projectPath('SECURITY.md');
    const text = readFileSync(file, 'utf8').replace(
      /(<!-- roles -->\n)[\s\S]*(<!-- \/roles -->)/,
      (_, start: string, end: string) => `${start}\n${table}\n\n${end}`,
    );
    await expect(text).toMatchFileSnapshot(file);
  });

  test('no role holds a policy of AWS but for a reason', () => {
    expect(unexplained(managed, MANAGED_FOR_A_REASON)).toEqual([]);
  });
});
