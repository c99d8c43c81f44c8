/** Reads bodies from outside, never more than allowed. */
import { LovelyError } from '../errors.ts';
import { JSON_DEPTH_MAX } from '../limits.ts';

/** The raw bytes of a body of at most `bytesMax`, with or without a Content-Length. */
export async function readBytes(request: Request, bytesMax: number): Promise<Uint8Array> {
  const tooLarge = (): LovelyError =>
    new LovelyError('body-too-large', `A body of at most ${bytesMax} bytes is allowed here.`);
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of arriving(request)) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw tooLarge();
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

/** The body's chunks. Whoever hangs up half-way, or is too slow, is no fault of ours. */
async function* arriving(request: Request): AsyncGenerator<Uint8Array> {
  try {
    yield* request.body ?? [];
  } catch (cause) {
    throw new LovelyError('bad-request', 'The body ended too early.', { cause });
  }
}

/** A JSON body. Throws 'bad-json'. */
export async function readJson(request: Request, bytesMax: number): Promise<unknown> {
  return parseJson(await readBytes(request, bytesMax));
}

/** Throws 'bad-json', and 'bad-input' for a text that PostgreSQL can't store. */
export function parseJson(bytes: Uint8Array): unknown {
  const { value, written } = parse(bytes);
  if (UNSTORABLE.test(written))
    throw new LovelyError('bad-input', 'A text in the body holds U+0000 or half of a surrogate pair.');
  return value;
}

/** U+0000 and half of a surrogate pair (which RFC 7493 forbids), as JSON.stringify writes them. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

/** The value, and how it is written if there is anything in it that only an escape could bring in. */
function parse(bytes: Uint8Array): { value: unknown; written: string } {
  if (isDeep(bytes)) throw new LovelyError('bad-json', `It is nested more than ${JSON_DEPTH_MAX} deep.`);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    return { value, written: text.includes('\\u') ? JSON.stringify(value) : '' };
  } catch (cause) {
    throw new LovelyError('bad-json', undefined, { cause });
  }
}

/** Whether arrays and objects stand in each other so deep that whatever goes through them takes seconds. */
function isDeep(bytes: Uint8Array): boolean {
  let depth = 0;
  let isText = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) isText = !isText;
    else if (isText) at += byte === BACKSLASH ? 1 : 0;
    else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) depth++;
    else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) depth--;
    if (depth > JSON_DEPTH_MAX) return true;
  }
  return false;
}

const [QUOTE, BACKSLASH, OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = Buffer.from('"\\[]{}');
