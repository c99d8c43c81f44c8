/** `lovely artifact …`: makes artifacts from files, and reads and checks them, without a server. */
import { createPrivateKey } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readFile, rename, rm, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  COMPRESSIONS,
  isSignedBy,
  readArtifact,
  readVerificationKey,
  signManifest,
  writeArtifact,
  type Artifact,
  type ArtifactStart,
  type Compression,
  type NewFile,
} from '@lovely/artifact';
import { UsageError } from './usage-error.ts';

export const ARTIFACT_HELP = [
  'lovely artifact write output=FILE name=NAME device-type=TYPE type=MODULE file=FILE …   make an artifact',
  '    also: script=FILE provides=KEY:VALUE depends=KEY:VALUE clears=GLOB depends-on-name=NAME group=NAME',
  '    meta-data=FILE key=PRIVATE.PEM compression=gzip|none|xz|zstd; those for which several make sense may be repeated',
  'lovely artifact read FILE                      what it is',
  'lovely artifact validate FILE [key=PUBLIC.PEM]  whether it is whole, and signed with this key',
].join('\n');

/** Carries out one command and returns what to print. Throws UsageError and ArtifactError. */
export async function artifactCommand([command, ...words]: readonly string[], asJson: boolean): Promise<string> {
  if (command === 'write') return await write(words);
  if (command === 'read' || command === 'validate') return await read(command, words, asJson);
  throw new UsageError(ARTIFACT_HELP);
}

const SEVERAL = ['device-type', 'file', 'script', 'provides', 'depends', 'clears', 'depends-on-name'] as const;
const SINGLE = ['output', 'name', 'type', 'group', 'meta-data', 'key', 'compression'] as const;

async function write(words: readonly string[]): Promise<string> {
  const given = readWords(words, [...SEVERAL, ...SINGLE]);
  const all = (name: (typeof SEVERAL)[number]): string[] => given.get(name) ?? [];
  const one = (name: (typeof SINGLE)[number]): string | undefined => given.get(name)?.at(-1);
  const needed = (name: (typeof SINGLE)[number]): string => one(name) ?? missing(name);
  const [output, name, type] = [needed('output'), needed('name'), needed('type')];
  if (all('device-type').length === 0) missing('device-type');
  const key = one('key');
  const privateKey = key === undefined ? undefined : createPrivateKey(await readFile(key));
  const metaData = one('meta-data');
  const part = `${output}.part`;
  const bytes = writeArtifact({
    name,
    group: one('group'),
    deviceTypes: all('device-type'),
    dependsOnNames: all('depends-on-name'),
    dependsOnGroups: [],
    scripts: await Promise.all(
      all('script').map(async (path) => ({ name: basename(path), content: await readFile(path) })),
    ),
    payloads: [
      {
        type,
        // As Mender's tool does unless it is told otherwise.
        provides: { [`rootfs-image.${type}.version`]: name, ...pairs(all('provides')) },
        depends: Object.fromEntries(Object.entries(pairs(all('depends'))).map(([one, value]) => [one, [value]])),
        clearsProvides: [`rootfs-image.${type}.*`, ...all('clears')],
        metaData:
          metaData === undefined ? {} : (JSON.parse(await readFile(metaData, 'utf8')) as Record<string, unknown>),
        files: await Promise.all(all('file').map(fileAt)),
      },
    ],
    compression: compressionNamed(one('compression') ?? 'gzip'),
    ...(privateKey ? { sign: (manifest: Uint8Array) => signManifest(manifest, privateKey) } : {}),
  });
  try {
    await pipeline(bytes, createWriteStream(part));
    await rename(part, output);
  } finally {
    await rm(part, { force: true });
  }
  return `Wrote ${output}, ${(await stat(output)).size} bytes.`;
}

async function read(
  command: 'read' | 'validate',
  [path, ...words]: readonly string[],
  asJson: boolean,
): Promise<string> {
  if (path === undefined) throw new UsageError(ARTIFACT_HELP);
  const key = readWords(words, command === 'validate' ? ['key'] : [])
    .get('key')
    ?.at(-1);
  const publicKey = key === undefined ? undefined : readVerificationKey(await readFile(key, 'utf8'));
  const onStart = ({ manifest, signature }: ArtifactStart): void => {
    if (publicKey === undefined) return;
    if (signature === undefined) throw new Error(`${path} is not signed.`);
    if (!isSignedBy(manifest, signature, publicKey)) throw new Error(`${path} is not signed with the key in ${key}.`);
  };
  const artifact = await readArtifact(createReadStream(path), { onStart });
  if (command === 'validate')
    return `${path} is whole${publicKey ? ' and signed with this key' : artifact.isSigned ? '; it is signed, give key=PUBLIC.PEM to look by whom' : ''}.`;
  return asJson ? JSON.stringify(withScriptNames(artifact), undefined, 2) : describe(artifact);
}

function describe({ header, files, compression, isSigned }: Artifact): string {
  const { name, group, deviceTypes, dependsOnNames, scripts, payloads, version } = header;
  return [
    `${name} for ${deviceTypes.join(', ')}`,
    `format ${version}, compression ${compression}, ${isSigned ? 'signed' : 'not signed'}${group ? `, group ${group}` : ''}`,
    ...(dependsOnNames.length > 0 ? [`needs one of ${dependsOnNames.join(', ')}`] : []),
    ...(scripts.length > 0 ? [`scripts: ${scripts.map((script) => script.name).join(', ')}`] : []),
    ...payloads.flatMap(({ type, provides, depends, clearsProvides }, index) => [
      `payload ${index}: ${type ?? 'none'}`,
      ...Object.entries(provides).map(([key, value]) => `  provides ${key} = ${value}`),
      ...Object.entries(depends).map(([key, values]) => `  needs ${key} = ${values.join(' or ')}`),
      ...(clearsProvides ?? []).map((glob) => `  clears ${glob}`),
      ...files
        .filter(({ payload }) => payload === index)
        .map((file) => `  ${file.name}, ${file.size} bytes, sha256 ${file.checksum}`),
    ]),
  ].join('\n');
}

function withScriptNames({ header, ...rest }: Artifact) {
  return { ...rest, header: { ...header, scripts: header.scripts.map(({ name }) => name) } };
}

/** `name=value` words; a name may stand several times. */
function readWords(words: readonly string[], known: readonly string[]): Map<string, string[]> {
  const given = new Map<string, string[]>();
  for (const word of words) {
    const at = word.indexOf('=');
    const name = word.slice(0, Math.max(0, at));
    if (!known.includes(name))
      throw new UsageError(`"${word}" is none of ${known.map((one) => `${one}=…`).join(' ')}.\n${ARTIFACT_HELP}`);
    given.set(name, [...(given.get(name) ?? []), word.slice(at + 1)]);
  }
  return given;
}

function missing(name: string): never {
  throw new UsageError(`${name}=… is missing.\n${ARTIFACT_HELP}`);
}

function pairs(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf(':');
      if (at < 1) throw new UsageError(`"${word}" is not KEY:VALUE.`);
      return [word.slice(0, at), word.slice(at + 1)];
    }),
  );
}

function compressionNamed(name: string): Compression {
  const found = COMPRESSIONS.find((one) => one === name);
  if (found === undefined) throw new UsageError(`compression is one of ${COMPRESSIONS.join(', ')}.`);
  return found;
}

async function fileAt(path: string): Promise<NewFile> {
  const { size, mtimeMs } = await stat(path);
  return { name: basename(path), size, mtime: Math.floor(mtimeMs / 1000), open: () => createReadStream(path) };
}
