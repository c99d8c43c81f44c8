/**
 * The pages that people look at all day have no serious violation that axe can find, and their policy refuses nothing of
 * them; long/accessibility.test.ts looks at all pages in each theme, with their dialogs.
 */
import { expect } from 'bun:test';
import { DESK, lookAtHouses } from './harness/accessibility.ts';
import { testWith } from './tools.ts';

testWith('chromium')(
  'axe finds nothing serious on the map, the lists and the page of a house',
  async () => expect(await lookAtHouses([DESK], { isQuick: true })).toEqual([]),
  200_000,
);
