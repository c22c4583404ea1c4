import { expect, test } from 'vitest';
import { phases } from '../../lib/commands/phases';
import { CDK_JSON, CONFIGURATION_DIRECTORY } from '../../lib/config/directory';

test('says of each phase what the account must have at its peak, and what is more than it is given', () => {
  const output = phases({ context: { env: 'prod' }, directory: CONFIGURATION_DIRECTORY, cdkJson: CDK_JSON });
  const lines = output.split('\n');
  expect(lines[0]).toMatch(/^phase +name +stacks +resources +vCPUs +addresses +adds$/);
  expect(lines[1]).toMatch(/^ +0 +single server +\d+ +\d+ +4 +1 +/);
  expect(lines[3]).toMatch(/^ +2 +horizontal +\d+ +\d+ +24 +3 +/);
  expect(lines[5]).toMatch(/^ +4 +automated +\d+ +\d+ +38 +3 +/);
  expect(output).toContain('\nphase 2: 24 vCPUs (5)\n');
});
