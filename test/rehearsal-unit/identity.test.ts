import { describe, expect, it } from 'vitest';
import type { CloudFormationResource } from '../cdk-context';
import { compareIdentities, type Identity } from '../rehearsal/identity';

type Properties = NonNullable<CloudFormationResource['Properties']>;

function resource(
  logicalId: string,
  type: string,
  physicalId: string,
  Properties: Properties = {},
  policy?: string,
): Identity {
  const definition = { Type: type, Properties, ...(policy !== undefined && { DeletionPolicy: policy }) };
  return { stack: 'prod-data', logicalId, type, physicalId, definition };
}

const never = (): boolean => false;
const always = (): boolean => true;

describe('what an update did to the resources', () => {
  it('keeps what is the same', () => {
    const group = resource('Group', 'AWS::EC2::SecurityGroup', 'sg-1', { GroupDescription: 'x' });
    const { kept, untouched, failures } = compareIdentities([group], [group], never);
    expect({ kept, untouched, failures }).toEqual({ kept: 1, untouched: ['prod-data/Group'], failures: [] });
  });

  it('finds a replacement that no template asked for', () => {
    const before = resource('Group', 'AWS::EC2::SecurityGroup', 'sg-1');
    const { failures } = compareIdentities([before], [{ ...before, physicalId: 'sg-2' }], never);
    expect(failures).toEqual([expect.stringMatching(/replaced though its template is the same: was sg-1, is sg-2/)]);
  });

  it('reports a replacement that a template asked for, of something that holds nothing', () => {
    const before = resource('Group', 'AWS::EC2::SecurityGroup', 'sg-1', { GroupDescription: 'x' });
    const after = resource('Group', 'AWS::EC2::SecurityGroup', 'sg-2', { GroupDescription: 'y' });
    const { replaced, failures, untouched } = compareIdentities([before], [after], never);
    expect({ replaced, failures, untouched }).toEqual({ replaced: ['prod-data/Group'], failures: [], untouched: [] });
  });

  it.each([
    ['by its type', 'AWS::EC2::Subnet', undefined],
    ['because it holds data', 'AWS::S3::Bucket', undefined],
    ['by its policy', 'AWS::Logs::LogGroup', 'Retain'],
  ])('refuses the replacement of what must survive %s', (_, type, policy) => {
    const before = resource('Thing', type, 'old', { Tags: [] }, policy);
    const after = resource('Thing', type, 'new', { Tags: [{}] }, policy);
    expect(compareIdentities([before], [after], never).failures).toEqual([
      expect.stringMatching(/must survive and was replaced/),
    ]);
  });

  it('finds what AWS would replace, even where the engine did not', () => {
    const before = resource('Database', 'AWS::RDS::DBInstance', 'db', { StorageEncrypted: false, MultiAZ: false });
    const after = resource('Database', 'AWS::RDS::DBInstance', 'db', { StorageEncrypted: true, MultiAZ: true });
    const { failures } = compareIdentities([before], [after], never);
    expect(failures).toEqual([expect.stringMatching(/AWS would replace it: StorageEncrypted changed/)]);
  });

  it('lets data leave its template only when the climb retires it', () => {
    const volume = resource('BoxData', 'AWS::EC2::Volume', 'vol-1', {}, 'Retain');
    expect(compareIdentities([volume], [], always)).toMatchObject({ released: [volume], failures: [] });
    expect(compareIdentities([volume], [], never).failures).toEqual([expect.stringMatching(/does not retire it/)]);
  });

  it('finds another type under the same logical id', () => {
    const before = resource('Thing', 'AWS::SNS::Topic', 'a');
    const after = resource('Thing', 'AWS::SSM::Parameter', 'a');
    expect(compareIdentities([before], [after], never).failures).toEqual([expect.stringMatching(/changed its type/)]);
  });

  it('does not call untouched what refers to something that changed', () => {
    const group = resource('Group', 'AWS::AutoScaling::AutoScalingGroup', 'asg', {
      Version: { 'Fn::GetAtt': ['Template', 'Latest'] },
    });
    const template = (text: string): Identity => resource('Template', 'AWS::EC2::LaunchTemplate', 'lt', { Data: text });
    expect(compareIdentities([group, template('a')], [group, template('b')], never).untouched).toEqual([]);
    expect(compareIdentities([group, template('a')], [group, template('a')], never).untouched).toHaveLength(2);
  });

  it('names what came and what went', () => {
    const [old, young] = ['Old', 'New'].map((id) => resource(id, 'AWS::SNS::Topic', id));
    if (old === undefined || young === undefined) throw new Error('two were made');
    const { added, removed } = compareIdentities([old], [young], never);
    expect({ added, removed }).toEqual({ added: ['prod-data/New'], removed: ['prod-data/Old'] });
  });
});
