/** Which boot loader a gateway has: the first whose environment can be read and knows Mender's variables. */
import { existsSync } from 'node:fs';
import { BOOT_PART, BootEnvironmentError, type BootEnvironment } from './boot-environment.ts';
import type { BootLoader } from './boot-loader.ts';
import { grubEnvironment } from './grub-environment.ts';
import { toolEnvironment } from './tool-environment.ts';

/** Where distributions have GRUB's environment block. */
const GRUB_FILES = ['/boot/grub/grubenv', '/boot/grub2/grubenv', '/boot/efi/EFI/BOOT/grubenv'];

export interface BootLoaderSettings {
  /** Undefined: whichever is found. */
  readonly bootLoader: BootLoader | undefined;
  /** GRUB's environment block; undefined: where distributions have it. */
  readonly grubEnvironment: string | undefined;
}

/** Throws BootEnvironmentError, which says what was looked for and what was wrong with each. */
export async function findBootEnvironment(settings: BootLoaderSettings): Promise<BootEnvironment> {
  const found: string[] = [];
  for (const environment of candidates(settings)) {
    try {
      if ((await environment.read()).has(BOOT_PART)) return environment;
      found.push(`the environment of ${environment.name} has no ${BOOT_PART}`);
    } catch (error) {
      if (!(error instanceof BootEnvironmentError)) throw error;
      found.push(error.message);
    }
  }
  throw new BootEnvironmentError(`no environment of a boot loader can be used: ${found.join('; ')}`);
}

function candidates({ bootLoader, grubEnvironment: file }: BootLoaderSettings): BootEnvironment[] {
  const made: { readonly [name in BootLoader]: () => BootEnvironment[] } = {
    // Where both are, GRUB's are there on purpose: U-Boot's tools come with many distributions.
    'grub-mender': () => [
      toolEnvironment('GRUB', { print: ['grub-mender-grubenv-print'], set: ['grub-mender-grubenv-set'] }),
    ],
    'u-boot': () => [toolEnvironment('U-Boot', { print: ['fw_printenv'], set: ['fw_setenv'] })],
    grub: () =>
      (file === undefined ? GRUB_FILES.filter((path) => existsSync(path)) : [file]).map((path) =>
        grubEnvironment(path),
      ),
  };
  if (bootLoader !== undefined) return made[bootLoader]();
  return [...made['grub-mender'](), ...made['u-boot'](), ...made.grub()];
}
