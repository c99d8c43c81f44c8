/** What an artifact says of itself, in version 3 and in the older version 2 (COMPAT section 4). */
import { ArtifactError } from './error.ts';
import { DEVICE_TYPES_MAX, JSON_DEPTH_MAX, KEYS_MAX, NAME_LENGTH_MAX, PAYLOADS_MAX } from './limits.ts';
import { textOf } from './manifest.ts';

export type Depends = { readonly [key: string]: readonly string[] };
export type Provides = { readonly [key: string]: string };

export interface ArtifactHeader {
  readonly version: 2 | 3;
  readonly name: string;
  readonly group: string | undefined;
  readonly deviceTypes: readonly string[];
  /** Names and groups of artifacts of which one must be installed; empty for any. */
  readonly dependsOnNames: readonly string[];
  readonly dependsOnGroups: readonly string[];
  /** State scripts by name, as `ArtifactInstall_Enter_00`. */
  readonly scripts: readonly Script[];
  readonly payloads: readonly PayloadHeader[];
}

export interface Script {
  readonly name: string;
  readonly content: Uint8Array;
}

export interface PayloadHeader {
  /** The update module's name; null for a payload that only changes what is provided. */
  readonly type: string | null;
  readonly provides: Provides;
  readonly depends: Depends;
  /** Globs of provides that go away; undefined where the artifact has no such list, so that all of them do. */
  readonly clearsProvides: readonly string[] | undefined;
  /** JSON, for the update module. */
  readonly metaData: { readonly [key: string]: unknown };
}

type Json = { readonly [key: string]: unknown };

/** `header-info` without what stands in other members. Throws 'bad-header'. */
export function readHeaderInfo(
  bytes: Uint8Array,
  version: 2 | 3,
): Omit<ArtifactHeader, 'scripts' | 'payloads'> & { readonly types: readonly (string | null)[] } {
  const info = readObject(bytes, 'header-info');
  if (version === 2)
    return {
      version,
      name: name(info.artifact_name, 'artifact_name'),
      group: undefined,
      deviceTypes: deviceTypes(info.device_types_compatible),
      dependsOnNames: [],
      dependsOnGroups: [],
      types: types(info.updates),
    };
  const provides = object(info.artifact_provides ?? {}, 'artifact_provides');
  const depends = object(info.artifact_depends ?? {}, 'artifact_depends');
  return {
    version,
    name: name(provides.artifact_name, 'artifact_name'),
    group: provides.artifact_group === undefined ? undefined : name(provides.artifact_group, 'artifact_group'),
    deviceTypes: deviceTypes(depends.device_type),
    dependsOnNames: names(depends.artifact_name ?? [], 'artifact_name', KEYS_MAX),
    dependsOnGroups: names(depends.artifact_group ?? [], 'artifact_group', KEYS_MAX),
    types: types(info.payloads),
  };
}

/** A payload's `type-info`, whose own type may be empty where a tool of Mender's left it so. */
export function readTypeInfo(bytes: Uint8Array): Pick<PayloadHeader, 'provides' | 'depends' | 'clearsProvides'> {
  const info = readObject(bytes, 'type-info');
  const clears = info.clears_artifact_provides;
  return {
    provides: mapValues(object(info.artifact_provides ?? {}, 'artifact_provides'), (value, key) => name(value, key)),
    depends: mapValues(object(info.artifact_depends ?? {}, 'artifact_depends'), (value, key) =>
      names(value, key, KEYS_MAX),
    ),
    clearsProvides:
      clears === undefined || clears === null ? undefined : names(clears, 'clears_artifact_provides', KEYS_MAX),
  };
}

/** May be empty, which is an object without members. */
export function readMetaData(bytes: Uint8Array): Json {
  return bytes.length === 0 ? {} : readObject(bytes, 'meta-data');
}

