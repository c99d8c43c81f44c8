/** Which bytes a request wants (RFC 9110 section 14). Pure. */

/** Up to but not including `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The one range of a `Range` header. Undefined: all of it, also for what is no range of bytes, or several of them, which may be
 * left aside. 'none' where the content has no such bytes.
 */
export function readRange(header: string | null, bytes: number): ByteRange | 'none' | undefined {
  const [, first, last] = /^bytes\s*=\s*(\d{0,15})\s*-\s*(\d{0,15})\s*$/i.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  if (first === '') return Number(last) === 0 ? 'none' : { start: Math.max(0, bytes - Number(last)), end: bytes };
  const start = Number(first);
  if (last !== '' && Number(last) < start) return undefined;
  if (start >= bytes) return 'none';
  return { start, end: last === '' ? bytes : Math.min(bytes, Number(last) + 1) };
}

/** Whether the range still counts: without `If-Range`, or when that names the content as it is. */
export function isRangeOf(ifRange: string | null, etag: string): boolean {
  return ifRange === null || ifRange.trim() === etag;
}
