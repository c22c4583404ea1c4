import type { TemplateResource } from './template';
import { isTree } from './values';

/** True for a hosted zone whose names everybody resolves: one that no network is named in. */
export function isPublicZone({ Type, Properties = {} }: TemplateResource): boolean {
  if (Type !== 'AWS::Route53::HostedZone') return false;
  const networks = Properties['VPCs'];
  return Array.isArray(networks) ? networks.length === 0 : !isTree(networks);
}
