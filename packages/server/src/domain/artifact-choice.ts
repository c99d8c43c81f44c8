/**
 * Which artifact of a release a device gets, by Mender's rules (COMPAT 3.4): one for its type, whose depends it satisfies
 * by what it provides; none where it has that already.
 */
import { fitsGlob } from '@lovely/artifact';

export type Provides = Readonly<Record<string, string>>;

export interface ChoosableArtifact {
  readonly id: string;
  readonly name: string;
  readonly deviceTypes: readonly string[];
  /** With artifact_name and artifact_group. */
  readonly provides: Provides;
  /** Each key with the values of which the device must have one; device_type among them or not. */
  readonly depends: Readonly<Record<string, readonly string[]>>;
  /** Globs of what the device no longer provides; null: nothing of before. */
  readonly clears: readonly string[] | null;
  readonly payloadTypes: readonly string[];
  readonly bytes: number;
  readonly sha256: string;
}

export type ArtifactChoice<A extends ChoosableArtifact = ChoosableArtifact> =
  | { readonly kind: 'artifact'; readonly artifact: A }
  | { readonly kind: 'already-installed'; readonly artifact: A }
  | { readonly kind: 'noartifact' }
  /** It has not said what it is. */
  | { readonly kind: 'unknown' };

/** Of several that fit, the one that asks for most: it was made for just this device. */
export function chooseArtifact<A extends ChoosableArtifact>(
  artifacts: readonly A[],
  provides: Provides,
  isForced: boolean,
): ArtifactChoice<A> {
  const { device_type: deviceType } = provides;
  if (deviceType === undefined || deviceType === '') return { kind: 'unknown' };
  const [artifact] = artifacts
    .filter((one) => one.deviceTypes.includes(deviceType) && isSatisfied(one, provides))
    .toSorted((a, b) => Object.keys(b.depends).length - Object.keys(a.depends).length || (a.id < b.id ? -1 : 1));
  if (!artifact) return { kind: 'noartifact' };
  return { kind: !isForced && isInstalled(artifact, provides) ? 'already-installed' : 'artifact', artifact };
}

/** `device_type` is looked at apart: it is in `deviceTypes`. */
function isSatisfied({ depends }: ChoosableArtifact, provides: Provides): boolean {
  return Object.entries(depends).every(
    ([key, values]) => key === 'device_type' || (Object.hasOwn(provides, key) && values.includes(provides[key]!)),
  );
}

const SENSOR_FIRMWARE = 'sensor-firmware';
/** Told of the release and not of a part of it. */
const OF_THE_NAME = new Set(['artifact_name', 'artifact_group']);

/**
 * By what the artifact brings, as other artifacts may have been installed since, which have other names; by its name where
 * it brings nothing else. What sensors run only the gateway knows.
 */
function isInstalled({ name, provides: brings, payloadTypes }: ChoosableArtifact, provides: Provides): boolean {
  if (payloadTypes.includes(SENSOR_FIRMWARE)) return false;
  const parts = Object.entries(brings).filter(([key]) => !OF_THE_NAME.has(key));
  if (parts.length > 0 && parts.every(([key, value]) => Object.hasOwn(provides, key) && provides[key] === value))
    return true;
  // Gateways that only tell a name are known by it; so are they whose other parts nobody has told of.
  return provides.artifact_name === name && parts.every(([key]) => !Object.hasOwn(provides, key));
}

/** What a device should provide once the artifact is installed on top of what it should before (COMPAT 4). */
export function expectedAfter(
  before: Provides,
  { provides, clears }: Pick<ChoosableArtifact, 'provides' | 'clears'>,
): Record<string, string> {
  const kept =
    clears === null ? [] : Object.entries(before).filter(([key]) => !clears.some((glob) => fitsGlob(glob, key)));
  return { ...Object.fromEntries(kept), ...provides };
}
