// What may stand in one place only: SQL, subject names, the environment, limits.
import type { Source } from './source.ts';
import type { Rule } from './tree.ts';

const storeFolder = 'packages/server/src/store/';
const busFolder = 'packages/server/src/bus/';
const mayReadEnvironment =
  /^(packages\/(server|client|sim|cli)\/src\/config(\.test)?\.ts|(tests|scripts)\/.*|packages\/.*\.(test|config)\.tsx?|packages\/[^/]+\/bench\/.*)$/;

const sqlModule = /^(kysely|pg|postgres)(\/.*)?$/;
// A select names columns between commas, which keeps "Select a house from the map" out.
const sqlStatement =
  /^\s*(select\s+[^\s,]+(\s+as\s+\w+)?(\s*,[^,]+)*\s+from\s|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s|(create|alter|drop)\s+(table|index|role|database|schema)\s)/i;
const subject = /^(up|hub|event|api)\.(\$\{\}|[\w*>-])/;

export const placementRules: Rule[] = [
  {
    fact: 'SQL stands only in the store',
    check: ({ sources }) =>
      eachSource(sources, (source) => {
        if (!source.path.startsWith('packages/') || source.path.startsWith(storeFolder)) return [];
        const modules = source.imports.filter((specifier) => sqlModule.test(specifier));
        const statements = source.strings
          .filter((string) => sqlStatement.test(string))
          .map((string) => string.trim().slice(0, 40));
        const tags = /\bsql\s*(<[^`]*>)?\s*`/.test(source.code) ? ['sql`…`'] : [];
        return [...modules, ...statements, ...tags].map((found) => `SQL outside of the store: ${found}`);
      }),
    planted: {
      'packages/server/src/api/a.ts': "import type { Selectable } from 'kysely';",
      'packages/server/src/hub/a.ts': "await database.query('select 1 as one from devices where id = $1');",
      'packages/server/src/worker/a.ts': 'await sql<Row>`select ${id}`.execute(database);',
      'packages/cli/src/a.ts': 'await query(`\n  DELETE FROM devices`);',
    },
    allowed: {
      'packages/server/src/store/a.ts': "import { sql } from 'kysely'; await sql`select 1`;",
      'packages/ui/src/a.ts': "const text = 'Select a house from the map';",
      'tests/a.test.ts': "import { Client } from 'pg';",
    },
  },
  {
    fact: 'subject names stand only in the bus',
    check: ({ sources }) =>
      eachSource(sources, (source) => {
        if (!source.path.startsWith('packages/server/src/') || source.path.startsWith(busFolder)) return [];
        const found = source.strings.filter((string) => subject.test(string));
        return found.map((string) => `a subject name outside of the bus: ${string}`);
      }),
    planted: {
      'packages/server/src/hub/a.ts': 'bus.subscribe(`hub.${hubId}.>`, handle);',
      'packages/server/src/worker/a.ts': "bus.subscribe('up.256', handle, { queue: 'status' });",
      'packages/server/src/api/a.ts': 'bus.publish(`event.${tenant}.health`, data);',
    },
    allowed: {
      'packages/server/src/bus/subjects.ts': 'export const hubSubject = (hubId: string): string => `hub.${hubId}.>`;',
      'packages/server/src/hub/a.ts': "log.info('the hub. is up'); // hub.1.>",
    },
  },
  {
    fact: 'the environment is read only by the config.ts of a program, scripts and tests',
    check: ({ sources }) =>
      eachSource(sources, (source) => {
        if (mayReadEnvironment.test(source.path)) return [];
        const isRead =
          /\b(process|Bun)\s*\??\.\s*env\b/.test(source.code) || /\{[^}]*\benv\b[^}]*\}\s*from\b/.test(source.code);
        return isRead ? ['reads the environment'] : [];
      }),
    planted: {
      'packages/server/src/hub/a.ts': "const level = process.env['LEVEL'];",
      'packages/client/src/a.ts': 'const { HOME } = Bun.env;',
      'packages/sim/src/a.ts': "import { env, argv } from 'node:process';",
    },
    allowed: {
      'packages/server/src/config.ts': 'const given = process.env;',
      'packages/client/src/a.ts': "const child = spawn('sh', { env: settings.env }); // process.env",
      'tests/a.ts': 'process.env.CI;',
    },
  },
  {
    fact: 'a package has one limits.ts, at the top of its sources',
    check: ({ paths }) =>
      paths
        .filter((path) => /^packages\/.*\/limits\.ts$/.test(path) && !/^packages\/[^/]+\/src\/limits\.ts$/.test(path))
        .map((path) => `${path}: belongs in the limits.ts of the package`),
    planted: { 'packages/server/src/hub/limits.ts': '' },
    allowed: { 'packages/server/src/limits.ts': '', 'packages/ui/src/limits.ts': '' },
  },
];

function eachSource(sources: Source[], find: (source: Source) => string[]): string[] {
  return sources.flatMap((source) => find(source).map((problem) => `${source.path}: ${problem}`));
}
