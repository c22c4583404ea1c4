import type { TemplateResource } from '../../../template/template';
import { flagOf, isTree } from '../../../template/values';
import type { Finding } from '../../finding';
import type { Check } from '../../rule';

const SOURCE =
  'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#deletion-protection';

/** Deletion that AWS refuses, where CloudFormation would try it: what is protected has to be set free by a step before. */
export const DELETION_PROTECTION: Check = {
  rules: [
    {
      id: 'deletion-protected',
      severity: 'refused',
      summary: 'A resource is deleted while its deletion protection is on.',
      why: 'The service refuses to delete it. The update ends without it, and it stays in the account, unmanaged, and costs.',
      source: SOURCE,
    },
  ],
  find: ({ changes }) =>
    [...changes.values()].flatMap(({ stack, id, change, was }): Finding[] => {
      if (was === undefined || !isProtected(was)) return [];
      const policy =
        change === 'removes' ? was.DeletionPolicy : change === 'replaces' ? was.UpdateReplacePolicy : 'Retain';
      // A policy may be left to a function (`AWS::LanguageExtensions`).
      if (String(policy).startsWith('Retain')) return [];
      return [
        {
          severity: 'refused',
          rule: 'deletion-protected',
          stack,
          id,
          message: `it is ${change === 'removes' ? 'removed' : 'replaced'} while its deletion protection is on, so AWS refuses to delete it`,
          remedy: `deploy once with the protection off${isLoadBalancer(was) ? ' (protection set to data)' : ''}, then this`,
        },
      ];
    }),
};

function isLoadBalancer({ Type }: TemplateResource): boolean {
  return Type === 'AWS::ElasticLoadBalancingV2::LoadBalancer';
}

/** Properties by which services say that a thing refuses to be deleted. */
const FLAGS = ['DeletionProtection', 'DeletionProtectionEnabled', 'DeleteProtection', 'DisableApiTermination'];

function isProtected(resource: TemplateResource): boolean {
  const { Properties = {} } = resource;
  if (isLoadBalancer(resource)) {
    const attributes: unknown = Properties['LoadBalancerAttributes'];
    return Array.isArray(attributes) && attributes.filter(isTree).some(isDeletionProtection);
  }
  const replicas: unknown = Properties['Replicas'];
  return (
    FLAGS.some((name) => flagOf(Properties[name]) || Properties[name] === 'ACTIVE') ||
    (Array.isArray(replicas) && replicas.filter(isTree).some((one) => flagOf(one['DeletionProtectionEnabled'])))
  );
}

function isDeletionProtection({ Key, Value }: Readonly<Record<string, unknown>>): boolean {
  return Key === 'deletion_protection.enabled' && flagOf(Value);
}
