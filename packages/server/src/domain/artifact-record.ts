/** What is kept of an artifact beside its content: as the API shows it, in one piece. Pure. */
import type { Artifact as ApiArtifact, Payload } from '@lovely/api';
import type { Artifact, ArtifactHeader, ArtifactStart } from '@lovely/artifact';
import { LovelyError } from '../errors.ts';
import { ARTIFACT_NAME_LENGTH_MAX, ARTIFACT_RECORD_BYTES_MAX } from '../software-limits.ts';

type Named = 'name' | 'deviceTypes' | 'provides' | 'depends' | 'clears' | 'scripts' | 'compression' | 'format';

export interface ArtifactRecord extends Pick<ApiArtifact, Named> {
  readonly payloads: Payload[];
  /** What is signed, and by what, in Base64; undefined for an artifact that nobody has signed. */
  readonly signed: { readonly manifest: Uint8Array; readonly signature: string } | undefined;
}

/** Throws 'bad-artifact' for what can be read, and not be kept. */
export function recordOf({ header, files, compression }: Artifact, start: ArtifactStart): ArtifactRecord {
  const { name, deviceTypes, scripts, version } = header;
  if (name.length > ARTIFACT_NAME_LENGTH_MAX || name.trim() !== name)
    throw new LovelyError(
      'bad-artifact',
      `Its name must have at most ${ARTIFACT_NAME_LENGTH_MAX} characters, and no space at either end.`,
    );
  const payloads = header.payloads.map(({ type, provides, depends, clearsProvides, metaData }, index): Payload => ({
    type,
    files: files
      .filter(({ payload }) => payload === index)
      .map(({ name: file, size, checksum, mtime }) => ({
        name: file,
        bytes: size,
        sha256: checksum,
        mtime: new Date(mtime * 1000).toISOString(),
      })),
    provides,
    depends: mutable(depends),
    clears: clearsProvides ? [...clearsProvides] : null,
    metaData,
  }));
  const record: ArtifactRecord = {
    name,
    deviceTypes: [...deviceTypes],
    payloads,
    provides: merge(
      [
        { artifact_name: name, ...(header.group === undefined ? {} : { artifact_group: header.group }) },
        ...payloads.map((payload) => payload.provides),
      ],
      'provides',
    ),
    depends: dependsOf(header),
    clears: [...new Set(payloads.flatMap((payload) => payload.clears ?? []))],
    scripts: scripts.map((script) => script.name),
    compression,
    format: version,
    signed: start.signature === undefined ? undefined : { manifest: start.manifest, signature: start.signature },
  };
  requireStorable(record);
  return record;
}

/** What a device must have, for all payloads together. Throws 'bad-artifact'. */
export function dependsOf(header: ArtifactHeader): Record<string, string[]> {
  const { deviceTypes, dependsOnNames, dependsOnGroups, payloads } = header;
  const own = {
    device_type: [...deviceTypes],
    ...(dependsOnNames.length > 0 ? { artifact_name: [...dependsOnNames] } : {}),
    ...(dependsOnGroups.length > 0 ? { artifact_group: [...dependsOnGroups] } : {}),
  };
  return merge([own, ...payloads.map(({ depends }) => mutable(depends))], 'depends on');
}

/** Two payloads that provide or depend on the same key contradict each other. */
function merge<T>(maps: readonly Readonly<Record<string, T>>[], what: string): Record<string, T> {
  const merged = new Map<string, T>();
  for (const map of maps)
    for (const [key, value] of Object.entries(map)) {
      if (merged.has(key)) throw new LovelyError('bad-artifact', `It names "${key}" twice in what it ${what}.`);
      merged.set(key, value);
    }
  return Object.fromEntries(merged);
}

function mutable(depends: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(depends).map(([key, values]) => [key, [...values]]));
}

/** As JSON.stringify writes what PostgreSQL can't store: U+0000 and half of a surrogate pair. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

function requireStorable(record: ArtifactRecord): void {
  const text = JSON.stringify({ ...record, signed: null });
  if (UNSTORABLE.test(text)) throw new LovelyError('bad-artifact', 'A text in its header holds U+0000.');
  if (text.length > ARTIFACT_RECORD_BYTES_MAX)
    throw new LovelyError('bad-artifact', 'Its header says more than can be kept.');
}

/** Whether a device may exist that both fit: for every key that both depend on they have a value in common. */
export function mayFitTheSame(a: ApiArtifact['depends'], b: ApiArtifact['depends']): boolean {
  return Object.entries(a).every(([key, values]) => {
    const others = b[key];
    return others === undefined || values.some((value) => others.includes(value));
  });
}
