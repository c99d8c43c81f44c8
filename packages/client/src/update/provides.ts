/** What this gateway provides: the name of its software, its type, and whatever the artifacts so far brought (COMPAT 4). */
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

const UNKNOWN_ARTIFACT = 'unknown';

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
