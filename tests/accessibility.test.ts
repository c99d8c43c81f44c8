/**
 * The pages about houses, the door and the account have no serious violation that axe can find; long/accessibility.test.ts
 * looks at all pages in each theme, with their dialogs.
 */
import { expect } from 'bun:test';
import { DESK, lookAtAccount, lookAtHouses, PHONE } from './harness/accessibility.ts';
import { testWith } from './tools.ts';

const TEST_MS = 200_000;

testWith('chromium')(
  'axe finds nothing serious on any page about houses',
  async () => expect(await lookAtHouses({ views: [DESK], withDialogs: false })).toEqual([]),
  TEST_MS,
);

testWith('chromium')(
  'axe finds nothing serious at the door and in the account',
  async () => expect(await lookAtAccount({ views: [PHONE], withDialogs: false })).toEqual([]),
  TEST_MS,
);
