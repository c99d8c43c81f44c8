/** Every page and dialog, in both themes and at two widths, has no serious violation that axe can find. */
import { expect } from 'bun:test';
import { DESK, lookAtAccount, lookAtHouses, lookAtSettings, PHONE } from '../harness/accessibility.ts';
import { testWith } from '../tools.ts';

const TEST_MS = 900_000;

testWith('chromium')(
  'axe finds nothing serious on any page about houses',
  async () => expect(await lookAtHouses([DESK, PHONE])).toEqual([]),
  TEST_MS,
);

testWith('chromium')(
  'axe finds nothing serious in the settings',
  async () => expect(await lookAtSettings([DESK, PHONE])).toEqual([]),
  TEST_MS,
);

testWith('chromium')(
  'axe finds nothing serious at the door and in the account',
  async () => expect(await lookAtAccount([DESK, PHONE])).toEqual([]),
  TEST_MS,
);
