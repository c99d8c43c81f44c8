/** Tells gateways over their live channel: what they are offered, where to wait, to go on, to end it. */
import {
  encodeFrame,
  updateAbort,
  updateContinue,
  updateOffer,
  updatePause,
  type Frame,
  type UpdateOffer,
} from '@lovely/protocol';
import type { Bus } from '../../bus/bus.ts';
import { hubDown } from '../../bus/subjects.ts';
import { ask } from '../../bus/topic.ts';
import { makeDownloadPath } from '../../download-links.ts';
import type { ChoosableArtifact } from '../../domain/artifact-choice.ts';
import type { House } from '../../domain/deployment-house.ts';
import type { Connection } from '../../domain/deployment-turn.ts';
import type { KeyRing } from '../../domain/key.ts';
import { DELIVERY_TIMEOUT_MS } from '../../limits.ts';
import { DEPLOYMENT_LINK_MS } from '../../software-limits.ts';
import type { UpdatePause } from '@lovely/api';

/** What one gateway is told. */
export interface Telling {
  readonly kind: 'offer' | 'pause' | 'continue' | 'abort';
  readonly house: House;
  readonly connection: Connection;
  readonly artifact: ChoosableArtifact | undefined;
  readonly pauses: readonly UpdatePause[];
  readonly isForced: boolean;
  readonly bytesPerSecond: number | null;
  readonly sensors: readonly string[] | null;
}

/** Throws when it does not get through; then it is told again. */
export async function tell(bus: Bus, keys: KeyRing, telling: Telling): Promise<void> {
  const { hubId, epoch } = telling.connection;
  for (const frame of framesOf(keys, telling)) {
    const answer = await ask(
      bus,
      hubDown(hubId),
      { device: telling.house.deviceId, epoch, frame: encodeFrame(frame) },
      { timeoutMs: DELIVERY_TIMEOUT_MS },
    );
    if (!answer.ok) throw new Error(`the house could not be told: ${answer.code ?? 'refused'}`);
  }
}

function framesOf(keys: KeyRing, telling: Telling): Frame[] {
  const { deploymentId: deployment } = telling.house;
  const pause = updatePause.frame({}, { deployment, before: [...telling.pauses] });
  switch (telling.kind) {
    case 'abort':
      return [updateAbort.frame({}, { deployment })];
    case 'pause':
      return [pause];
    case 'continue':
      // What is left to wait for is told again, as going on may mean past everything.
      return [updateContinue.frame({}, { deployment }), ...(telling.pauses.length > 0 ? [pause] : [])];
    case 'offer':
      return telling.artifact ? [updateOffer.frame({}, offerOf(keys, telling, telling.artifact))] : [];
  }
}

function offerOf(keys: KeyRing, telling: Telling, artifact: ChoosableArtifact): UpdateOffer {
  const { house, pauses, isForced, bytesPerSecond, sensors } = telling;
  const { tenantId, deploymentId, deviceId, attempt } = house;
  const expiresAtMs = Date.now() + DEPLOYMENT_LINK_MS;
  const path = makeDownloadPath(keys, {
    tenantId,
    artifactId: artifact.id,
    deploymentId,
    deviceId,
    bytesPerSecond: bytesPerSecond ?? undefined,
    expiresAtMs,
  });
  const { name, bytes, sha256 } = artifact;
  return {
    deployment: deploymentId,
    attempt,
    artifact: { name, bytes, sha256, path, expiresMs: expiresAtMs },
    ...(isForced ? { isForced } : {}),
    ...(pauses.length > 0 ? { pauseBefore: [...pauses] } : {}),
    ...(bytesPerSecond === null ? {} : { bytesPerSecond }),
    ...(sensors === null ? {} : { sensors: [...sensors] }),
  };
}
