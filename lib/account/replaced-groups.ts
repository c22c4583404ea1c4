import { referencesIn } from '../template/references';
import type { TemplateResource, Templates } from '../template/template';
import { isTree, numberOf } from '../template/values';

/** An Auto Scaling group whose nodes a deployment replaces, and how many may exist meanwhile, in per cent of the fleet. */
export interface ReplacedGroup {
  readonly stack: string;
  readonly id: string;
  readonly percent: number;
}

/**
 * The groups that blue-green deployments replace, one after the other: a project of CodeBuild is told which, and how many
 * nodes may exist at once (`replace.sh`).
 */
export function groupsReplacedBy(templates: Templates): ReplacedGroup[] {
  return Object.values(templates).flatMap(({ Resources }) =>
    Object.values(Resources).flatMap((resource) => {
      const percent = numberOf(variableOf(resource, 'MAX_HEALTHY'));
      if (percent === undefined) return [];
      return referencesIn(variableOf(resource, 'GROUPS_TO_REPLACE')).flatMap((reference) => {
        if (reference.kind !== 'stack-output') return [];
        const { stack, output } = reference;
        const outputs = templates[stack]?.['Outputs'];
        const [group] = referencesIn(isTree(outputs) ? outputs[output] : undefined);
        return group?.kind === 'resource' ? [{ stack, id: group.id, percent }] : [];
      });
    }),
  );
}

function variableOf({ Type, Properties }: TemplateResource, name: string): unknown {
  const environment = Type === 'AWS::CodeBuild::Project' ? Properties?.['Environment'] : undefined;
  const variables: unknown = isTree(environment) ? environment['EnvironmentVariables'] : undefined;
  if (!Array.isArray(variables)) return undefined;
  return variables.filter(isTree).find((variable) => variable['Name'] === name)?.['Value'];
}
