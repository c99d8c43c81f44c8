/** Writes a tar as Mender's tools do: ustar, with PAX for names over 100 bytes and GNU sizes above 8 GiB. */
import type { Bytes } from '../bytes.ts';
import { BLOCK_BYTES, checksumOf, FIELDS, type Field } from './block.ts';

export interface NewMember {
  readonly name: string;
  readonly size: number;
  readonly mode?: number;
  /** Seconds since 1970. */
  readonly mtime?: number;
  readonly content: Bytes | Uint8Array;
}

const FILE_MODE = 0o600;
/** The largest number of eleven octal digits. */
const OCTAL_SIZE_MAX = 8 ** 11 - 1;

/** Rejects with RangeError when a content has another length than its size. */
export async function* writeTar(members: AsyncIterable<NewMember> | Iterable<NewMember>): AsyncGenerator<Uint8Array> {
  for await (const member of members) {
    const { name, size, mode = FILE_MODE, mtime = 0, content } = member;
    if (Buffer.byteLength(name) > FIELDS.name.length) yield* paxHeader(name);
    yield header({ name: name.slice(0, FIELDS.name.length), size, mode, mtime, type: '0' });
    let written = 0;
    for await (const chunk of content instanceof Uint8Array ? [content] : content) {
      written += chunk.length;
      if (written > size) break;
      yield chunk;
    }
    if (written !== size) throw new RangeError(`${name} is not ${size} bytes long any more`);
    yield padding(size);
  }
  yield new Uint8Array(2 * BLOCK_BYTES);
}

/** How long the tar of members with these names and sizes is. */
export function tarBytes(members: readonly { readonly name: string; readonly size: number }[]): number {
  const blocks = (bytes: number): number => Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
  return members.reduce((sum, { name, size }) => {
    const pax = Buffer.byteLength(name) > FIELDS.name.length ? BLOCK_BYTES + blocks(paxRecord(name).length) : 0;
    return sum + pax + BLOCK_BYTES + blocks(size);
  }, 2 * BLOCK_BYTES);
}

interface Header {
  readonly name: string;
  readonly size: number;
  readonly mode: number;
  readonly mtime: number;
  readonly type: '0' | 'x';
}

function header({ name, size, mode, mtime, type }: Header): Uint8Array {
  const block = Buffer.alloc(BLOCK_BYTES);
  block.write(name, FIELDS.name.at, FIELDS.name.length);
  octal(block, FIELDS.mode, mode);
  octal(block, FIELDS.uid, 0);
  octal(block, FIELDS.gid, 0);
  if (size <= OCTAL_SIZE_MAX) octal(block, FIELDS.size, size);
  else {
    block[FIELDS.size.at] = 0x80;
    block.writeBigUInt64BE(BigInt(size), FIELDS.size.at + 4);
  }
  octal(block, FIELDS.mtime, mtime);
  block.write(type, FIELDS.type.at);
  block.write('ustar\x0000', FIELDS.magic.at, 'latin1');
  block.write(`${checksumOf(block).toString(8).padStart(6, '0')}\0 `, FIELDS.checksum.at, 'latin1');
  return block;
}

function octal(block: Buffer, { at, length }: Field, value: number): void {
  block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
}

function* paxHeader(name: string): Generator<Uint8Array> {
  const record = paxRecord(name);
  yield header({ name: 'PaxHeaders.0/name', size: record.length, mode: FILE_MODE, mtime: 0, type: 'x' });
  yield record;
  yield padding(record.length);
}

/** A line that begins with its own length. */
function paxRecord(name: string): Uint8Array {
  const rest = Buffer.byteLength(` path=${name}\n`);
  let length = rest + String(rest).length;
  if (rest + String(length).length > length) length++;
  return Buffer.from(`${length} path=${name}\n`);
}

function padding(size: number): Uint8Array {
  return new Uint8Array((BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES);
}
