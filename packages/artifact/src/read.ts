/**
 * Reads an artifact while it arrives, once and in order, and checks every byte against the manifest on the way.
 *
 *     version · manifest · [manifest.sig] · [manifest-augment] · header.tar[.gz|.xz|.zst] · [header-augment.tar…] ·
 *     data/0000.tar[…] · data/0001.tar[…] · …
 *
 * Augmented parts are checked and otherwise left aside: nothing here makes use of them.
 */
import { type Bytes, collect } from './bytes.ts';
import { compressionOf, decompress, type Compression } from './compression.ts';
import { ArtifactError } from './error.ts';
import {
  readFileList,
  readHeaderInfo,
  readMetaData,
  readTypeInfo,
  type ArtifactHeader,
  type PayloadHeader,
  type Script,
} from './header.ts';
import {
  FILES_MAX,
  HEADER_BYTES_MAX,
  JSON_BYTES_MAX,
  MANIFEST_BYTES_MAX,
  PAYLOAD_BYTES_MAX,
  SCRIPT_BYTES_MAX,
  SCRIPTS_MAX,
  SIGNATURE_BYTES_MAX,
  UNPACKED_BYTES_FREE,
  UNPACKED_RATIO_MAX,
} from './limits.ts';
import { checksumOf, hashing, readManifest, requireChecksum, textOf, type Manifest } from './manifest.ts';
import { readTar, type TarMember } from './tar/read.ts';

/** A payload's file, as the manifest says it is. */
export interface PayloadFile {
  /** Which payload, from 0. */
  readonly payload: number;
  readonly name: string;
  readonly size: number;
  /** Lower-case hex. */
  readonly checksum: string;
  /** Seconds since 1970. */
  readonly mtime: number;
}

export interface Artifact {
  readonly header: ArtifactHeader;
  readonly files: readonly PayloadFile[];
  readonly compression: Compression;
  readonly isSigned: boolean;
}

/** What is known before the first payload: what a device decides on. */
export interface ArtifactStart {
  readonly header: ArtifactHeader;
  /** What is signed. */
  readonly manifest: Uint8Array;
  /** Base64; undefined for an artifact that nobody has signed. */
  readonly signature: string | undefined;
  /** Whether it brings parts that the signature does not cover. */
  readonly isAugmented: boolean;
}

export interface ReadOptions {
  /** Called before the first payload is read; what it throws ends the reading. */
  readonly onStart?: (start: ArtifactStart) => void | Promise<void>;
  /**
   * Called for each file of a payload; takes what it wants of `content`. The checksum is looked at after it has returned:
   * nothing may be relied on before `readArtifact` resolves.
   */
  readonly onFile?: (file: Omit<PayloadFile, 'checksum'>, content: Bytes) => void | Promise<void>;
  /** How large the payloads may be once they are unpacked. */
  readonly payloadBytesMax?: number;
}

/** Resolves when all of it has been read and is as its manifest says. Throws ArtifactError. */
export async function readArtifact(bytes: Bytes, options: ReadOptions = {}): Promise<Artifact> {
  const members = readTar(bytes);
  try {
    return await new Reader(members, options).read();
  } finally {
    await members.return(undefined);
  }
}

const VERSIONS: ReadonlyMap<string, 2 | 3> = new Map([
  ['{"format":"mender","version":2}', 2],
  ['{"format":"mender","version":3}', 3],
]);

class Reader {
  readonly #members: AsyncIterator<TarMember>;
  readonly #options: ReadOptions;
  #next: TarMember | undefined;
  #manifest: Manifest = new Map();
  /** Names of the manifest that have been seen. */
  readonly #seen = new Set<string>();
  readonly #files: PayloadFile[] = [];
  #bytesLeft: number;

  constructor(members: AsyncIterator<TarMember>, options: ReadOptions) {
    this.#members = members;
    this.#options = options;
    this.#bytesLeft = options.payloadBytesMax ?? PAYLOAD_BYTES_MAX;
  }

