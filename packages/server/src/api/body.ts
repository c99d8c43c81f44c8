/** Reads bodies from outside, never more than allowed. */
import { LovelyError } from '../errors.ts';

/** The raw bytes of a body of at most `bytesMax`, with or without a Content-Length. */
export async function readBytes(request: Request, bytesMax: number): Promise<Uint8Array> {
  const tooLarge = (): LovelyError =>
    new LovelyError('body-too-large', `A body of at most ${bytesMax} bytes is allowed here.`);
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw tooLarge();
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

/** A JSON body. Throws 'bad-json'. */
export async function readJson(request: Request, bytesMax: number): Promise<unknown> {
  return parseJson(await readBytes(request, bytesMax));
}

export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new LovelyError('bad-json', undefined, { cause });
  }
}
