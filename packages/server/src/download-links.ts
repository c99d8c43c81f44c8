/**
 * Links by which devices download artifacts, without any other sign of who they are: short-lived, for one artifact of one
 * tenant, and signed with HMAC-SHA256 by a key that all processes share (domain/key.ts, kind 'link').
 */
import { createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import type { FreshKey, Key, KeyRing } from './domain/key.ts';
import { LovelyError } from './errors.ts';
import { DOWNLOAD_LINK_MS_MAX } from './software-limits.ts';

/** What a link lets its holder do. */
export interface DownloadGrant {
  readonly tenantId: string;
  readonly artifactId: string;
  /** What it is downloaded for; with a device the link works only while that one is accepted. */
  readonly deploymentId?: string | undefined;
  readonly deviceId?: string | undefined;
  /** How fast it may go; undefined: as fast as it can. */
  readonly bytesPerSecond?: number | undefined;
  /** Milliseconds since 1970; DOWNLOAD_LINK_MS_MAX from now at most. Counts when a download begins, not while it goes on. */
  readonly expiresAtMs: number;
}

const KEY_BYTES = 32;
const PATH = /^\/api\/devices\/v1\/artifacts\/([0-9a-f-]{36})\/download$/;

/** A fresh key for links. */
export function createLinkKey(): FreshKey {
  return { id: randomUUID(), secret: randomBytes(KEY_BYTES).toString('base64') };
}

/** Path and query, to be put behind the public URL. @param keys the ring of kind 'link' */
export function makeDownloadPath(keys: KeyRing, grant: DownloadGrant): string {
  const key = keys.current();
  const expiresAtMs = Math.min(grant.expiresAtMs, Date.now() + DOWNLOAD_LINK_MS_MAX);
  const query = new URLSearchParams({ tenant: grant.tenantId });
  if (grant.deploymentId !== undefined) query.set('deployment', grant.deploymentId);
  if (grant.deviceId !== undefined) query.set('device', grant.deviceId);
  if (grant.bytesPerSecond !== undefined) query.set('rate', String(Math.ceil(grant.bytesPerSecond)));
  query.set('expires', String(Math.floor(expiresAtMs / 1000)));
  query.set('key', key.id);
  query.set('signature', sign(key, grant.artifactId, query).toString('base64url'));
  return `/api/devices/v1/artifacts/${grant.artifactId}/download?${query.toString()}`;
}

/** @throws LovelyError 'bad-download-link' for one that is not ours, was changed, or is past its time */
export async function readDownloadPath(keys: KeyRing, url: URL): Promise<DownloadGrant> {
  const artifactId = PATH.exec(url.pathname)?.[1];
  const query = new URLSearchParams(url.search);
  const keyId = query.get('key') ?? '';
  const signature = Buffer.from(query.get('signature') ?? '', 'base64url');
  query.delete('signature');
  const key = keys.find(keyId) ?? (await keys.findNew(keyId));
  if (artifactId === undefined || !key) throw new LovelyError('bad-download-link');
  const expected = sign(key, artifactId, query);
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected))
    throw new LovelyError('bad-download-link');
  const expiresAtMs = Number(query.get('expires')) * 1000;
  if (!(expiresAtMs > Date.now())) throw new LovelyError('bad-download-link', 'The link is past its time.');
  const rate = query.get('rate');
  return {
    tenantId: query.get('tenant')!,
    artifactId,
    deploymentId: query.get('deployment') ?? undefined,
    deviceId: query.get('device') ?? undefined,
    bytesPerSecond: rate === null ? undefined : Number(rate),
    expiresAtMs,
  };
}

/** Over the path and every member of the query in its order: what is changed, added or left out is another text. */
function sign(key: Key, artifactId: string, query: URLSearchParams): Buffer {
  return createHmac('sha256', Buffer.from(key.secret, 'base64'))
    .update(`lovely download\n${artifactId}\n${query.toString()}`)
    .digest();
}
