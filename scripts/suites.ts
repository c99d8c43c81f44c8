// What `npm test` runs: a table of checks, each one command, and of test suites, each some files for `bun test`.
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Glob } from 'bun';

/** What the command line chooses from: `npm test -- unit`. */
const groups = ['tools', 'format', 'lint', 'types', 'dead-code', 'unit', 'tidy', 'system', 'long'] as const;
type Group = (typeof groups)[number];

export type Suite = {
  name: string;
  group: Group;
  /** `tools` goes first, `shared` suites run some at a time, each `alone` has the machine to itself. */
  stage: 'tools' | 'shared' | 'alone';
  timeoutMs: number;
} & ({ kind: 'check'; command: string[] } | { kind: 'tests'; files: string[]; testTimeoutMs: number });

const CHECK_TIMEOUT_MS = 240_000;
const TOOLS_TIMEOUT_MS = 400_000;
const UNIT_TIMEOUT_MS = 240_000;
const UNIT_TEST_TIMEOUT_MS = 20_000;
const SYSTEM_TIMEOUT_MS = 300_000;
const SYSTEM_TEST_TIMEOUT_MS = 120_000;
const LONG_TIMEOUT_MS = 3_600_000;

/** Tests that stand beside the code and yet start databases or whole programs: too slow to be run at every change. */
const startsPrograms = (file: string): boolean =>
  /(embedded\/embedded|sim\/src\/fleet|client\/src\/gateway)\.test\.ts$/.test(file) ||
  /start(Embedded|Debian)Databases|TEST_DATABASES|startTestApi|TestHubs|test-(deployment|workers)\.ts/.test(
    readFileSync(file, 'utf8'),
  );

/** Generated attacks on one package, which call thousands of times. */
const attacks = /^packages\/\w+\/attack\//;

/** Whole-system tests that promise something within a moment, or follow a story with a clock in it: the machine is theirs. */
const needsTheMachine = /^tests\/(joining|story)\.test\.ts$/;

/** What takes longest begins first, so that all lanes end together. */
const takesLong =
  /^(types|lint|unit client)$|\/(attack\/routes|browser-security|cluster|rotation|mender\/(device|limits))\.test\.ts$/;

/** Files of one folder that start databases and share a process, in which what they import is read once. */
const FILES_PER_PROCESS_MAX = 6;

/** Everything but these is a whole-system test; benchmarks have their own command. */
const otherTests = /^tests\/(tidy|long|bench)\//;

/**
 * The suites to run. An argument that names a group chooses it; any other keeps the test files whose path
 * contains it. Without a chosen group, all but `long` are meant.
 */
export function listSuites(args: string[]): Suite[] {
  const all = [...checks(), ...systemSuites(), ...unitSuites(), ...longSuites()];
  const chosen = groups.filter((group) => args.includes(group));
  const parts = args.filter((arg) => !groups.some((group) => group === arg));
  return [...all.filter(({ name }) => takesLong.test(name)), ...all.filter(({ name }) => !takesLong.test(name))]
    .filter((suite) => isMeant(suite, chosen, parts))
    .map((suite) => (suite.kind === 'check' ? suite : keepFiles(suite, parts)))
    .filter((suite) => suite.kind === 'check' || suite.files.length > 0 || parts.length === 0);
}

function isMeant(suite: Suite, chosen: Group[], parts: string[]): boolean {
  if (chosen.length === 0) return suite.group !== 'long' && (parts.length === 0 || suite.kind === 'tests');
  if (suite.group === 'tools')
    return chosen.some((group) => group === 'unit' || group === 'system' || group === 'long');
  return chosen.includes(suite.group);
}

function keepFiles(suite: Extract<Suite, { kind: 'tests' }>, parts: string[]): Suite {
  if (parts.length === 0) return suite;
  return { ...suite, files: suite.files.filter((file) => parts.some((part) => file.includes(part))) };
}

