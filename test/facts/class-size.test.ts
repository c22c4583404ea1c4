import { describe, expect, test } from 'vitest';
import { classSize } from '../../lib/facts/class-size';
import { INSTANCE_TYPE_NAMES, instanceType } from '../../lib/facts/instance-type';

describe('the size of a class', () => {
  test.each([
    ['db.t4g.medium', 2, 4],
    ['db.r7g.large', 2, 16],
    ['db.m6g.2xlarge', 8, 32],
    ['cache.t4g.micro', 2, 1],
    ['cache.r6g.4xlarge', 16, 128],
    ['db.t3.2xlarge', 8, 32],
  ])('%s has %i vCPUs and %i GiB', (name, vcpu, memoryGiB) => {
    expect(classSize(name)).toMatchObject({ vcpu, memoryGiB });
  });

  test.each(['db.serverless', 'db.z1d.large', 'nothing'])('%s follows no rule', (name) => {
    expect(classSize(name)).toBeUndefined();
  });

  // The same type in a generation that nobody knows yet: what is not in the catalogue follows the rule.
  test.each(INSTANCE_TYPE_NAMES.filter((name) => /^[cmrt]\d/.test(name)))('%s follows it', (name) => {
    const { vcpu, memoryMiB } = instanceType(name);
    expect(classSize(name.replace(/^([a-z])\d/, '$19'))).toMatchObject({ vcpu, memoryGiB: memoryMiB / 1024 });
  });
});
