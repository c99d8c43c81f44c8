// Runs the suites and ends with the line `N passed, N failed, N skipped`.
// Arguments choose suites by name and test files by part of their path: `npm test -- unit packages/protocol`.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judge, type Outcome } from './judge.ts';
import { endEveryChild, runChild } from './run-child.ts';
import { listSuites, type Suite } from './suites.ts';

/** A usual CI machine has two cores, and most tests wait longer than they work. */
const LANES = 3;

/** What the temporary folders of a run need at most. */
const MEMORY_BYTES_MIN = 4 * 1024 ** 3;

process.chdir(join(import.meta.dir, '..'));
// In memory where there is plenty: what tests write is gone with them, and nobody waits for a disk.
const runDir = mkdtempSync(join(hasRoom('/dev/shm') ? '/dev/shm' : tmpdir(), 'lovely-test-'));
// PostgreSQL runs as somebody else where tests run as root.
chmodSync(runDir, 0o711);
mkdirSync(join(runDir, 'templates'), { mode: 0o711 });
process.env.TMPDIR = runDir;
process.once('exit', () => rmSync(runDir, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    endEveryChild();
    process.exit(1);
  });
}

function hasRoom(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= MEMORY_BYTES_MIN;
  } catch {
    return false;
  }
}

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  const startMs = performance.now();
  const suites = listSuites(args);
  const outcomes: Outcome[] = [];
  const again: Suite[] = [];
  const runAll = async (queue: Suite[]): Promise<void> => {
    for (let suite = queue.shift(); suite; suite = queue.shift()) {
      const outcome = await runSuite(suite);
      if (hasSecondTry(suite, outcome)) again.push(suite);
      else outcomes.push(outcome);
    }
  };
  await runAll(suites.filter(({ stage }) => stage === 'tools'));
  const shared = suites.filter(({ stage }) => stage === 'shared');
  await Promise.all(Array.from({ length: LANES }, () => runAll(shared)));
  await runAll(suites.filter(({ stage }) => stage === 'alone'));
  const unsteady = again.map(({ name }) => name);
  for (const suite of again) outcomes.push(await runSuite(suite));

  const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
  const failed = outcomes.flatMap((outcome) => outcome.failed);
  const skipped = outcomes.flatMap((outcome) => outcome.skipped);
  if (suites.length === 0) failed.push(`no suite and no test file matches "${args.join(' ')}"`);
  printList('Skipped', skipped);
  printList('Ran twice, because the first try failed: mend the race', unsteady);
  printList('Failed', failed);
  console.log(`\nTook ${formatSeconds(performance.now() - startMs)}.`);
  console.log(`${passed} passed, ${failed.length} failed, ${skipped.length} skipped`);
  return failed.length === 0 && passed > 0 ? 0 : 1;
}

/**
 * A CI machine that stalls must not refuse good work: there, and only there, tests that failed run once more when
 * nothing else does (docs/decisions/0014). What cannot be steady is listed at the end.
 */
function hasSecondTry(suite: Suite, outcome: Outcome): boolean {
  return process.env.CI === 'true' && suite.kind === 'tests' && outcome.failed.length > 0;
}

async function runSuite(suite: Suite): Promise<Outcome> {
  const startMs = performance.now();
  const reportPath = join(runDir, `${suite.name.replaceAll(/\W+/g, '-')}.xml`);
  const finished = await runChild(
    suite.kind === 'check' ? suite.command : testCommand(suite, reportPath),
    suite.timeoutMs,
  );
  const outcome = judge(suite, finished, readIfThere(reportPath));
  const counts = suite.kind === 'check' ? '' : `  ${outcome.passed} of ${outcome.passed + outcome.failed.length}`;
  const mark = outcome.failed.length === 0 ? 'ok  ' : 'FAIL';
  console.log(`${mark}  ${suite.name}${counts}  ${formatSeconds(performance.now() - startMs)}`);
  if (outcome.failed.length > 0) console.log(finished.output.trimEnd().replaceAll(/^/gm, '      '));
  return outcome;
}

function testCommand(suite: Extract<Suite, { kind: 'tests' }>, reportPath: string): string[] {
  const flags = [
    '--only-failures',
    `--timeout=${suite.testTimeoutMs}`,
    '--reporter=junit',
    `--reporter-outfile=${reportPath}`,
  ];
  // The leading ./ makes Bun take a path for a path and not for a pattern.
  return ['node_modules/.bin/bun', 'test', ...flags, ...suite.files.map((file) => `./${file}`)];
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function printList(title: string, names: string[]): void {
  if (names.length > 0) console.log(`\n${title}:\n${names.map((name) => `  ${name}`).join('\n')}`);
}

function formatSeconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`;
}
