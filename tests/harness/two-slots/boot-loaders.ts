/**
 * Stand-ins for boot loaders: what U-Boot and GRUB do with Mender's variables at each start. Their environments are the real
 * ones, kept by the real tools.
 */
import { copyFile, mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const BOOT_LOADER_KINDS = ['u-boot', 'grub-mender', 'grub'] as const;
export type BootLoaderKind = (typeof BOOT_LOADER_KINDS)[number];

export type Variables = { readonly [name: string]: string };

export interface StandInBootLoader {
  readonly kind: BootLoaderKind;
  /** The files of its environment. */
  readonly files: readonly string[];
  read(): Promise<Variables>;
  write(values: Variables): Promise<void>;
  /** What it does when the power comes: the number of the partition to start. */
  choose(): Promise<string>;
}

/** As Mender's integrations set it: an update has one try. */
const BOOT_LIMIT = 1;

/** `folder` is the medium that the boot loader keeps its environment on. */
export async function makeBootLoader(
  kind: BootLoaderKind,
  folder: string,
  [first, second]: readonly [string, string],
): Promise<StandInBootLoader> {
  const { files, read, write } = kind === 'u-boot' ? await uBootStore(folder) : await grubStore(folder, kind);
  await write({ mender_boot_part: first, mender_boot_part_hex: hexOf(first), upgrade_available: '0', bootcount: '0' });
  const otherThan = (part: string | undefined): string => (part === first ? second : first);
  return {
    kind,
    files,
    read,
    write,
    async choose() {
      const { mender_boot_part: part, upgrade_available: available, bootcount = '0' } = await read();
      if (part !== first && part !== second) throw new Error(`bricked: the boot loader was told to start "${part}"`);
      if (available !== '1') return part;
      const tries = Number(bootcount) + 1;
      if (tries <= BOOT_LIMIT) {
        await write({ bootcount: String(tries) });
        return part;
      }
      const back = otherThan(part);
      await write({
        mender_boot_part: back,
        mender_boot_part_hex: hexOf(back),
        upgrade_available: '0',
        bootcount: '0',
      });
      return back;
    },
  };
}

interface Store {
  readonly files: readonly string[];
  read(): Promise<Variables>;
  write(values: Variables): Promise<void>;
}

async function uBootStore(folder: string): Promise<Store> {
  const [image, config] = [join(folder, 'uboot.env'), join(folder, 'fw_env.config')];
  await writeFile(image, '');
  await truncate(image, 0x10000);
  await writeFile(config, `${image} 0x0 0x4000\n${image} 0x8000 0x4000\n`);
  await writeFile(join(folder, 'defaults'), 'bootlimit=1\n');
  return {
    files: [image],
    read: async () => variablesOf(await Bun.$`fw_printenv -c ${config}`.quiet().text()),
    async write(values) {
      const script = Object.entries(values).map(([name, value]) => `${name}=${value}\n`);
      await Bun.$`fw_setenv -c ${config} -f ${join(folder, 'defaults')} -s - < ${Buffer.from(script.join(''))}`.quiet();
    },
  };
}

/** One file, or two that are written one after the other, as grub-mender-grubenv has them. */
async function grubStore(folder: string, kind: 'grub' | 'grub-mender'): Promise<Store> {
  const places = kind === 'grub' ? ['grub'] : ['mender_grubenv1', 'mender_grubenv2'];
  const files = places.map((place) => join(folder, place, kind === 'grub' ? 'grubenv' : 'env'));
  for (const file of files) {
    await mkdir(join(file, '..'), { recursive: true });
    await Bun.$`grub-editenv ${file} create`.quiet();
  }
  const [main, copy] = files as [string, ...string[]];
  return {
    files,
    async read() {
      if (copy !== undefined) await repair(main, copy);
      return variablesOf(await Bun.$`grub-editenv ${main} list`.quiet().text());
    },
    async write(values) {
      const assignments = Object.entries(values).map(([name, value]) => `${name}=${value}`);
      for (const file of files.toReversed()) await Bun.$`grub-editenv ${file} set ${assignments}`.quiet();
    },
  };
}

/** A file `editing` beside a copy says that it was being written when the power went; the other one is whole then. */
async function repair(main: string, copy: string): Promise<void> {
  for (const [broken, whole] of [
    [copy, main],
    [main, copy],
  ] as const) {
    const mark = Bun.file(join(broken, '../editing'));
    if (!(await mark.exists())) continue;
    await copyFile(whole, broken);
    await mark.delete();
  }
}

function variablesOf(text: string): Variables {
  return Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const at = line.indexOf('=');
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)]] : [];
    }),
  );
}

function hexOf(part: string): string {
  return Number(part).toString(16).toUpperCase();
}
