import { expect, test } from 'bun:test';
import { judge } from './judge.ts';
import type { Finished } from './run-child.ts';

const ended = (status: number, leftovers: string[] = []): Finished => ({
  end: { kind: 'exited', status },
  output: '',
  leftovers,
});
const check = { kind: 'check', name: 'lint' } as const;
const tests = { kind: 'tests', name: 'unit api', files: ['a.test.ts'] } as const;
const suite = { ...tests, files: [...tests.files] };

const report = `<testsuites><testsuite name="a.test.ts" file="a.test.ts">
  <testcase name="one &lt; two" classname="" file="a.test.ts" line="1" />
  <testcase name="left out" classname="" file="a.test.ts"><skipped /></testcase>
  <testcase name="fails" classname="group" file="a.test.ts"><failure type="AssertionError">…</failure></testcase>
</testsuite></testsuites>`;
const green = '<testcase name="one &lt; two" classname="" file="a.test.ts" line="1" />';

test('a check is one test, passed or failed by its status', () => {
  expect(judge(check, ended(0), '')).toEqual({ passed: 1, failed: [], skipped: [] });
  expect(judge(check, ended(2), '')).toEqual({ passed: 0, failed: ['lint: ended with status 2'], skipped: [] });
});

test('every case of a report counts, and failed and skipped ones keep their names', () => {
  const outcome = judge(suite, ended(1), report);
  expect(outcome).toEqual({ passed: 1, failed: ['a.test.ts: group > fails'], skipped: ['a.test.ts: left out'] });
});

test('a suite fails when it ends badly though no test failed', () => {
  expect(judge(suite, ended(1), green).failed).toEqual(['unit api: ended with status 1']);
  const crashed: Finished = { end: { kind: 'killed', signal: 'SIGSEGV' }, output: '', leftovers: [] };
  expect(judge(suite, crashed, green).failed).toEqual(['unit api: was ended by SIGSEGV']);
});

test('a file that ran no test fails, also with status 0', () => {
  expect(judge(suite, ended(0), '').failed).toEqual(['a.test.ts: ran no test']);
  expect(judge({ ...suite, files: [] }, ended(0), '').failed).toEqual(['unit api: has no test']);
});

test('a suite that leaves a process running fails', () => {
  expect(judge(suite, ended(0, ['nats-server -p 1']), green).failed).toEqual([
    'unit api: left running: nats-server -p 1',
  ]);
});
