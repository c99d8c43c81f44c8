import { readFileIfThere } from '../atomic-file.ts';

/** Which life of the machine this is. */
export function bootId(): string {
  return readFileIfThere('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
}
