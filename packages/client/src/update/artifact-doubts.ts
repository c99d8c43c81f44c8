/** Whether an artifact is what was offered and may be installed on this gateway; looked at before any of its payloads. */
import { isSignedBy, readVerificationKey, type ArtifactStart } from '@lovely/artifact';
import { readFileSync } from 'node:fs';
import type { Provided } from './provides.ts';
import { UpdateError } from './update-module.ts';

export interface Circumstances {
  /** The name that was offered. */
  readonly name: string;
  readonly provides: Provided;
  /** Files with public keys; given any, one of them must have signed. */
  readonly keys: readonly string[];
  /** Whether something here carries out payloads of this type. */
  canHandle(type: string): boolean;
}

const STEP = 'Download';

/** Throws UpdateError with what is wrong with it. */
export function checkArtifact({ header, manifest, signature, isAugmented }: ArtifactStart, its: Circumstances): void {
  const refuse = (code: UpdateError['code'], message: string): never => {
    throw new UpdateError(code, STEP, message);
  };
  checkSignature(manifest, signature, its.keys, refuse);
  // Nobody signs what augments an artifact, and nothing here is made to take it.
  if (isAugmented) refuse('bad-artifact', 'it is augmented, which no update module here supports');
  if (header.name !== its.name)
    refuse('bad-artifact', `the artifact is called ${header.name}, and ${its.name} was offered`);
  const { device_type: deviceType = '' } = its.provides;
  if (!header.deviceTypes.includes(deviceType))
    refuse('wrong-device-type', `it is for ${header.deviceTypes.join(', ')}, and this gateway is a ${deviceType}`);
  const depends = [
    ['artifact_name', header.dependsOnNames],
    ['artifact_group', header.dependsOnGroups],
    ...header.payloads.flatMap((payload) => Object.entries(payload.depends)),
  ] as const;
  for (const [key, values] of depends) {
    if (values.length === 0) continue;
    const provided = Object.hasOwn(its.provides, key) ? its.provides[key] : undefined;
    if (provided === undefined || !values.includes(provided))
      refuse('missing-depends', `it needs ${key} to be ${values.join(' or ')}, and it is ${provided ?? 'not there'}`);
  }
  for (const { type } of header.payloads)
    if (type !== null && !its.canHandle(type)) refuse('missing-module', `there is no update module for ${type}`);
}

function checkSignature(
  manifest: Uint8Array,
  signature: string | undefined,
  keys: readonly string[],
  refuse: (code: UpdateError['code'], message: string) => never,
): void {
  if (keys.length === 0) return;
  if (signature === undefined)
    return refuse('unsigned', 'it is not signed, and only signed artifacts are installed here');
  const isTrusted = keys.some((path) => {
    try {
      return isSignedBy(manifest, signature, readVerificationKey(readFileSync(path, 'utf8')));
    } catch (cause) {
      throw new UpdateError('bad-signature', STEP, `the key ${path} can't be used`, { cause });
    }
  });
  if (!isTrusted) refuse('bad-signature', 'it is signed by none of the keys that are trusted here');
}
