import { expect, test } from 'vitest';
import { explore } from '../../lib/commands/explore';
import { CDK_JSON, CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import { HIDDEN, NAMES } from './explore-names';

test('a page holds no domain, address, mail, account or ARN of the settings that it is written with', async () => {
  const place = { directory: CONFIGURATION_DIRECTORY, cdkJson: CDK_JSON };
  const page = await explore({ environment: 'prod', settings: NAMES, today: '2026-11-30', ...place });
  expect(page.length).toBeGreaterThan(100_000);
  expect(page.match(new RegExp(`.{0,80}(${HIDDEN.source}).{0,40}`, 'gi')) ?? []).toEqual([]);
}, 300_000);
