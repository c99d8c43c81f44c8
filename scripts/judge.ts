// Turns the end of a suite's process, and the report Bun wrote, into counted tests.
import type { Finished } from './run-child.ts';

/** Failed and skipped tests are kept by name, to be listed. */
export type Outcome = { passed: number; failed: string[]; skipped: string[] };

type Judged = { name: string } & ({ kind: 'check' } | { kind: 'tests'; files: string[] });
type Case = { file: string; name: string; result: 'passed' | 'failed' | 'skipped' };

/** A check counts as one test, a test suite as the cases of its JUnit report (empty where Bun wrote none). */
export function judge(suite: Judged, finished: Finished, report: string): Outcome {
  const problems = describeEnd(finished);
  if (suite.kind === 'check') {
    const failed = problems.map((problem) => `${suite.name}: ${problem}`).slice(0, 1);
    return { passed: failed.length === 0 ? 1 : 0, failed, skipped: [] };
  }
  const cases = readReport(report);
  const titles = (result: Case['result']): string[] =>
    cases.filter((one) => one.result === result).map((one) => `${one.file}: ${one.name}`);
  const failed = titles('failed');
  // Bun is content with a file that holds no test, and with one that ends the process before the report is written.
  const silent = suite.files.filter((file) => !cases.some((one) => one.file === file));
  failed.push(...silent.map((file) => `${file}: ran no test`));
  if (suite.files.length === 0) failed.push(`${suite.name}: has no test`);
  // A failed test makes a failed status; that status alone is news only when no test failed.
  const isExplained = finished.end.kind === 'exited' && failed.length > 0 && finished.leftovers.length === 0;
  if (!isExplained) failed.push(...problems.map((problem) => `${suite.name}: ${problem}`));
  return { passed: titles('passed').length, failed, skipped: titles('skipped') };
}

function describeEnd({ end, leftovers }: Finished): string[] {
  const problems: string[] = [];
  if (end.kind === 'exited' && end.status !== 0) problems.push(`ended with status ${end.status}`);
  if (end.kind === 'killed') problems.push(`was ended by ${end.signal}`);
  if (end.kind === 'timed-out') problems.push(`took longer than ${end.timeoutMs / 1000} s`);
  if (end.kind === 'not-started') problems.push(`could not start: ${end.reason}`);
  if (leftovers.length > 0) problems.push(`left running: ${leftovers.join('; ')}`);
  return problems;
}

function readReport(report: string): Case[] {
  return [...report.matchAll(/<testcase ([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)].map(
    ([, attributes = '', body = '']) => {
      const group = readAttribute(attributes, 'classname');
      const title = readAttribute(attributes, 'name');
      return {
        file: readAttribute(attributes, 'file'),
        name: group === '' ? title : `${group} > ${title}`,
        result: /<(failure|error)\b/.test(body) ? 'failed' : body.includes('<skipped') ? 'skipped' : 'passed',
      };
    },
  );
}

const characterOf: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function readAttribute(attributes: string, name: string): string {
  const text = new RegExp(`(?:^| )${name}="([^"]*)"`).exec(attributes)?.[1] ?? '';
  return text.replaceAll(/&(\w+);/g, (entity, key: string) => characterOf[key] ?? entity);
}
