/** `lovely artifact …`: makes artifacts from files, and reads and checks them, without a server. */
import { createHash, createPrivateKey } from 'node:crypto';
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
  readSensorFirmware,
  SENSOR_FIRMWARE,
  type Compression,
  type NewArtifact,
  type NewFile,
} from '@lovely/artifact';
import { SENSOR_WORDS, sensorMetaData, sensorsName } from './sensor-firmware.ts';
import { UsageError } from './usage-error.ts';

export const ARTIFACT_HELP = [
  'lovely artifact write output=FILE name=NAME device-type=TYPE type=MODULE file=FILE …   make an artifact',
  '    also: script=FILE provides=KEY:VALUE depends=KEY:VALUE clears=GLOB depends-on-name=NAME group=NAME',
  '    meta-data=FILE key=PRIVATE.PEM compression=gzip|none|xz|zstd; those for which several make sense may be repeated',
  '    after a + come the type=, file=, provides=, depends=, clears= and meta-data= of a further payload: a plan in this order',
  'lovely artifact write sensor-firmware output=FILE name=NAME device-type=TYPE version=VERSION kind=KIND file=FILE …',
  '    firmware for sensors (docs/sensor-firmware.md); it is short for type=sensor-firmware, with which a further payload takes',
  '    kind= model= from= driver= parallel= atomic=yes|no wait-seconds= order= after-reboot=yes|no as well',
  'lovely artifact read FILE                      what it is',
  'lovely artifact validate FILE [key=PUBLIC.PEM]  whether it is whole, and signed with this key',
].join('\n');

/** Carries out one command and returns what to print. Throws UsageError and ArtifactError. */
export async function artifactCommand([command, ...words]: readonly string[], asJson: boolean): Promise<string> {
  if (command === 'write') return await write(words);
  if (command === 'read' || command === 'validate') return await read(command, words, asJson);
  throw new UsageError(ARTIFACT_HELP);
}

const SEVERAL = ['device-type', 'script', 'depends-on-name'] as const;
const SINGLE = ['output', 'name', 'group', 'key', 'compression'] as const;
const PAYLOAD = ['type', 'file', 'provides', 'depends', 'clears', 'meta-data', ...SENSOR_WORDS] as const;

async function write(all: readonly string[]): Promise<string> {
  const words = all[0] === SENSOR_FIRMWARE ? [`type=${SENSOR_FIRMWARE}`, ...all.slice(1)] : all;
  const [first, ...further] = groups(words).map((group, index) =>
    readWords(group, index === 0 ? [...SEVERAL, ...SINGLE, ...PAYLOAD] : PAYLOAD),
  );
  const several = (name: (typeof SEVERAL)[number]): string[] => first!.get(name) ?? [];
  const one = (name: (typeof SINGLE)[number]): string | undefined => first!.get(name)?.at(-1);
  const [output, name] = [one('output') ?? missing('output'), one('name') ?? missing('name')];
  if (several('device-type').length === 0) missing('device-type');
  const key = one('key');
  const privateKey = key === undefined ? undefined : createPrivateKey(await readFile(key));
  const part = `${output}.part`;
  const bytes = writeArtifact({
    name,
    group: one('group'),
    deviceTypes: several('device-type'),
    dependsOnNames: several('depends-on-name'),
    dependsOnGroups: [],
    scripts: await Promise.all(
      several('script').map(async (path) => ({ name: basename(path), content: await readFile(path) })),
    ),
    payloads: await Promise.all([first!, ...further].map(async (payload) => await payloadOf(payload, name))),
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

/** Words between `+` belong to one payload. */
function groups(words: readonly string[]): string[][] {
  const all: string[][] = [[]];
  for (const word of words) {
    if (word === '+') all.push([]);
    else all.at(-1)!.push(word);
  }
  return all;
}

const ROOTFS_IMAGE = 'rootfs-image';

async function checksumOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

async function payloadOf(given: GivenWords, artifactName: string): Promise<NewArtifact['payloads'][number]> {
  const several = (name: 'file' | 'provides' | 'depends' | 'clears'): string[] => given.get(name) ?? [];
  const type = given.get('type')?.at(-1) ?? missing('type');
  const path = given.get('meta-data')?.at(-1);
  const fromFile = path === undefined ? {} : (JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>);
  const isOfSensors = type === SENSOR_FIRMWARE;
  const stray = SENSOR_WORDS.find((word) => !isOfSensors && given.has(word));
  if (stray !== undefined) throw new UsageError(`${stray}=… is for type=${SENSOR_FIRMWARE}.\n${ARTIFACT_HELP}`);
  const metaData = isOfSensors ? sensorMetaData(given, fromFile) : fromFile;
  // As Mender's tool does unless it is told otherwise; firmware of several kinds of sensors may stand in one artifact.
  const isImage = type === ROOTFS_IMAGE;
  const software = isOfSensors ? `${type}.${sensorsName(metaData)}` : isImage ? type : `${ROOTFS_IMAGE}.${type}`;
  const version = isOfSensors ? readSensorFirmware(metaData).version : artifactName;
  const [image] = isImage ? several('file') : [];
  return {
    type,
    provides: {
      [`${software}.version`]: version,
      ...(image === undefined ? {} : { [`${software}.checksum`]: await checksumOf(image) }),
      ...pairs(several('provides')),
    },
    depends: Object.fromEntries(Object.entries(pairs(several('depends'))).map(([one, value]) => [one, [value]])),
    clearsProvides: [
      ...(isImage ? ['artifact_group', 'rootfs_image_checksum'] : []),
      `${software}.*`,
      ...several('clears'),
    ],
    metaData,
    files: await Promise.all(several('file').map(fileAt)),
  };
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

type GivenWords = ReadonlyMap<string, string[]>;

/** `name=value` words; a name may stand several times. */
function readWords(words: readonly string[], known: readonly string[]): GivenWords {
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
