/** The header block of a tar (POSIX.1-1988, ustar). */
export const BLOCK_BYTES = 512;

export interface Field {
  readonly at: number;
  readonly length: number;
}

export const FIELDS = {
  name: { at: 0, length: 100 },
  mode: { at: 100, length: 8 },
  uid: { at: 108, length: 8 },
  gid: { at: 116, length: 8 },
  size: { at: 124, length: 12 },
  mtime: { at: 136, length: 12 },
  checksum: { at: 148, length: 8 },
  type: { at: 156, length: 1 },
  magic: { at: 257, length: 8 },
  prefix: { at: 345, length: 155 },
} as const satisfies Record<string, Field>;

/** The sum of all bytes, with the checksum itself as spaces. */
export function checksumOf(block: Uint8Array): number {
  const { at, length } = FIELDS.checksum;
  let sum = length * 0x20;
  for (let index = 0; index < BLOCK_BYTES; index++) if (index < at || index >= at + length) sum += block[index]!;
  return sum;
}
