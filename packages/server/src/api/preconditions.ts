/**
 * Changes that don't overwrite each other, and answers that needn't be sent twice (RFC 9110 section 13): what has a
 * `version` has the entity tag `"<version>-<hash>"`. The version counts what people changed and is all that If-Match looks
 * at, so that `"<version>"` does as well; the hash is of the whole answer, where health and presence change by themselves.
 */
import { createHash } from 'node:crypto';
import { LovelyError } from '../errors.ts';

const HASH_LENGTH = 16;

/** The entity tag of a result; undefined for what has no version. */
export function entityTag(result: unknown, json: string): string | undefined {
  const { version } = (result ?? {}) as { version?: unknown };
  if (typeof version !== 'number') return undefined;
  return `"${version}-${createHash('sha256').update(json).digest('base64url').slice(0, HASH_LENGTH)}"`;
}

/** Whether the caller has this very answer already. */
export function isKnown(request: Request, tag: string): boolean {
  const known = request.headers.get('if-none-match');
  return known !== null && listOf(known).some((one) => one === '*' || one.replace(/^W\//, '') === tag);
}

/**
 * The version that the caller's change was made from; undefined when they don't say.
 * Throws 'changed-meanwhile' for a tag that can't be of any version.
 */
export function versionOf(request: Request): number | undefined {
  const match = request.headers.get('if-match');
  if (match === null || match.trim() === '*') return undefined;
  const tags = listOf(match);
  if (tags.length > 1) throw new LovelyError('bad-request', 'If-Match: send one entity tag.');
  const [, version] = /^"(\d{1,9})(?:-[\w-]+)?"$/.exec(tags[0] ?? '') ?? [];
  if (version === undefined) throw new LovelyError('changed-meanwhile');
  return Number(version);
}

function listOf(header: string): string[] {
  return header
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}