  async read(): Promise<Artifact> {
    await this.#advance();
    const versionBytes = await this.#take('version', JSON_BYTES_MAX);
    const version = VERSIONS.get(textOf(versionBytes).trim());
    if (version === undefined)
      throw new ArtifactError(
        'bad-version',
        `"${textOf(versionBytes).slice(0, 60)}" is no version that can be read: 2 or 3 of Mender's format`,
      );
    const manifest = await this.#take('manifest', MANIFEST_BYTES_MAX);
    this.#manifest = readManifest(manifest);
    this.#require('version', checksumOf(versionBytes));
    const signature = readSignature(await this.#takeIf('manifest.sig', SIGNATURE_BYTES_MAX));
    const augment = await this.#takeIf('manifest-augment', MANIFEST_BYTES_MAX);
    if (augment) this.#addAugmented(readManifest(augment));
    const { header, compression, fileLists } = await this.#header(version);
    if (augment) await this.#compressed('header-augment.tar', HEADER_BYTES_MAX, async () => {});
    const isAugmented = augment !== undefined;
    await this.#options.onStart?.({ header, manifest, signature, isAugmented });
    for (const payload of header.payloads.keys()) await this.#payload(payload, fileLists[payload]);
    if (this.#next) throw new ArtifactError('bad-order', `${this.#next.name} stands where nothing should follow`);
    const missing = [...this.#manifest.keys()].find((name) => !this.#seen.has(name));
    if (missing !== undefined) throw new ArtifactError('bad-manifest', `${missing} of the manifest is not there`);
    return { header, files: this.#files, compression, isSigned: signature !== undefined };
  }

  async #advance(): Promise<void> {
    const { done, value } = await this.#members.next();
    this.#next = done ? undefined : value;
  }

  /** The content of the next member, which must have this name. */
  async #take(name: string, bytesMax: number): Promise<Uint8Array> {
    const found = this.#next;
    if (found?.name !== name)
      throw found
        ? new ArtifactError('bad-order', `${found.name} stands where ${name} should`)
        : new ArtifactError('truncated', `it ends where ${name} should be`);
    const bytes = await collect(found.content, bytesMax, name);
    await this.#advance();
    return bytes;
  }

  async #takeIf(name: string, bytesMax: number): Promise<Uint8Array | undefined> {
    return this.#next?.name === name ? await this.#take(name, bytesMax) : undefined;
  }

  #require(name: string, checksum: string): void {
    requireChecksum(this.#manifest, name, checksum);
    this.#seen.add(name);
  }

  #addAugmented(augmented: Manifest): void {
    const twice = [...augmented.keys()].find((name) => this.#manifest.has(name));
    if (twice !== undefined) throw new ArtifactError('bad-manifest', `both manifests name ${twice}`);
    this.#manifest = new Map([...this.#manifest, ...augmented]);
  }

  /** Reads the next member as `<stem>[.gz|…]` and hands its own members on; returns how it is compressed. */
  async #compressed(stem: string, bytesMax: number, each: (member: TarMember) => Promise<void>): Promise<Compression> {
    const found = this.#next;
    const compression = found && compressionOf(found.name, stem);
    if (found === undefined) throw new ArtifactError('truncated', `it ends where ${stem} should be`);
    if (compression === undefined) throw new ArtifactError('bad-order', `${found.name} stands where ${stem} should`);
    // The manifest has the checksum of a compressed header, and of a payload that of each file in it.
    const isHashed = !stem.startsWith('data/');
    const packed = isHashed ? hashing(found.content, (checksum) => this.#require(found.name, checksum)) : found.content;
    const unpackedMax = Math.min(bytesMax, UNPACKED_BYTES_FREE + UNPACKED_RATIO_MAX * found.size);
    const unpacked = limited(decompress(packed, compression), unpackedMax, found.name);
    for await (const member of readTar(unpacked)) await each(member);
    if (isHashed && !this.#seen.has(found.name))
      throw new ArtifactError('bad-checksum', `${found.name} was not read to its end`);
    await this.#advance();
    return compression;
  }

  async #header(version: 2 | 3) {
    const parts = new Map<string, Uint8Array>();
    const scripts: Script[] = [];
    const names = new Set<string>();
    let isFirst = true;
    const compression = await this.#compressed('header.tar', HEADER_BYTES_MAX, async (member) => {
      if (isFirst !== (member.name === 'header-info'))
        throw new ArtifactError(
          'bad-order',
          `${member.name} stands where ${isFirst ? 'header-info should' : 'another part of the header should'}`,
        );
      isFirst = false;
      // Others may take the first of two where we would take the last.
      if (names.has(member.name)) throw new ArtifactError('bad-header', `${member.name} is there twice`);
      names.add(member.name);
      if (member.name.startsWith('scripts/')) {
        if (scripts.length === SCRIPTS_MAX)
          throw new ArtifactError('too-large', `it has more than ${SCRIPTS_MAX} scripts`);
        const name = member.name.slice('scripts/'.length);
        scripts.push({ name, content: await collect(member.content, SCRIPT_BYTES_MAX, member.name) });
      } else parts.set(member.name, await collect(member.content, JSON_BYTES_MAX, member.name));
    });
    const part = (name: string): Uint8Array => {
      const bytes = parts.get(name);
      if (bytes === undefined) throw new ArtifactError('bad-header', `${name} is missing in the header`);
      return bytes;
    };
    const { types, ...info } = readHeaderInfo(part('header-info'), version);
    const payloads = types.map((type, index): PayloadHeader => {
      const folder = `headers/${numberOf(index)}`;
      const typeInfo = readTypeInfo(part(`${folder}/type-info`));
      return { type, ...typeInfo, metaData: readMetaData(parts.get(`${folder}/meta-data`) ?? new Uint8Array(0)) };
    });
    const fileLists = types.map((_, index) => {
      const list = parts.get(`headers/${numberOf(index)}/files`);
      return list && readFileList(list);
    });
    return { header: { ...info, scripts, payloads } satisfies ArtifactHeader, compression, fileLists };
  }

  async #payload(payload: number, expected: readonly string[] | undefined): Promise<void> {
    const folder = `data/${numberOf(payload)}`;
    const left = this.#bytesLeft;
    await this.#compressed(`${folder}.tar`, left, async (member) => {
      const { name, size, mtime } = member;
      if (name.includes('/')) throw new ArtifactError('bad-tar', `${folder}/${name} lies in a folder`);
      if (this.#files.length === FILES_MAX) throw new ArtifactError('too-large', `it has more than ${FILES_MAX} files`);
      if (!this.#manifest.has(`${folder}/${name}`))
        throw new ArtifactError('bad-manifest', `the manifest does not name ${folder}/${name}`);
      if (this.#seen.has(`${folder}/${name}`)) throw new ArtifactError('bad-tar', `${folder}/${name} is there twice`);
      if (expected && !expected.includes(name))
        throw new ArtifactError('bad-header', `the header does not name ${folder}/${name}`);
      let checksum = '';
      const content = hashing(member.content, (hex) => (checksum = hex));
      await this.#options.onFile?.({ payload, name, size, mtime }, content);
      // What the caller left is read all the same, for the checksum.
      for await (const _ of content);
      this.#require(`${folder}/${name}`, checksum);
      this.#files.push({ payload, name, size, checksum, mtime });
    });
    this.#bytesLeft =
      left - this.#files.filter((file) => file.payload === payload).reduce((sum, { size }) => sum + size, 0);
  }
}

function readSignature(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  const signature = textOf(bytes).trim();
  if (!/^[A-Za-z0-9+/\s]+={0,2}$/.test(signature))
    throw new ArtifactError('bad-signature', 'its signature is no Base64');
  return signature;
}

/** Small archives may unpack to huge ones. */
async function* limited(bytes: Bytes, bytesMax: number, what: string): AsyncGenerator<Uint8Array> {
  // The blocks around the files count too.
  let left = bytesMax + 2 * 1024 * FILES_MAX;
  for await (const chunk of bytes) {
    left -= chunk.length;
    if (left < 0) throw new ArtifactError('too-large', `${what} unpacks to more than ${bytesMax} bytes`);
    yield chunk;
  }
}

/** Payloads have four digits. */
export function numberOf(payload: number): string {
  return String(payload).padStart(4, '0');
}
