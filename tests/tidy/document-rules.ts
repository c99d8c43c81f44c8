// What the documents say about the tree is true.
import { Glob } from 'bun';
import { posix } from 'node:path';
import type { Rule } from './tree.ts';

/** A path of the repository in backticks; a `<name>`, `NNNN` or `…` in it makes it a pattern for people. */
const inBackticks =
  /`((?:packages|tests|scripts|docs|\.ci|\.github)\/[^`\s]*|[A-Z]+\.md|package\.json|tsconfig[\w.]*\.json)`/g;
const forPeople = /[<>…]|NNNN/;
const link = /\]\(([^)\s#]+)(?:#[^)]*)?\)/g;
const generated = /(^|\/)(node_modules|dist|dist-basemap|data)(\/|$)/;

export const documentRules: Rule[] = [
  {
    fact: 'every path named in the documents exists',
    check: ({ paths, documents }) =>
      documents.flatMap(({ path, text }) => {
        const named = [...text.matchAll(inBackticks)].map((match) => match[1] ?? '');
        const linked = [...text.matchAll(link)]
          .map((match) => match[1] ?? '')
          .filter((target) => !/^[a-z]+:/.test(target))
          .map((target) => posix.join(posix.dirname(path), target));
        return [...named.filter((target) => !forPeople.test(target)), ...linked]
          .filter((target) => !generated.test(target) && !isThere(target.replace(/\/$/, ''), paths))
          .map((target) => `${path}: names ${target}, which does not exist`);
      }),
    planted: {
      'README.md': 'The hub is in `packages/server/src/hubs/`.',
      'docs/start.md': 'See [the architecture](../ARCHITECTURES.md#roles).',
      'CONTRIBUTING.md': 'Tests are `packages/*/src/**/*.spec.ts`.',
    },
    allowed: {
      'ARCHITECTURE.md':
        'See `packages/server/`, `packages/*/src/*.ts`, `docs/decisions/NNNN-title.md`, `packages/ui/dist`, [start](docs/start.md#a), [x](https://x.org/a).',
      'docs/start.md': 'Run `npm start`, then read [this](../ARCHITECTURE.md) and `select/from`.',
      'packages/server/src/main.ts': '',
    },
  },
];

function isThere(target: string, paths: string[]): boolean {
  if (!/[*{]/.test(target)) return paths.some((path) => path === target || path.startsWith(`${target}/`));
  const glob = new Glob(target);
  return paths.some((path) => glob.match(path) || folders(path).some((folder) => glob.match(folder)));
}

function folders(path: string): string[] {
  return path.split('/').map((_, index, parts) => parts.slice(0, index).join('/'));
}
