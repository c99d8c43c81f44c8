import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { listSuites, type Suite } from './suites.ts';

process.chdir(join(import.meta.dir, '..'));

const filesOf = (suites: Suite[]): string[] => suites.flatMap((suite) => (suite.kind === 'tests' ? suite.files : []));
const groupsOf = (suites: Suite[]): string[] => [...new Set(suites.map((suite) => suite.group))].sort();

test('every test file of the repository is in exactly one suite', () => {
  const inTree = ['packages', 'scripts', 'tests']
    .flatMap((folder) => [...new Bun.Glob('**/*.test.{ts,tsx}').scanSync(folder)].map((path) => `${folder}/${path}`))
    .filter((path) => !path.includes('node_modules/'));
  expect(filesOf(listSuites(['unit', 'tidy', 'system', 'long'])).sort()).toEqual(inTree.sort());
});

test('without an argument everything but the long tests is meant', () => {
  const groups = groupsOf(listSuites([]));
  expect(groups).toContain('unit');
  expect(groups).toContain('lint');
  expect(groups).toContain('tools');
  expect(groups).not.toContain('long');
});

test('a name chooses its suites, and tests bring the tools they need', () => {
  expect(groupsOf(listSuites(['lint']))).toEqual(['lint']);
  expect(groupsOf(listSuites(['unit']))).toEqual(['tools', 'unit']);
});

test('a part of a path chooses test files and leaves out the checks', () => {
  expect(filesOf(listSuites(['scripts/suites']))).toEqual(['scripts/suites.test.ts']);
  expect(groupsOf(listSuites(['scripts/suites']))).toEqual(['unit']);
  expect(listSuites(['no-such-thing'])).toEqual([]);
});
