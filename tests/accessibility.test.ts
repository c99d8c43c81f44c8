/**
 * The pages that people look at all day have no serious violation that axe can find, and their policy refuses nothing of
 * them; long/accessibility.test.ts looks at all pages in each theme, with their dialogs.
 */
import { expect } from 'bun:test';
import { DESK, lookAtAccount, lookAtHouses, PHONE } from './harness/accessibility.ts';
import { testWith } from './tools.ts';

const TEST_MS = 200_000;

testWith('chromium')(
  'axe finds nothing serious on the map, the lists and the page of a house',
  async () => expect(await lookAtHouses({ views: [DESK], isQuick: true })).toEqual([]),
  TEST_MS,
);

testWith('chromium')(
  'axe finds nothing serious at the door and in the account',
  async () => expect(await lookAtAccount({ views: [PHONE], isQuick: true })).toEqual([]),
  TEST_MS,
);
