// Style is a test: each rule holds in the repository, and is proven by a violation planted for it.
import { describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { documentRules } from './document-rules.ts';
import { importRules } from './import-rules.ts';
import { placementRules } from './placement-rules.ts';
import { shapeRules } from './shape-rules.ts';
import { plantTree, readTree } from './tree.ts';

const repository = readTree(join(import.meta.dir, '../..'));

for (const rule of [...importRules, ...placementRules, ...shapeRules, ...documentRules]) {
  describe(rule.fact, () => {
    test('in the repository', () => {
      expect(rule.check(repository)).toEqual([]);
    });

    test('and a violation would be found', () => {
      const violations = rule.check(plantTree(rule.planted));
      const missed = Object.keys(rule.planted).filter(
        (path) => !violations.some((found) => found.startsWith(`${path}: `)),
      );
      expect(missed).toEqual([]);
      expect(rule.check(plantTree(rule.allowed))).toEqual([]);
    });
  });
}