function checks(): Suite[] {
  const bin = (name: string): string => `node_modules/.bin/${name}`;
  // Written in Go: with memory to spare they need not tidy it up all the time.
  const go = (name: string, ...args: string[]): string[] => ['env', 'GOGC=400', bin(name), ...args];
  // Each checker of the compiler would look at most of the types anew.
  const types = (project: string): string[] => go('tsc', '--noEmit', '--checkers', '1', '-p', project);
  const check = (group: Group, name: string, command: string[]): Suite => ({
    kind: 'check',
    name,
    group,
    stage: 'shared',
    timeoutMs: CHECK_TIMEOUT_MS,
    command,
  });
  return [
    {
      ...check('tools', 'tools', [bin('bun'), 'scripts/debian-tools.ts']),
      stage: 'tools',
      timeoutMs: TOOLS_TIMEOUT_MS,
    },
    check('format', 'format', [bin('oxfmt'), '--check']),
    check('lint', 'lint', go('oxlint', '--deny-warnings')),
    check('types', 'types', types('tsconfig.json')),
    check('types', 'types of the pure packages', types('tsconfig.pure.json')),
    check('types', 'types of the UI', types('packages/ui')),
    check('dead-code', 'dead code', [bin('knip'), '--no-progress', '--no-config-hints']),
  ];
}

/** One process for each package, so that a crash costs one package's tests, and for some files that start programs. */
function unitSuites(): Suite[] {
  const files = findTests('packages/*', 'scripts').filter((file) => !attacks.test(file));
  return [
    ...byPackage(files.filter((file) => !startsPrograms(file))),
    ...byFolder(files.filter((file) => startsPrograms(file))),
    unitSuite('tidy', 'tidy', findTests('tests/tidy')),
  ];
}

function byPackage(files: string[]): Suite[] {
  const packages = [...new Set(files.map(packageOf))];
  return packages.map((name) =>
    unitSuite(
      `unit ${name}`,
      'unit',
      files.filter((file) => packageOf(file) === name),
    ),
  );
}

function byFolder(files: string[]): Suite[] {
  const folders = [...new Set(files.map(folderOf))];
  return folders.flatMap((folder) => {
    const inIt = files.filter((file) => folderOf(file) === folder);
    const parts = Math.ceil(inIt.length / FILES_PER_PROCESS_MAX);
    return Array.from({ length: parts }, (_, part) => ({
      ...fileSuite(parts === 1 ? folder : `${folder} ${part + 1}`, 'system', 'shared', SYSTEM_TIMEOUT_MS),
      files: inIt.filter((_, at) => at % parts === part),
    }));
  });
}

/** As `packages/server/src/api`. */
function folderOf(file: string): string {
  return dirname(file).split('/').slice(0, 4).join('/');
}

function unitSuite(name: string, group: Group, files: string[]): Suite {
  const limits = { timeoutMs: UNIT_TIMEOUT_MS, testTimeoutMs: UNIT_TEST_TIMEOUT_MS };
  return { kind: 'tests', name, group, stage: 'shared', files, ...limits };
}

function packageOf(file: string): string {
  const [first = '', second = ''] = file.split('/');
  return first === 'packages' ? second : first;
}

/** One process for each file, so that each has its own end and its own time limit. */
function systemSuites(): Suite[] {
  return [...findTests('tests').filter((file) => !otherTests.test(file)), ...findTests('packages/*/attack')].map(
    (file) => fileSuite(file, 'system', needsTheMachine.test(file) ? 'alone' : 'shared', SYSTEM_TIMEOUT_MS),
  );
}

function longSuites(): Suite[] {
  return findTests('tests/long').map((file) => fileSuite(file, 'long', 'alone', LONG_TIMEOUT_MS));
}

function fileSuite(file: string, group: Group, stage: Suite['stage'], timeoutMs: number): Suite {
  const testTimeoutMs = Math.max(SYSTEM_TEST_TIMEOUT_MS, timeoutMs / 2);
  return { kind: 'tests', name: file, group, stage, files: [file], timeoutMs, testTimeoutMs };
}

/** Below these folders; a pattern of Bun's Glob may have no `*` inside of braces. */
function findTests(...folders: string[]): string[] {
  return folders
    .flatMap((folder) => [...new Glob(`${folder}/**/*.test.{ts,tsx}`).scanSync()])
    .filter((path) => !path.includes('node_modules/'))
    .sort();
}
