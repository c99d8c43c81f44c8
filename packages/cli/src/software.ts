/** `lovely artifact upload|list|show|download|delete`: artifacts of the server. Uploads and downloads go on where they broke off. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  call,
  createUpload,
  deleteArtifact,
  getArtifact,
  getUpload,
  listArtifacts,
  listUploads,
  PATHS,
  type CallInput,
  type Endpoint,
  type Result,
  type Upload,
} from '@lovely/api';
import { show } from './print.ts';
import { fetchTrusting, type Session } from './session.ts';
import { UsageError } from './usage-error.ts';

export const SOFTWARE_HELP = [
  'lovely artifact upload FILE [description=TEXT]  to the server; the same command again goes on where it broke off',
  'lovely artifact list [search=TEXT]              what the server has',
  'lovely artifact show ID',
  'lovely artifact download ID [output=FILE]       goes on with FILE.part where there is one',
  'lovely artifact delete ID',
].join('\n');

export const SOFTWARE_COMMANDS: ReadonlySet<string> = new Set(['upload', 'list', 'show', 'download', 'delete']);

const PART_BYTES = 64 * 1024 * 1024;
const TRIES_MAX = 8;
const TRY_MS = 1_000;
const LOOK_MS = 250;

export interface SoftwareOptions {
  readonly session: Session;
  readonly asJson: boolean;
  /** How far it is, for people. */
  tell(text: string): void;
}

/** Carries out one command and returns what to print. Throws UsageError, ApiError, and Error for what came otherwise. */
export async function softwareCommand(
  [command, first, ...words]: readonly string[],
  options: SoftwareOptions,
): Promise<string> {
  const { asJson } = options;
  const ask = <E extends Endpoint>(endpoint: E, input: CallInput<E>): Promise<Result<E>> =>
    asked(options, endpoint, input);
  if (command === 'list') {
    const search = first === undefined ? undefined : valueOf([first], 'search');
    const { items } = await ask(listArtifacts, { query: search === undefined ? {} : { search } });
    const rows = items.map(({ id, name, deviceTypes, bytes, isSigned, usedBy, createdAt }) => ({
      id,
      name,
      deviceTypes: deviceTypes.join(','),
      bytes,
      isSigned,
      usedBy,
      createdAt,
    }));
    return show({ items: asJson ? items : rows }, asJson);
  }
  if (first === undefined) throw new UsageError(SOFTWARE_HELP);
  if (command === 'upload') return show(await upload(first, valueOf(words, 'description') ?? '', options), asJson);
  if (command === 'download') return await download(first, valueOf(words, 'output'), options);
  if (words.length > 0) throw new UsageError(SOFTWARE_HELP);
  if (command === 'show') return show(await ask(getArtifact, { params: { id: first } }), asJson);
  await ask(deleteArtifact, { params: { id: first } });
  return show(undefined, asJson);
}

async function asked<E extends Endpoint>(
  { session }: SoftwareOptions,
  endpoint: E,
  input: CallInput<E>,
): Promise<Result<E>> {
  return await call(fetchTrusting(session.ca), session.server, endpoint, input, {
    authorization: `Bearer ${session.token}`,
  });
}

async function upload(path: string, description: string, options: SoftwareOptions) {
  const { size } = await stat(path);
  const name = basename(path);
  const { items } = await asked(options, listUploads, {});
  const broken = items.find((one) => one.state === 'arriving' && one.name === name && one.bytes === size);
  let latest =
    broken ?? (await asked(options, createUpload, { body: { kind: 'artifact', name, bytes: size, description } }));
  const { id } = latest;
  let tries = 0;
  while (latest.state === 'arriving') {
    try {
      latest = await sendPart(path, latest, options);
      tries = 0;
      options.tell(`${name}: ${Math.floor((latest.offset / size) * 100)} %`);
    } catch (error) {
      if (!isPassing(error) || ++tries >= TRIES_MAX) throw error;
      await Bun.sleep(TRY_MS * tries);
      latest = await asked(options, getUpload, { params: { id } }).catch(() => latest);
    }
  }
  while (latest.state === 'storing') {
    await Bun.sleep(LOOK_MS);
    latest = await asked(options, getUpload, { params: { id } });
  }
  if (latest.artifactId === null)
    throw new Error(`Refused: ${latest.reason ?? latest.state} (${latest.code ?? 'no code'})`);
  return await asked(options, getArtifact, { params: { id: latest.artifactId } });
}

class Refused extends Error {}

/** Whatever happened on the way may go better the next time; what the server has refused will not. */
function isPassing(error: unknown): boolean {
  return !(error instanceof Refused);
}

async function sendPart(path: string, { id, offset }: Upload, { session }: SoftwareOptions): Promise<Upload> {
  const answer = await fetch(session.server + PATHS.uploadParts.replace('{id}', id), {
    method: 'PATCH',
    headers: {
      authorization: `Bearer ${session.token}`,
      'content-type': 'application/octet-stream',
      'upload-offset': String(offset),
    },
    body: Bun.file(path).slice(offset, offset + PART_BYTES),
    ...(session.ca === undefined ? {} : { tls: { ca: session.ca } }),
  });
  const said: unknown = await answer.json();
  if (answer.ok) return said as Upload;
  const { detail, code } = said as { detail: string; code: string };
  if (answer.status === 409 || answer.status >= 500) throw new Error(detail);
  throw new Refused(`${detail} (${code})`);
}

async function download(id: string, output: string | undefined, options: SoftwareOptions): Promise<string> {
  const { session } = options;
  const { name, bytes, sha256 } = await asked(options, getArtifact, { params: { id } });
  const path = output ?? `${name.replaceAll(/[^A-Za-z0-9._-]+/g, '-')}.mender`;
  const part = `${path}.part`;
  const file = await open(part, 'a');
  try {
    const { size } = await file.stat();
    if (size < bytes) {
      const answer = await fetch(session.server + PATHS.artifactContent.replace('{id}', id), {
        headers: {
          authorization: `Bearer ${session.token}`,
          ...(size > 0 ? { range: `bytes=${size}-`, 'if-range': `"${sha256}"` } : {}),
        },
        ...(session.ca === undefined ? {} : { tls: { ca: session.ca } }),
      });
      if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
      if (answer.status === 200) await file.truncate(0);
      for await (const chunk of answer.body!) await file.writeFile(chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(part)) hash.update(chunk as Uint8Array);
  if (hash.digest('hex') !== sha256)
    throw new Error(`What came is not what the server says it has; delete ${part} and try again.`);
  await rename(part, path);
  return `Wrote ${path}, ${bytes} bytes.`;
}

function valueOf(words: readonly string[], name: string): string | undefined {
  const [word, ...more] = words;
  if (word === undefined) return undefined;
  if (more.length > 0 || !word.startsWith(`${name}=`)) throw new UsageError(SOFTWARE_HELP);
  return word.slice(name.length + 1);
}
