import { type ParameterReads, parameterReads } from '../../lib/node/parameter-reads';
import { actionsLike } from './authorization';
import { nameOf } from './execution';
import type { Role } from './grants';
import { overlap, policyPattern } from './patterns';
import type { SurveyedFleet } from './survey';

/**
 * Finds what roles may read of the parameters of their environment beside what their jobs need, one line each. What nodes need
 * follows from their steps, and what they cannot read of it is a line too; what anybody else may read is said whole.
 */
export async function parameterFindings(
  roles: readonly Role[],
  fleets: readonly SurveyedFleet[],
  environment: string,
): Promise<string[]> {
  const findings = await Promise.all(
    roles.map(async (role) => {
      const granted = await readable(role, environment);
      const fleet = fleets.find(({ stack, roleId }) => stack === role.stack && roleId === role.id);
      if (fleet === undefined) return granted.map((one) => `${nameOf(role)} reads ${one}`);
      const needed = neededBy(parameterReads(fleet.role, fleet.steps));
      return [
        ...granted.filter((one) => !needed.includes(one)).map((one) => `${nameOf(role)} reads needlessly ${one}`),
        ...needed.filter((one) => !granted.includes(one)).map((one) => `${nameOf(role)} cannot read ${one}`),
      ];
    }),
  );
  return findings.flat();
}

/** `<topic> by <action>` for all that a node reads. */
function neededBy({ closed, open, asked, followed }: ParameterReads): string[] {
  return [
    ...[...closed, ...followed].map((topic) => `${topic}/* by ssm:GetParameters`),
    ...open.flatMap((topic) => [topic, `${topic}/*`].map((path) => `${path} by ssm:GetParametersByPath`)),
    ...asked.map((topic) => `${topic}/* by ssm:GetParameter`),
  ];
}

/** `<what, relative to the environment> by <action>` for all that a role may read; `*` for what is more than that. */
async function readable({ grants }: Role, environment: string): Promise<string[]> {
  const lines = await Promise.all(
    grants
      .filter(({ effect }) => effect === 'Allow')
      .map(async ({ actions, resources }) => {
        const named = (await Promise.all(actions.map(actionsLike))).flat().map(({ name }) => name);
        const reading = named.filter((name) => /^ssm:GetParameter/.test(name));
        return reading.flatMap((action) =>
          resources.flatMap((resource) => below(resource, environment).map((what) => `${what} by ${action}`)),
        );
      }),
  );
  return [...new Set(lines.flat())];
}

/** Says what a resource covers of an environment's parameters: nothing, something by its relative name, or more than a topic. */
function below(resource: string, environment: string): string[] {
  const [, name] = new RegExp(`:parameter/beamstalk/${environment}/([a-z-]+(?:/.*)?)$`).exec(resource) ?? [];
  if (name !== undefined) return [name];
  const [head = ''] = resource.split(':parameter/');
  const any = policyPattern(`${head === resource ? 'arn:*' : head}:parameter/beamstalk/${environment}*`);
  return overlap(policyPattern(resource), any) ? ['*'] : [];
}
