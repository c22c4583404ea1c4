import { disk, INSTANCE_WITH_DISK } from './hazards-of-accounts';
import { given, set } from './hazards-of-one-update';
import type { SafeChange } from './safe-change';

const INSTANCE = 'AWS::EC2::Instance';
const POOL = 'AWS::Cognito::UserPool';

/** Harmless neighbours of what is refused for an instance that stands alone, and for a pool of user accounts. */
export const NEIGHBOURS_OF_ACCOUNTS: readonly SafeChange[] = [
  {
    name: 'instance: another type',
    base: given(INSTANCE, INSTANCE_WITH_DISK),
    plant: set({ InstanceType: 't3.large' }),
    change: ['Thing', 'restarts'],
  },
  {
    name: 'instance: other security groups',
    base: (both) => {
      given(INSTANCE, INSTANCE_WITH_DISK)(both);
      both.add('data', 'Group', { Type: 'AWS::EC2::SecurityGroup', Properties: { GroupDescription: 'a' } });
    },
    plant: set({ SecurityGroupIds: [{ 'Fn::GetAtt': ['Group', 'GroupId'] }] }),
    change: ['Thing', 'updates'],
  },
  {
    name: 'instance: its disk stays from now on',
    base: given(INSTANCE, INSTANCE_WITH_DISK),
    plant: set({ BlockDeviceMappings: [disk(100, { DeleteOnTermination: false })] }),
    change: ['Thing', 'updates'],
  },
  {
    name: 'instance: one that only passes on what is for others',
    base: given(INSTANCE, { ImageId: 'ami-1', SourceDestCheck: false }, { DeletionPolicy: 'Delete' }),
    plant: (after) => after.remove('data', 'Thing'),
    change: ['Thing', 'removes'],
  },
  {
    name: 'instance: a launch template with a disk',
    base: given(
      'AWS::EC2::LaunchTemplate',
      { LaunchTemplateData: { BlockDeviceMappings: [disk(100)] } },
      { DeletionPolicy: 'Delete' },
    ),
    plant: (after) => after.remove('data', 'Thing'),
    change: ['Thing', 'removes'],
  },
  {
    name: 'accounts: the same ways to sign in, in another order',
    base: given(POOL, { UsernameAttributes: ['email', 'phone_number'] }),
    plant: set({ UsernameAttributes: ['phone_number', 'email'] }),
    change: ['Thing', 'updates'],
  },
  {
    name: 'accounts: a second factor',
    base: given(POOL, { UsernameAttributes: ['email'], MfaConfiguration: 'OFF' }),
    plant: set({ MfaConfiguration: 'OPTIONAL' }),
    change: ['Thing', 'updates'],
  },
];
