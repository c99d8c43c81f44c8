/** What this gateway provides: the name of its software, its type, and whatever the artifacts so far brought (COMPAT 4). */
import type { ArtifactHeader } from '@lovely/artifact';
import { readFileIfThere } from '../atomic-file.ts';
import type { Keeper } from './checked-file.ts';

export type Provided = { readonly [key: string]: string };

/** What the gateway came with, as long as nothing was installed over it. */
export interface ProvidesOrigin {
  readonly artifactInfoFile: string;
  readonly deviceTypeFile: string;
  /** Where there is no such file. */
  readonly deviceType: string;
}

export interface ProvidesStore {
  /** All of it, `device_type` included. */
  read(): Provided;
  /** False when the disk refuses. */
  write(provided: Provided): boolean;
}

export function providesStore(keeper: Keeper<Provided>, origin: ProvidesOrigin): ProvidesStore {
  const deviceType = (): string => infoIn(origin.deviceTypeFile).device_type ?? origin.deviceType;
  return {
    read: () => ({
      artifact_name: UNKNOWN_ARTIFACT,
      ...(keeper.load() ?? infoIn(origin.artifactInfoFile)),
      device_type: deviceType(),
    }),
    write(all) {
      // That is never learned from an artifact.
      const { device_type: _deviceType, ...provided } = all;
      return keeper.save(provided);
    },
  };
}

/** For gateways without a disk. */
export function memoryProvides(initial: Provided): ProvidesStore {
  let provided = initial;
  return {
    read: () => provided,
    write(next) {
      provided = next;
      return true;
    },
  };
}

/** What is provided once the artifact is installed. */
export function providesAfter(before: Provided, { name, group, payloads }: Omit<ArtifactHeader, 'scripts'>): Provided {
  const lists = payloads.flatMap(({ clearsProvides }) => (clearsProvides ? [clearsProvides] : []));
  const clears = lists.flat();
  const kept = Object.entries(before).filter(
    ([key]) => key === 'device_type' || (lists.length > 0 && !clears.some((glob) => fits(glob, key))),
  );
  return {
    ...Object.fromEntries(kept),
    ...Object.assign({}, ...payloads.map(({ provides }) => provides)),
    artifact_name: name,
    ...(group === undefined ? {} : { artifact_group: group }),
  };
}

/** As Mender's client calls software of which nobody can say what it is. */
export function inconsistent(before: Provided, artifactName: string): Provided {
  return { ...before, artifact_name: `${artifactName}_INCONSISTENT` };
}

const UNKNOWN_ARTIFACT = 'unknown';

/** `*` stands for anything; nothing else has a meaning. It comes with the artifact: many of them must take no longer. */
function fits(glob: string, key: string): boolean {
  const [first = '', ...rest] = glob.split('*');
  if (rest.length === 0) return glob === key;
  if (!key.startsWith(first)) return false;
  const last = rest.pop()!;
  let at = first.length;
  for (const part of rest) {
    const found = key.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return key.length - last.length >= at && key.endsWith(last);
}

/** `key=value` lines of a file. */
function infoIn(path: string): { [key: string]: string } {
  const lines = (readFileIfThere(path) ?? '').split('\n').map((line) => line.trim());
  return Object.fromEntries(
    lines.flatMap((line) => {
      const at = line.indexOf('=');
      return at > 0 && !line.startsWith('#') ? [[line.slice(0, at).trim(), line.slice(at + 1).trim()]] : [];
    }),
  );
}
