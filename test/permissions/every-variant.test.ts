import { describe, expect, test } from 'vitest';
import { VARIANTS } from '../variants';
import { callersOf } from './callers';
import { deadStatements } from './dead-statements';
import { DEAD_FOR_A_REASON, NOT_YET, unexplained } from './exceptions';
import { rolesOf } from './grants';
import { refusedCalls } from './refused-calls';
import { surveyOf } from './survey';

describe('in every variant', () => {
  const dead: string[] = [];
  const refused: string[] = [];

  test.each(VARIANTS)('$name is read', async (variant) => {
    const survey = surveyOf(variant);
    const roles = rolesOf(survey.templates, survey.account);
    expect(roles.length).toBeGreaterThan(0);
    dead.push(...(await Promise.all(roles.map(deadStatements))).flat());
    refused.push(...(await refusedCalls(callersOf(survey), roles, survey.environment)));
  });

  test('each statement grants something, and each call of a script or a handler is granted', () => {
    expect(unexplained([...dead, ...refused], [...DEAD_FOR_A_REASON, ...NOT_YET])).toEqual([]);
  });
});
