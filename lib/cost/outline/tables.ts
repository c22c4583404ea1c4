import type { Resources } from './resources';

/** Properties by which the bill knows tables in which no rows of the application are. */
const MACHINERY = {
  jobs: { KeySchema: [{ AttributeName: 'id' }], TimeToLiveSpecification: { AttributeName: 'expiration' } },
  shards: {
    KeySchema: [{ AttributeName: 'pk' }, { AttributeName: 'sk' }],
    TimeToLiveSpecification: { AttributeName: 'expires' },
  },
  rows: {},
} as const;

/** A table as lib/constructs/tables makes them, by what it holds. */
export function addTable(resources: Resources, holds: keyof typeof MACHINERY = 'rows'): { Ref: string } {
  return resources.add('DynamoDB::GlobalTable', {
    ...MACHINERY[holds],
    BillingMode: 'PAY_PER_REQUEST',
    Replicas: [{ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }],
  });
}
