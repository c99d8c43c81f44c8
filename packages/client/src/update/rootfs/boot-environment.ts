/**
 * What the boot loader and we tell each other, in Mender's variables:
 *
 *     mender_boot_part       the number of the partition to start from
 *     mender_boot_part_hex   the same in capital hex digits, which some of U-Boot's commands want
 *     upgrade_available      1 while that partition is on trial: not started for good, it is left again
 *     bootcount              how often the boot loader has tried it; kept by the boot loader
 */
export interface BootEnvironment {
  /** For people. */
  readonly name: string;
  /** Everything that it holds. Throws BootEnvironmentError. */
  read(): Promise<ReadonlyMap<string, string>>;
  /**
   * Sets these variables and no others, all or none of them whenever the power goes; what was read last is there then or
   * what is given. Resolves when they were read back. Throws BootEnvironmentError.
   */
  write(values: BootValues): Promise<void>;
}

export type BootValues = { readonly [name: string]: string };

export const BOOT_PART = 'mender_boot_part';
export const BOOT_PART_HEX = 'mender_boot_part_hex';
export const UPGRADE_AVAILABLE = 'upgrade_available';
export const BOOT_COUNT = 'bootcount';

/** The boot loader's environment can't be had, or does not take what it is given. */
export class BootEnvironmentError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BootEnvironmentError';
  }
}

/** Lines of `name=value`. */
export function readVariables(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const at = line.indexOf('=');
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)]] : [];
    }),
  );
}

/** A tool that says it has written may not have, so this looks; throws BootEnvironmentError. */
export function requireWritten(name: string, found: ReadonlyMap<string, string>, values: BootValues): void {
  for (const [variable, value] of Object.entries(values)) {
    const actual = found.get(variable);
    if (actual === value) continue;
    const instead = actual === undefined ? 'it is not there' : `it is "${actual}"`;
    throw new BootEnvironmentError(`${name} did not keep ${variable}=${value}: ${instead}`);
  }
}
