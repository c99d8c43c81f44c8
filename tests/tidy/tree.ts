// The files a rule looks at: those of the repository, or a few planted ones.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSource, type Source } from './source.ts';

export type Tree = {
  /** Every file, relative to the root. */
  paths: string[];
  sources: Source[];
  documents: { path: string; text: string }[];
};

/** Facts about the tree, each able to find its own violation. */
export type Rule = {
  /** Completes "in this repository …". */
  fact: string;
  /** Each violation starts with the path of the file that is wrong. */
  check: (tree: Tree) => string[];
  /** Files that each violate the rule, in a tree of their own. */
  planted: Record<string, string>;
  /** Files that come close and are right. */
  allowed: Record<string, string>;
};

const sourcePath = /^(packages|tests|scripts)\/.*\.(ts|tsx|mjs)$/;
const documentPath = /^(\w+\.md|(docs|packages|tests|scripts)\/.*\.md)$/;
const notOurs = new Set(['node_modules', 'dist', 'dist-basemap', '.git', '.prepared', 'coverage', 'data']);

export function readTree(root: string): Tree {
  return makeTree(listFiles(root, ''), (path) => readFileSync(join(root, path), 'utf8'));
}

export function plantTree(files: Record<string, string>): Tree {
  return makeTree(Object.keys(files), (path) => files[path] ?? '');
}

function makeTree(paths: string[], read: (path: string) => string): Tree {
  return {
    paths,
    sources: paths.filter((path) => sourcePath.test(path)).map((path) => readSource(path, read(path))),
    documents: paths.filter((path) => documentPath.test(path)).map((path) => ({ path, text: read(path) })),
  };
}

function listFiles(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => !notOurs.has(entry.name))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      return entry.isDirectory() ? listFiles(root, path) : [path];
    });
}
