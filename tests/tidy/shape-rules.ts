// How a file is named, how long it is, and what it exports.
import type { Source } from './source.ts';
import type { Rule, Tree } from './tree.ts';

const LINES_MAX = 400;
/** A table of cases may be longer than code, and so may the list of all limits. */
const TABLE_LINES_MAX = 600;

const mayExportDefault = /(^|\/)([\w.-]+\.config\.ts|routes\/.*)$|\.d\.ts$/;
const vagueFolder = /(^|\/)(utils?|common|helpers?|misc|shared|lib)\//;
const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|config|d|gen))?\.(ts|tsx|mjs)$/;
const pascalCase = /^[A-Z][A-Za-z0-9]*(\.test)?\.tsx$/;
const componentExport = /\bexport\s+(default\s+)?(function|const|class)\s+[A-Z]\w*[a-z]/;
const kebabFolders = /^([a-z0-9]+(-[a-z0-9]+)*\/)*$/;
const notDone = /\b(TODO|FIXME|XXX|HACK)\b/;

export const shapeRules: Rule[] = [
  {
    fact: 'no file re-exports everything of another',
    check: findInCode(/\bexport\s*(type\s*)?\*/, '`export *`'),
    planted: {
      'packages/api/src/mod.ts': "export * from './a.ts';",
      'tests/a.ts': "export type * as b from './b.ts';",
    },
    allowed: { 'packages/api/src/mod.ts': "export { a } from './a.ts'; // export *" },
  },
  {
    fact: 'only tool configurations and route modules have a default export',
    check: findInCode(/\bexport\s+default\b|\bas\s+default\b/, 'a default export', mayExportDefault),
    planted: {
      'packages/ui/src/pages/Map.tsx': 'export default function Map() {}',
      'scripts/a.mjs': 'const a = 1; export { a as default };',
    },
    allowed: {
      'packages/ui/vite.config.ts': 'export default {};',
      'packages/ui/src/routes/Map.tsx': 'export default function Map() {}',
    },
  },
  {
    fact: 'a file is named in kebab-case, and one with a React component in PascalCase',
    check: ({ sources }) =>
      sources.filter((source) => !isNamedWell(source)).map(({ path }) => `${path}: is not named by the convention`),
    planted: {
      'packages/api/src/deviceList.ts': '',
      'packages/ui/src/parts/relative-time.tsx': 'export function RelativeTime() {}',
      'packages/ui/src/Parts/time.ts': '',
      'tests/some_test.test.ts': '',
    },
    allowed: {
      'packages/server/src/store/migrations/0001-foundation.ts': '',
      'packages/ui/src/parts/RelativeTime.tsx': '',
      'packages/ui/src/router.tsx': 'export const router = createRouter();',
      'packages/ui/vite.config.ts': '',
      'scripts/pure-globals.d.ts': '',
    },
  },
  {
    fact: 'no folder is named after nothing in particular',
    check: ({ paths }) =>
      paths.filter((path) => vagueFolder.test(path)).map((path) => `${path}: name the folder after the thing`),
    planted: { 'packages/ui/src/utils/time.ts': '', 'tests/helpers/start.ts': '' },
    allowed: { 'packages/ui/src/format/time.ts': '', 'packages/cli/src/helpers.ts': '' },
  },
  {
    fact: `no file is longer than ${LINES_MAX} lines, no test and no list of limits longer than ${TABLE_LINES_MAX}`,
    check: ({ sources }) =>
      sources
        .filter(({ path, lineCount }) => lineCount > linesMax(path))
        .map(({ path, lineCount }) => `${path}: has ${lineCount} lines`),
    planted: {
      'packages/api/src/a.ts': '\n'.repeat(LINES_MAX + 1),
      'packages/api/src/a.test.ts': '\n'.repeat(TABLE_LINES_MAX + 1),
    },
    allowed: {
      'packages/api/src/a.ts': '\n'.repeat(LINES_MAX),
      'packages/api/src/a.test.ts': '\n'.repeat(TABLE_LINES_MAX),
    },
  },
  {
    fact: 'no comment puts off what is to be done',
    check: ({ sources }) =>
      sources
        .filter(({ comments }) => comments.some((comment) => notDone.test(comment)))
        .map(({ path }) => `${path}: do it, or write an issue`),
    planted: { 'packages/api/src/a.ts': '// TODO: check', 'packages/api/src/b.mjs': '/*\n * FIXME\n */' },
    allowed: { 'packages/api/src/a.ts': "const todo = 'TODO'; // a todo list" },
  },
];

function linesMax(path: string): number {
  return /\.test\.tsx?$|\/limits\.ts$/.test(path) ? TABLE_LINES_MAX : LINES_MAX;
}

function findInCode(pattern: RegExp, what: string, except = /^$/): (tree: Tree) => string[] {
  return ({ sources }) =>
    sources.filter(({ path, code }) => pattern.test(code) && !except.test(path)).map(({ path }) => `${path}: ${what}`);
}

function isNamedWell({ path, code }: Source): boolean {
  const nameAt = path.lastIndexOf('/') + 1;
  const name = path.slice(nameAt);
  if (!kebabFolders.test(path.slice(0, nameAt))) return false;
  if (!name.endsWith('.tsx')) return kebabCase.test(name);
  return pascalCase.test(name) || (kebabCase.test(name) && !componentExport.test(code));
}
