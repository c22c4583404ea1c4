import { RegionInfo } from 'aws-cdk-lib/region-info';
import { describe, expect, test } from 'vitest';
import { DEFAULTS } from '../../lib/config/defaults';
import { KNOWN_REGION } from '../../lib/config/known-region';
import type { Settings } from '../../lib/config/schema';
import { partitionOf } from '../../lib/facts/partition';
import { REGIONS } from '../../lib/facts/regions';

const allowed = (region: string, availabilityZones?: string[]) =>
  KNOWN_REGION.violated({ ...DEFAULTS, region, network: { ...DEFAULTS.network, availabilityZones } } as Settings, 0);

test('the regions are those of the constructs library', () => {
  expect([...REGIONS].sort()).toEqual(RegionInfo.regions.map(({ name }) => name).sort());
});

test.each(RegionInfo.regions.map(({ name, partition }) => [name, partition]))('%s is of %s', (name, partition) => {
  expect(partitionOf(name)).toBe(partition);
});

describe('a region', () => {
  test.each(['us-east-1', 'eu-west-1', 'me-central-1'])('%s is known', (region) => {
    expect(allowed(region)).toBeUndefined();
  });

  test('that is not there is refused, with the nearest one', () => {
    expect(allowed('eu-wset-1')).toContain('a region of AWS (did you mean eu-west-1?)');
    expect(allowed('eu-west-9')).toContain('a region of AWS (did you mean eu-west-');
  });

  test('that is newer than the list is taken with its zones', () => {
    expect(allowed('eu-west-9', ['eu-west-9a', 'eu-west-9b', 'eu-west-9c'])).toBeUndefined();
  });
});
