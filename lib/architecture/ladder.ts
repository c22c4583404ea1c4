import { type InstanceType, instanceType } from '../facts/instance-type';

/**
 * The instance types a node grows along before a second node is worth having: the c7i family with a
 * burstable start.
 */
export const LADDER: readonly InstanceType[] = [
  't3.medium',
  't3.large',
  'c7i.xlarge',
  'c7i.2xlarge',
  'c7i.4xlarge',
  'c7i.8xlarge',
  'c7i.12xlarge',
  'c7i.16xlarge',
  'c7i.24xlarge',
  'c7i.48xlarge',
].map(instanceType);
