/**
 * Writes artifacts of version 3 that Mender's tools and clients read. What it holds must be known before the first byte goes
 * out, as the manifest stands in front: files are read twice, and compressed payloads wait in a folder.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Bytes } from './bytes.ts';
import { compress, SUFFIXES, type Compression } from './compression.ts';
import { ArtifactError } from './error.ts';
import { writeHeaderInfo, writeMetaData, writeTypeInfo, type ArtifactHeader, type PayloadHeader } from './header.ts';
import { checksumOf, hashing, writeManifest } from './manifest.ts';
import { numberOf } from './read.ts';
import { tarBytes, writeTar, type NewMember } from './tar/write.ts';

export interface NewFile {
  /** Letters, digits and `.,_-`: other names Mender's tools refuse. */
  readonly name: string;
  readonly size: number;
  /** Seconds since 1970. */
  readonly mtime?: number;
  /** Called twice; the same bytes each time. */
  open(): Bytes;
}

export interface NewArtifact extends Omit<ArtifactHeader, 'version' | 'payloads'> {
  readonly payloads: readonly (PayloadHeader & { readonly files: readonly NewFile[] })[];
  readonly compression: Compression;
  /** Signs the manifest; returns base64. */
  readonly sign?: (manifest: Uint8Array) => string | Promise<string>;
}

const FILE_NAME = /^[A-Za-z0-9.,_-]+$/;
const SCRIPT_MODE = 0o755;
const VERSION = Buffer.from('{"format":"mender","version":3}');

/**
 * The bytes of the artifact, one after the other. Throws ArtifactError for names that no artifact may have.
 * @param place the folder in which compressed payloads wait
 */
export async function* writeArtifact(artifact: NewArtifact, place = tmpdir()): AsyncGenerator<Uint8Array> {
  const folder = await mkdtemp(join(place, 'lovely-artifact-'));
  try {
    yield* writeTar(await membersOf(artifact, folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function membersOf(artifact: NewArtifact, folder: string): Promise<NewMember[]> {
  const { compression, payloads } = artifact;
  const header = await packHeader(artifact);
  const headerName = `header.tar${SUFFIXES[compression]}`;
  const checksums = new Map([
    ['version', checksumOf(VERSION)],
    [headerName, checksumOf(header)],
  ]);
  const data: NewMember[] = [];
  for (const [index, { files }] of payloads.entries()) {
    const name = `data/${numberOf(index)}`;
    for (const file of files) checksums.set(`${name}/${file.name}`, await checksumOfFile(file));
    data.push(
      await packPayload(`${name}.tar${SUFFIXES[compression]}`, files, compression, join(folder, numberOf(index))),
    );
  }
  const manifest = writeManifest(checksums);
  const signature = await artifact.sign?.(manifest);
  return [
    inMemory('version', VERSION),
    inMemory('manifest', manifest),
    ...(signature === undefined ? [] : [inMemory('manifest.sig', Buffer.from(signature))]),
    inMemory(headerName, header),
    ...data,
  ];
}

async function packHeader(artifact: NewArtifact): Promise<Uint8Array> {
  const members = [
    inMemory('header-info', writeHeaderInfo(artifact)),
    ...artifact.scripts.map(({ name, content }) => ({ ...inMemory(`scripts/${name}`, content), mode: SCRIPT_MODE })),
    ...artifact.payloads.flatMap((payload, index) => [
      inMemory(`headers/${numberOf(index)}/type-info`, writeTypeInfo(payload)),
      inMemory(`headers/${numberOf(index)}/meta-data`, writeMetaData(payload.metaData)),
    ]),
  ];
  const chunks: Uint8Array[] = [];
  for await (const chunk of compress(writeTar(members), artifact.compression)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Without compression the size is known, so the files are read where they are; else the result waits on the disk. */
async function packPayload(
  name: string,
  files: readonly NewFile[],
  compression: Compression,
  path: string,
): Promise<NewMember> {
  const tar = (): Bytes => writeTar(files.map((file) => ({ ...file, mtime: file.mtime ?? 0, content: lazily(file) })));
  if (compression === 'none') return { name, size: tarBytes(files), content: tar() };
  await pipeline(compress(tar(), compression), createWriteStream(path));
  return { name, size: (await stat(path)).size, content: createReadStream(path) };
}

async function* lazily(file: NewFile): AsyncGenerator<Uint8Array> {
  yield* file.open();
}

async function checksumOfFile(file: NewFile): Promise<string> {
  if (!FILE_NAME.test(file.name))
    throw new ArtifactError(
      'bad-header',
      `"${file.name}" can't stand in an artifact: file names have letters, digits and . , _ - only`,
    );
  let found = '';
  for await (const _ of hashing(file.open(), (checksum) => (found = checksum)));
  return found;
}

function inMemory(name: string, content: Uint8Array): NewMember {
  return { name, size: content.length, content };
}
