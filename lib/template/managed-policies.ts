import { rendered } from './render-value';
import type { Template } from './template';

/** Managed policies by holder, both as the template writes them. */
export function managedPolicies({ Resources }: Template): (readonly [holder: string, policy: string])[] {
  return Object.entries(Resources).flatMap(([id, { Type, Properties = {} }]) => {
    if (!/^AWS::IAM::(Role|User|Group)$/.test(Type)) return [];
    const policies = Properties['ManagedPolicyArns'];
    return (Array.isArray(policies) ? policies : []).map((policy) => [`\${${id}}`, rendered(policy)] as const);
  });
}
