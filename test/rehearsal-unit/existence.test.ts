import { describe, expect, it } from 'vitest';
import { type Finding, judgeExistence } from '../rehearsal/existence';

const LISTED = { 'AWS::EC2::FlowLog': 'no provisioner' };

function finding(type: string, exists: boolean | undefined): Finding {
  return { stack: 'prod-network', logicalId: 'Thing', type, exists };
}

describe('the list of what the engine does not make', () => {
  it('counts what exists apart from listed phantoms', () => {
    const findings = [finding('AWS::EC2::VPC', true), finding('AWS::EC2::FlowLog', false)];
    expect(judgeExistence(findings, LISTED, ['AWS::EC2::FlowLog'])).toEqual({ found: 1, phantoms: 1, failures: [] });
  });

  it('fails when a type that is not listed does not exist', () => {
    const { found, failures } = judgeExistence([finding('AWS::EC2::VPC', false)], LISTED, []);
    expect(found).toBe(0);
    expect(failures).toEqual([expect.stringContaining('prod-network/Thing (AWS::EC2::VPC)')]);
  });

  it('fails when a listed type exists', () => {
    const { failures } = judgeExistence([finding('AWS::EC2::FlowLog', true)], LISTED, []);
    expect(failures).toEqual([expect.stringMatching(/AWS::EC2::FlowLog exists.*remove it/)]);
  });

  it('fails when nobody can ask for a type', () => {
    const { failures } = judgeExistence([finding('AWS::SQS::Queue', undefined)], LISTED, []);
    expect(failures).toEqual([expect.stringMatching(/AWS::SQS::Queue has no reader/)]);
  });

  it('fails when a listed type has no reader: nobody would notice that it exists', () => {
    const { failures } = judgeExistence([finding('AWS::EC2::FlowLog', undefined)], LISTED, []);
    expect(failures).toHaveLength(1);
  });

  it('fails when the engine itself names a type that is not listed', () => {
    const { failures } = judgeExistence([finding('AWS::EC2::VPC', true)], LISTED, ['AWS::EC2::VPC']);
    expect(failures).toEqual([expect.stringMatching(/AWS::EC2::VPC: the engine says that it does not make it/)]);
  });

  it('says each thing once', () => {
    const findings = [finding('AWS::EC2::FlowLog', true), finding('AWS::EC2::FlowLog', true)];
    expect(judgeExistence(findings, LISTED, []).failures).toHaveLength(1);
  });
});
