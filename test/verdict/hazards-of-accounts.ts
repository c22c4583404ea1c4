import type { Hazard } from './hazard';
import { given, set } from './hazards-of-one-update';

const INSTANCE = 'AWS::EC2::Instance';
const POOL = 'AWS::Cognito::UserPool';

export const disk = (VolumeSize: number, rest: object = {}) => ({
  DeviceName: '/dev/sdf',
  Ebs: { VolumeSize, ...rest },
});

export const INSTANCE_WITH_DISK = { ImageId: 'ami-1', InstanceType: 't3.small', BlockDeviceMappings: [disk(100)] };

const GONE = { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' };

/** Instances that stand alone with their disks, and pools of user accounts. */
export const ACCOUNTS: readonly Hazard[] = [
  {
    name: 'instance: removed with its disk',
    given: given(INSTANCE, INSTANCE_WITH_DISK, GONE),
    plant: (after) => after.remove('data', 'Thing'),
    rule: 'data-removed',
    change: ['Thing', 'removes'],
  },
  {
    name: 'instance: removed with the disk of its image alone',
    given: given(INSTANCE, { ImageId: 'ami-1', InstanceType: 't3.small' }, GONE),
    plant: (after) => after.remove('data', 'Thing'),
    rule: 'data-removed',
  },
  {
    name: 'instance: another image',
    given: given(INSTANCE, INSTANCE_WITH_DISK),
    plant: set({ ImageId: 'ami-2' }),
    rule: 'data-replaced',
    change: ['Thing', 'replaces'],
  },
  {
    name: 'instance: a larger disk',
    given: given(INSTANCE, INSTANCE_WITH_DISK),
    plant: set({ BlockDeviceMappings: [disk(200)] }),
    rule: 'data-replaced',
    change: ['Thing', 'replaces'],
  },
  {
    name: 'instance: its disk goes with it from now on',
    given: given(INSTANCE, { ...INSTANCE_WITH_DISK, BlockDeviceMappings: [disk(100, { DeleteOnTermination: false })] }),
    plant: set({ BlockDeviceMappings: [disk(100)] }),
    rule: 'guard-dropped',
    change: ['Thing', 'updates'],
  },
  {
    name: 'instance: no longer protected from termination',
    given: given(INSTANCE, { ...INSTANCE_WITH_DISK, DisableApiTermination: true }),
    plant: set({ DisableApiTermination: false }),
    rule: 'guard-dropped',
  },
  {
    name: 'instance: removed while it is protected',
    given: given(INSTANCE, { ...INSTANCE_WITH_DISK, DisableApiTermination: true }, GONE),
    plant: (after) => after.remove('data', 'Thing'),
    rule: 'deletion-protected',
  },
  ...[
    { UsernameAttributes: ['email', 'phone_number'] },
    { UsernameAttributes: undefined },
    { AliasAttributes: ['preferred_username'] },
    { UsernameConfiguration: { CaseSensitive: false } },
  ].map(
    (properties): Hazard => ({
      name: `accounts: users sign in by something else, ${JSON.stringify(properties)}`,
      given: given(POOL, { UsernameAttributes: ['email'] }),
      plant: set(properties),
      rule: 'rejected-by-aws',
    }),
  ),
  ...[{ Name: 'team', AttributeDataType: 'String', Required: true }, { Name: 'email' }].map(
    (attribute): Hazard => ({
      name: `accounts: an attribute that ${attribute.Name === 'team' ? 'all users must have' : 'every pool has'}`,
      given: given(POOL, { Schema: [{ Name: 'plan', AttributeDataType: 'String' }] }),
      plant: set({ Schema: [{ Name: 'plan', AttributeDataType: 'String' }, attribute] }),
      rule: 'more-than-one-update',
    }),
  ),
];
