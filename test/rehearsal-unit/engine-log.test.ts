import { expect, it } from 'vitest';
import { typesWithoutProvisioner } from '../rehearsal/engine';

it('reads the types that the engine does not make from its log', () => {
  const warning = (type: string, id: string): string =>
    `2026-11-21T10:18:34Z  WARN fakecloud: no provisioner for resource type; recording it resource_type=${type} logical_id=${id}`;
  const log = [
    warning('AWS::EC2::FlowLog', 'A'),
    'WARN fakecloud_core::dispatch: request failed service=s3 resource_type=AWS::S3::Bucket',
    warning('AWS::DLM::LifecyclePolicy', 'B'),
    warning('AWS::EC2::FlowLog', 'C'),
  ].join('\n');
  expect(typesWithoutProvisioner(log)).toEqual(['AWS::DLM::LifecyclePolicy', 'AWS::EC2::FlowLog']);
});
