import { describe, expect, it } from 'vitest';
import { INSTANCE_TYPE_NAMES, instanceType } from '../../lib/facts/instance-type';
import { nodeSize, workerConnections } from '../../lib/node/size';

describe('the size of a node', () => {
  // The table of 2026-11-20, budgets in thousands as it rounds them.
  it.each([
    ['t3.medium', 52, 131_072, 1_048_576],
    ['c7i.xlarge', 105, 262_144, 1_048_576],
    ['c7i.4xlarge', 419, 1_048_576, 2_097_152],
    ['c7i.12xlarge', 1258, 2_097_152, 4_194_304],
    ['c7i.24xlarge', 2517, 4_194_304, 8_388_608],
    ['c7i.48xlarge', 5033, 8_388_608, 16_777_216],
  ])('of a %s: %i thousand connections', (name, thousands, openFiles, processes) => {
    const size = nodeSize(instanceType(name));
    expect({ ...size, connectionBudget: Math.round(size.connectionBudget / 1000) }).toEqual({
      connectionBudget: thousands,
      openFiles,
      processes,
    });
  });

  it.each(INSTANCE_TYPE_NAMES.map((name) => [name]))('of a %s fits what the BEAM accepts', (name) => {
    const { connectionBudget, openFiles, processes } = nodeSize(instanceType(name));
    expect(Number.isInteger(Math.log2(openFiles))).toBe(true);
    expect(openFiles).toBeGreaterThanOrEqual(connectionBudget * 1.5);
    // Half of it would be too little, or the table is larger than it has to be.
    expect(openFiles / 2).toBeLessThan(connectionBudget * 1.5);
    expect(openFiles).toBeLessThanOrEqual(134_217_727);
    expect(processes).toBeLessThanOrEqual(134_217_727);
    expect(processes).toBeGreaterThanOrEqual(1_048_576);
  });

  it.each(['t3.medium', 'c7i.4xlarge', 'r7i.2xlarge'])('lets the nginx of a %s hold its budget', (name) => {
    const type = instanceType(name);
    expect(workerConnections(type) * type.vcpu).toBeGreaterThanOrEqual(2 * nodeSize(type).connectionBudget);
  });
});
