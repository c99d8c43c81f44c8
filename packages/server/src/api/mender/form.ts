/** Forms with a file (multipart/form-data, RFC 7578), read while they arrive: the file is handed on and never held whole. */
import type { Readable } from 'node:stream';
import { Busboy, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy';
import { LovelyError } from '../../errors.ts';
import { FORM_FIELD_BYTES_MAX, FORM_FIELDS_MAX } from '../../limits.ts';

/** Texts by name. */
export type FormFields = ReadonlyMap<string, string>;

export interface FormFile {
  /** Of the field. */
  readonly name: string;
  /** What the sender calls the file, without folders. */
  readonly fileName: string;
  /** Must be read to its end, unless the reading throws. */
  readonly content: AsyncIterable<Uint8Array>;
}

export interface Form<T> {
  readonly fields: FormFields;
  /** What came of the first file; undefined for a form without one. */
  readonly file: T | undefined;
}

/**
 * Reads a form; `onFile` gets its first file with the fields that came before it, and ends the reading at once when it
 * throws. Further files are passed over. Throws 'bad-request' for what is no form or ends too early.
 */
export async function readForm<T>(
  request: Request,
  onFile: (file: FormFile, before: FormFields) => Promise<T>,
): Promise<Form<T>> {
  const parser = parserFor(request);
  const fields = new Map<string, string>();
  const failed = new AbortController();
  const fail = (error: Error): void => failed.abort(error);
  let open: Readable | undefined;
  let file: Promise<T> | undefined;
  const finished = new Promise<void>((resolve, reject) => {
    parser.once('finish', resolve);
    failed.signal.addEventListener('abort', () => reject(failed.signal.reason as Error));
  });
  parser.on('error', (cause: unknown) => fail(endedEarly(cause)));
  parser.on('field', (name, value, _isNameCut, isCut) => {
    if (isCut) fail(new LovelyError('body-too-large', `${name}: at most ${FORM_FIELD_BYTES_MAX} bytes.`));
    else if (value.includes('\0')) fail(new LovelyError('bad-input', `${name}: it holds U+0000.`));
    else fields.set(name, value);
  });
  parser.on('fieldsLimit', () =>
    fail(new LovelyError('bad-request', `A form of at most ${FORM_FIELDS_MAX} fields is allowed here.`)),
  );
  parser.on('file', (name, content, fileName) => {
    open = content;
    // Whoever reads the file gets the error; an end that comes before anybody reads must not be nobody's.
    content.on('error', () => undefined);
    file = onFile({ name, fileName: fileName ?? '', content }, new Map(fields));
    file.catch(fail);
  });
  try {
    await Promise.all([finished, feed(request, parser, failed.signal)]);
  } catch (error) {
    // The reader of the file ends before this does, and what it had begun is cleared away.
    open?.destroy(error as Error);
    await file?.catch(() => undefined);
    throw error;
  }
  return { fields, file: await file };
}

function parserFor(request: Request): BusboyInstance {
  const headers = { 'content-type': request.headers.get('content-type') ?? '' } as BusboyHeaders;
  const limits = {
    files: 1,
    fields: FORM_FIELDS_MAX,
    parts: FORM_FIELDS_MAX + 1,
    fieldSize: FORM_FIELD_BYTES_MAX,
    headerPairs: FORM_FIELDS_MAX,
  };
  if (/^multipart\/form-data\s*;/i.test(headers['content-type']) && request.body !== null)
    try {
      return new Busboy({ headers, limits });
    } catch {
      // Without a boundary it is none.
    }
  throw new LovelyError('bad-request', 'Send a form with a file: multipart/form-data with its boundary.');
}

/** No faster than the file is read. */
async function feed(request: Request, parser: BusboyInstance, failed: AbortSignal): Promise<void> {
  let goOn = (): void => undefined;
  parser.on('drain', () => goOn());
  failed.addEventListener('abort', () => goOn());
  for await (const chunk of arriving(request)) {
    if (!parser.write(chunk)) await new Promise<void>((resolve) => (goOn = resolve));
    if (failed.aborted) return;
  }
  parser.end();
}

async function* arriving(request: Request): AsyncGenerator<Uint8Array> {
  try {
    yield* request.body!;
  } catch (cause) {
    throw endedEarly(cause);
  }
}

function endedEarly(cause: unknown): LovelyError {
  return new LovelyError('bad-request', 'The form ended too early.', { cause });
}
