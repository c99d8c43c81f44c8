// The arrows of the architecture: who may import whom.
import { posix } from 'node:path';
import type { Source } from './source.ts';
import type { Rule } from './tree.ts';

/** Between packages; ARCHITECTURE.md draws it. */
const packageArrows: Record<string, string[]> = {
  protocol: [],
  api: [],
  artifact: [],
  client: ['protocol', 'artifact'],
  server: ['protocol', 'api', 'artifact'],
  ui: ['protocol', 'api'],
  cli: ['protocol', 'api', 'artifact'],
  sim: ['protocol', 'client'],
};

const parts = ['domain', 'store', 'bus', 'blobs'];

/**
 * Between the folders of packages/server/src. `main` is main.ts, server.ts and testing.ts; the other files beside it (config.ts,
 * errors.ts, …) are `base`, which everybody may import.
 */
const serverArrows: Record<string, string[]> = {
  main: ['hub', 'api', 'worker', 'software', ...parts, 'mail', 'tls', 'base'],
  hub: [...parts, 'base'],
  api: ['software', ...parts, 'mail', 'base'],
  worker: ['software', ...parts, 'mail', 'base'],
  // What takes artifacts in: for the api while they arrive, for the worker at their end.
  software: ['domain', 'store', 'blobs', 'base'],
  store: ['domain', 'base'],
  bus: ['domain', 'base'],
  blobs: ['domain', 'base'],
  mail: ['domain', 'base'],
  tls: ['base'],
  domain: ['base'],
  base: ['domain'],
};

/** Modules that only compute. */
const domainModules = [
  'node:crypto',
  'node:zlib',
  'otplib',
  '@peculiar/x509',
  'reflect-metadata',
  '@lovely/protocol',
  '@lovely/api',
  '@lovely/artifact',
];

export const importRules: Rule[] = [
  {
    fact: 'packages import each other only along the arrows of the architecture',
    check: ({ sources }) =>
      violations(sources, (source, specifier) => {
        const from = packageOf(source.path);
        const to = /^@lovely\/([^/]+)/.exec(specifier)?.[1];
        if (from === undefined || to === undefined || to === from) return undefined;
        return packageArrows[from]?.includes(to) ? undefined : `${from} must not import ${to}`;
      }),
    planted: {
      'packages/protocol/src/a.ts': "import type { Device } from '@lovely/api';",
      'packages/client/src/a.ts': "const server = await import('@lovely/server');",
      'packages/ui/src/a.ts': "export { connect } from '@lovely/client';",
      'packages/new/src/a.ts': "import '@lovely/protocol';",
    },
    allowed: {
      'packages/server/src/a.ts': "import { encode } from '@lovely/protocol'; // not '@lovely/client'",
      'tests/a.test.ts': "import { start } from '@lovely/server';",
    },
  },
  {
    fact: 'a package is imported by its name and never from the inside',
    check: ({ sources }) =>
      violations(sources, (source, specifier) => {
        if (/^@lovely\/[^/]+\/.*\.\w+$/.test(specifier)) return 'reaches inside of another package';
        const target = resolve(source.path, specifier);
        if (target === undefined || homeOf(target) === homeOf(source.path)) return undefined;
        // A unit test may ask which programs there are.
        if (target === 'tests/tools.ts' && source.path.endsWith('.test.ts')) return undefined;
        return target.startsWith('scripts/') && source.path.startsWith('tests/') ? undefined : 'leaves its package';
      }),
    planted: {
      'packages/server/src/a.ts': "import { encode } from '../../protocol/src/mod.ts';",
      'packages/sim/src/a.ts': "import { spool } from '@lovely/client/src/spool.ts';",
      'packages/ui/src/parts/a.ts': "import '../../../../tests/tools.ts';",
      'tests/system/a.test.ts': "import { connect } from '../../packages/client/src/connect.ts';",
    },
    allowed: {
      'packages/server/src/hub/a.ts': "import { limits } from '../limits.ts';",
      'packages/server/src/bus/a.test.ts': "import { testWith } from '../../../../tests/tools.ts';",
      'tests/tidy/a.ts': "import { encode } from '@lovely/protocol'; import { findTool } from '../../scripts/a.ts';",
    },
  },
  {
    fact: 'inside the server, roles meet only on the bus and in the store, and imports point at the domain',
    check: ({ sources }) =>
      violations(sources, (source, specifier) => {
        const from = serverFolderOf(source.path);
        const to = serverFolderOf(resolve(source.path, specifier) ?? '');
        if (from === undefined || to === undefined || from === to) return undefined;
        if (!(from in serverArrows)) return `the folder ${from} has no place in the architecture`;
        return serverArrows[from]?.includes(to) ? undefined : `${from} must not import ${to}`;
      }),
    planted: {
      'packages/server/src/hub/a.ts': "import { page } from '../api/page.ts';",
      'packages/server/src/store/a.ts': "import { publish } from '../bus/mod.ts';",
      'packages/server/src/domain/a.ts': "import type { Store } from '../store/store.ts';",
      'packages/server/src/config.ts': "import { hub } from './hub/hub.ts';",
      'packages/server/src/misc/a.ts': "import { hub } from '../hub/hub.ts';",
    },
    allowed: {
      'packages/server/src/main.ts': "import { hub } from './hub/hub.ts'; import { api } from './api/api.ts';",
      'packages/server/src/hub/a.ts': "import { bus } from '../bus/bus.ts'; import { b } from './deep/b.ts';",
      'packages/server/src/store/a.ts': "import { worse } from '../domain/health.ts'; import '../log.ts';",
    },
  },
  {
    fact: 'the domain is pure: it imports the protocol, the contracts and modules that only compute',
    check: ({ sources }) =>
      violations(sources, (source, specifier) => {
        if (serverFolderOf(source.path) !== 'domain' || isTest(source.path)) return undefined;
        return specifier.startsWith('.') || domainModules.includes(specifier)
          ? undefined
          : `must not import ${specifier}`;
      }),
    planted: {
      'packages/server/src/domain/a.ts': "import { readFile } from 'node:fs/promises';",
      'packages/server/src/domain/b.ts': "import { Hono } from 'hono';",
    },
    allowed: {
      'packages/server/src/domain/a.ts':
        "import { verify } from 'node:crypto'; import { proto } from '@lovely/protocol';",
      'packages/server/src/domain/a.test.ts': "import { test } from 'bun:test';",
    },
  },
];

function violations(sources: Source[], judge: (source: Source, specifier: string) => string | undefined): string[] {
  return sources.flatMap((source) =>
    source.imports.flatMap((specifier) => {
      const problem = judge(source, specifier);
      return problem === undefined ? [] : [`${source.path}: ${problem} ('${specifier}')`];
    }),
  );
}

function resolve(path: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined;
}

function packageOf(path: string): string | undefined {
  return /^packages\/([^/]+)\//.exec(path)?.[1];
}

/** The package, or the top folder of what is in none. */
function homeOf(path: string): string | undefined {
  return packageOf(path) ?? path.split('/')[0];
}

function serverFolderOf(path: string): string | undefined {
  const inside = /^packages\/server\/src\/(.*)$/.exec(path)?.[1];
  if (inside === undefined) return undefined;
  const [first = '', rest] = inside.split('/');
  if (rest !== undefined) return first;
  return /^(main|server|testing|parts|listeners|rotate-keys)\.(test\.)?ts$/.test(first) ? 'main' : 'base';
}

function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path);
}
