/**
 * Folders that many tests of one run begin with: made by the test that needs one first, copied by all others. Only a run of
 * all tests has a place for them, which it takes away at its end; a single file makes its own, and leaves nothing behind.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Made by scripts/test.ts within the temporary folder of its run. */
const PLACE = join(tmpdir(), 'templates');

/** Fills `folder`, which must not be there yet, as `make` fills the folder that it is given; `make` leaves nothing running. */
export async function fillFromTemplate(
  name: string,
  folder: string,
  make: (folder: string) => Promise<void>,
): Promise<void> {
  if (!existsSync(PLACE)) return await make(folder);
  const template = join(PLACE, name);
  if (!existsSync(template)) await makeOnce(template, make);
  // With owners and times: PostgreSQL's files belong to somebody else where tests run as root.
  await Bun.$`cp -a ${template} ${folder}`.quiet();
}

async function makeOnce(template: string, make: (folder: string) => Promise<void>): Promise<void> {
  const parent = await mkdtemp(`${template}-`);
  try {
    await Bun.$`chmod 711 ${parent}`.quiet();
    await make(join(parent, 'made'));
    // Another test may have been quicker: then its folder stays.
    await rename(join(parent, 'made'), template).catch((error: unknown) => {
      if (!existsSync(template)) throw error;
    });
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}