/** Version 2 names a payload's files in the header. */
export function readFileList(bytes: Uint8Array): readonly string[] {
  return names(readObject(bytes, 'files').files, 'files', KEYS_MAX);
}

export function writeHeaderInfo(header: Omit<ArtifactHeader, 'scripts' | 'version'>): Uint8Array {
  const { dependsOnNames, dependsOnGroups } = header;
  return json({
    payloads: header.payloads.map(({ type }) => ({ type })),
    artifact_provides: { artifact_name: header.name, ...(header.group ? { artifact_group: header.group } : {}) },
    artifact_depends: {
      ...(dependsOnNames.length > 0 ? { artifact_name: dependsOnNames } : {}),
      device_type: header.deviceTypes,
      ...(dependsOnGroups.length > 0 ? { artifact_group: dependsOnGroups } : {}),
    },
  });
}

export function writeTypeInfo({ type, provides, depends, clearsProvides }: PayloadHeader): Uint8Array {
  return json({
    type,
    ...(Object.keys(provides).length > 0 ? { artifact_provides: provides } : {}),
    ...(Object.keys(depends).length > 0 ? { artifact_depends: depends } : {}),
    ...(clearsProvides ? { clears_artifact_provides: clearsProvides } : {}),
  });
}

export function writeMetaData(metaData: Json): Uint8Array {
  return Object.keys(metaData).length === 0 ? new Uint8Array(0) : json(metaData);
}

function json(value: object): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function readObject(bytes: Uint8Array, what: string): Json {
  const text = textOf(bytes);
  if (isDeep(text)) throw new ArtifactError('bad-header', `${what} is nested more than ${JSON_DEPTH_MAX} deep`);
  let value: unknown;
  try {
    value = JSON.parse(text) as unknown;
  } catch (cause) {
    throw new ArtifactError('bad-header', `${what} is not JSON`, { cause });
  }
  return object(value, what);
}

function isDeep(json: string): boolean {
  let depth = 0;
  for (const [sign] of json.matchAll(/"(?:[^"\\]|\\.)*"?|[[\]{}]/gs)) {
    if (sign === '[' || sign === '{') depth++;
    else if (sign === ']' || sign === '}') depth--;
    if (depth > JSON_DEPTH_MAX) return true;
  }
  return false;
}

function object(value: unknown, what: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ArtifactError('bad-header', `${what} is no JSON object`);
  if (Object.keys(value).length > KEYS_MAX) throw new ArtifactError('too-large', `${what} has too many members`);
  return value as Json;
}

function name(value: unknown, what: string): string {
  if (typeof value !== 'string' || value === '' || value.length > NAME_LENGTH_MAX)
    throw new ArtifactError('bad-header', `${what} must be a text of 1 to ${NAME_LENGTH_MAX} characters`);
  return value;
}

/** One text, or a list of them. */
function names(value: unknown, what: string, countMax: number): readonly string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > countMax) throw new ArtifactError('too-large', `${what} has more than ${countMax} items`);
  return list.map((item) => name(item, what));
}

function deviceTypes(value: unknown): readonly string[] {
  const list = names(value ?? [], 'device_type', DEVICE_TYPES_MAX);
  if (list.length === 0) throw new ArtifactError('bad-header', 'it names no device type that it is for');
  return list;
}

function types(value: unknown): readonly (string | null)[] {
  if (!Array.isArray(value) || value.length === 0) throw new ArtifactError('bad-header', 'it has no payload');
  if (value.length > PAYLOADS_MAX) throw new ArtifactError('too-large', `it has more than ${PAYLOADS_MAX} payloads`);
  return value.map((payload: unknown) => {
    const { type } = object(payload, 'a payload');
    return type === null ? null : name(type, 'a payload’s type');
  });
}

function mapValues<T>(from: Json, read: (value: unknown, key: string) => T): { [key: string]: T } {
  return Object.fromEntries(Object.entries(from).map(([key, value]) => [name(key, 'a key'), read(value, key)]));
}
