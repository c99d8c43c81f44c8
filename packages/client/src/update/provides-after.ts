/** What an update makes of what the gateway provides; loaded with the update. */
import { fitsGlob, type ArtifactHeader } from '@lovely/artifact';
import type { Provided } from './provides.ts';

/** What is provided once the artifact is installed. */
export function providesAfter(before: Provided, { name, group, payloads }: Omit<ArtifactHeader, 'scripts'>): Provided {
  const lists = payloads.flatMap(({ clearsProvides }) => (clearsProvides ? [clearsProvides] : []));
  const clears = lists.flat();
  const kept = Object.entries(before).filter(
    ([key]) => key === 'device_type' || (lists.length > 0 && !clears.some((glob) => fitsGlob(glob, key))),
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
