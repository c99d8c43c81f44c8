/**
 * Reads a tar as artifacts have them: plain files, ustar with PAX names (POSIX.1-2001) or GNU sizes. Anything else, as
 * links, folders, devices or names that lead out, is refused: nothing of an artifact is ever unpacked by its name alone.
 */
import { type Bytes, ByteReader, collect } from '../bytes.ts';
import { ArtifactError } from '../error.ts';
import { MTIME_MAX, PAX_BYTES_MAX, TAR_TAIL_BYTES_MAX } from '../limits.ts';
import { BLOCK_BYTES, checksumOf, FIELDS, type Field } from './block.ts';

export interface TarMember {
  readonly name: string;
  readonly size: number;
  readonly mode: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** Read it before the next member; what is left is skipped. */
  readonly content: Bytes;
}

/** The members one after the other. Throws ArtifactError; ends at an empty block, or where the stream ends. */
export async function* readTar(bytes: Bytes): AsyncGenerator<TarMember> {
  const reader = new ByteReader(bytes);
  try {
    let pax: ReadonlyMap<string, string> = new Map();
    for (;;) {
      const block = await reader.exactly(BLOCK_BYTES);
      if (block === undefined || block.every((byte) => byte === 0)) break;
      const header = readHeader(block, pax);
      const content = new Content(reader, header.size);
      if (header.type === 'x') {
        pax = readPax(await collect(content, PAX_BYTES_MAX, 'an extended header'));
      } else {
        pax = new Map();
        if (header.type !== '0' && header.type !== '\0')
          throw new ArtifactError('bad-tar', `"${printable(header.name)}" is no plain file`);
        checkName(header.name);
        const { name, size, mode, mtime } = header;
        yield { name, size, mode, mtime, content };
      }
      await content.skip();
      for await (const _ of reader.upTo(paddingOf(header.size)));
    }
    // Whoever sends it is to see that all was taken.
    const tail = await collect(rest(reader), TAR_TAIL_BYTES_MAX, 'what follows its end');
    if (tail.length % BLOCK_BYTES !== 0) throw new ArtifactError('truncated', 'it ends in the middle of a block');
    if (tail.some((byte) => byte !== 0)) throw new ArtifactError('bad-tar', 'something follows behind its end');
  } finally {
    await reader.close();
  }
}

async function* rest(reader: ByteReader): AsyncGenerator<Uint8Array> {
  for (let piece = await reader.some(1 << 20); piece !== undefined; piece = await reader.some(1 << 20)) yield piece;
}

/** The content of one member, which can be read once. */
class Content implements Bytes {
  readonly #reader: ByteReader;
  #left: number;

  constructor(reader: ByteReader, size: number) {
    this.#reader = reader;
    this.#left = size;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    while (this.#left > 0) {
      const piece = await this.#reader.some(this.#left);
      if (piece === undefined)
        throw new ArtifactError(
          'truncated',
          `it ends after ${this.#reader.offset} bytes, ${this.#left} bytes too early`,
        );
      this.#left -= piece.length;
      yield piece;
    }
  }

  async skip(): Promise<void> {
    for await (const _ of this);
  }
}

interface Header {
  readonly name: string;
  readonly size: number;
  readonly mode: number;
  readonly mtime: number;
  readonly type: string;
}

function readHeader(block: Uint8Array, pax: ReadonlyMap<string, string>): Header {
  const sum = readNumber(block, FIELDS.checksum);
  if (sum !== checksumOf(block))
    throw new ArtifactError('bad-tar', 'this is no tar: a checksum of its headers is wrong');
  const prefix = readText(block, FIELDS.prefix);
  const name = readText(block, FIELDS.name);
  const size = pax.has('size') ? Number(pax.get('size')) : readNumber(block, FIELDS.size);
  if (!Number.isSafeInteger(size)) throw new ArtifactError('bad-tar', 'a member has no size');
  const mtime = readNumber(block, FIELDS.mtime);
  if (mtime > MTIME_MAX) throw new ArtifactError('bad-tar', 'a member is of a time that no calendar has');
  return {
    name: pax.get('path') ?? (prefix === '' ? name : `${prefix}/${name}`),
    size,
    mode: readNumber(block, FIELDS.mode),
    mtime,
    type: String.fromCharCode(block[FIELDS.type.at]!),
  };
}

function readText(block: Uint8Array, { at, length }: Field): string {
  const field = block.subarray(at, at + length);
  const end = field.indexOf(0);
  return utf8(end < 0 ? field : field.subarray(0, end));
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new ArtifactError('bad-tar', 'a name is not UTF-8', { cause });
  }
}

/** Octal digits, or with the first bit set the bytes of the number themselves, as GNU does for large ones. */
function readNumber(block: Uint8Array, { at, length }: Field): number {
  const field = block.subarray(at, at + length);
  if ((field[0]! & 0x80) !== 0) {
    let value = field[0]! & 0x7f;
    for (const byte of field.subarray(1)) value = value * 256 + byte;
    return value;
  }
  const text = readText(block, { at, length }).trim();
  if (!/^[0-7]*$/.test(text))
    throw new ArtifactError('bad-tar', 'it is no archive (tar): a number of a header is none');
  return text === '' ? 0 : Number.parseInt(text, 8);
}

/** Lines of `<length> <key>=<value>`, where the length counts all of the line. */
function readPax(bytes: Uint8Array): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const length = space < 0 ? 0 : Number(new TextDecoder().decode(bytes.subarray(at, space)));
    const line = bytes.subarray(space + 1, at + length - 1);
    if (
      !Number.isInteger(length) ||
      length <= space - at ||
      at + length > bytes.length ||
      bytes[at + length - 1] !== 10
    )
      throw new ArtifactError('bad-tar', 'an extended header is broken');
    const [, key, value] = PAX_RECORD.exec(utf8(line)) ?? [];
    if (
      key === undefined ||
      value === undefined ||
      key.startsWith('GNU.sparse') ||
      (key === 'size' && !/^\d+$/.test(value))
    )
      throw new ArtifactError('bad-tar', 'an extended header says what nobody else understands');
    records.set(key, value);
    at += length;
  }
  return records;
}

const PAX_RECORD = /^([^=]+)=(.*)$/s;

function checkName(name: string): void {
  const parts = name.split('/');
  const isBad =
    name === '' ||
    name.includes('\0') ||
    name.includes('\\') ||
    parts.some((part) => part === '' || part === '.' || part === '..');
  if (isBad) throw new ArtifactError('bad-tar', `"${printable(name)}" is no name that a member may have`);
}

function paddingOf(size: number): number {
  return (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES;
}

function printable(name: string): string {
  return JSON.stringify(name).slice(1, 101);
}
