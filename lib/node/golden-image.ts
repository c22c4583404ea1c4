import type { CpuArchitecture } from '../facts/instance-type';
import type { NodeImage } from './blueprint';

/**
 * Parameter in which Image Builder publishes the id of the newest golden image. Its own role may write below `/imagebuilder/` only.
 *
 * Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSServiceRoleForImageBuilder.html (2026-11-21)
 */
export function goldenImageParameter(environment: string, architecture: CpuArchitecture): string {
  return `/imagebuilder/beamstalk/${environment}/${architecture}`;
}

/**
 * Packages that a golden image has and that a boot would otherwise install: nothing but time is won by them, and a node
 * of the maker's own image boots as well.
 *
 * Image Builder needs the Systems Manager agent, and its own updates, which Debian does not have.
 */
export const GOLDEN_PACKAGES: Readonly<Partial<Record<NodeImage, readonly string[]>>> = {
  'amazon-linux-2023': ['nginx', 'nginx-mod-stream'],
};
