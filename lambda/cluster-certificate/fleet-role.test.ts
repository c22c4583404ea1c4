import { expect, test } from 'vitest';
import { isRoleOf } from './fleet-role';

const LONG = 'a-name-of-20-letters-workers/WorkersNodesRole4E5F6A7B';

test.each<[string, string, boolean]>([
  ['dev-app/TiersAppRole0A1B2C3D', 'dev-app-TiersAppRole0A1B2C3D-1GXCJN4S8Y2Z', true],
  ['dev-app/TiersAppRole0A1B2C3D', 'dev-app-TiersAppRole0A1B2C-1GXCJN4S8Y2Z', false],
  ['dev-app/TiersAppRole0A1B2C3D', 'dev-app-TiersAppRole0A1B2C3D-one-more', false],
  [LONG, 'a-name-of-20-letters-workers-WorkersNodesRole4E5F6A-1GXCJN4S8Y2Z', true],
  [LONG, 'a-name-of-20-letters-work-WorkersNodesRole4E5F6A7B-1GXCJN4S8Y2Z', true],
  [LONG, 'a-name-of-20-letters-app-WorkersNodesRole4E5F6A7B-1GXCJN4S8Y2Z', false],
  [LONG, 'a-name-WorkersNodesRole4E5F6A7B-1GXCJN4S8Y2Z', false],
  [LONG, 'a-name-of-20-letters-workers-Workers-1GXCJN4S8Y2Z', false],
])('of the fleet %s the role %s: %s', (fleet, role, is) => {
  expect(isRoleOf(fleet, role)).toBe(is);
});
