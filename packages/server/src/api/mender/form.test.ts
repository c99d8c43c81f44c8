import { expect, test } from 'bun:test';
import { LovelyError } from '../../errors.ts';
import { FORM_FIELD_BYTES_MAX, FORM_FIELDS_MAX } from '../../limits.ts';
import { readForm, type FormFields, type FormFile } from './form.ts';

const BOUNDARY = 'e7c7425814dd5fdf3109f855a393054f';
const TYPE = `multipart/form-data; boundary=${BOUNDARY}`;

const field = (name: string, value: string): string =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const file = (name: string, content: string): string =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"; filename="some/folder/${name}.bin"\r\nContent-Type: application/octet-stream\r\n\r\n${content}\r\n`;
const END = `--${BOUNDARY}--\r\n`;

function form(parts: string | ReadableStream<Uint8Array>, type = TYPE): Request {
  return new Request('https://lovely.example.com/', { method: 'POST', headers: { 'content-type': type }, body: parts });
}

async function readText({ name, fileName, content }: FormFile, before: FormFields) {
  let text = '';
  for await (const chunk of content) text += Buffer.from(chunk).toString();
  return { name, fileName, text, before: Object.fromEntries(before) };
}

async function codeOf(reading: Promise<unknown>): Promise<string> {
  try {
    await reading;
    return 'ok';
  } catch (error) {
    return error instanceof LovelyError ? error.code : (error as Error).message;
  }
}

test('a file is read with the fields before it, and those after it are there at the end', async () => {
  const parts =
    field('size', '5') + field('description', 'für 漢字') + file('artifact', 'a\r\n--b') + field('mode', '644');
  const read = await readForm(form(parts + END), readText);
  expect(read.file).toEqual({
    name: 'artifact',
    fileName: 'artifact.bin',
    text: 'a\r\n--b',
    before: { size: '5', description: 'für 漢字' },
  });
  expect(Object.fromEntries(read.fields)).toEqual({ size: '5', description: 'für 漢字', mode: '644' });
});

test('a form without a file, and what comes after the first one, is no harm', async () => {
  expect((await readForm(form(field('a', 'b') + END), readText)).file).toBeUndefined();
  const two = await readForm(form(file('one', '1') + file('two', '2') + field('a', 'b') + END), readText);
  expect(two.file).toMatchObject({ name: 'one', text: '1' });
  expect([...two.fields]).toEqual([['a', 'b']]);
});

test('no more is taken in than the reader of the file takes', async () => {
  let sent = 0;
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(Buffer.from(file('artifact', '').slice(0, -2))),
      pull(controller) {
        controller.enqueue(new Uint8Array(64 * 1024));
        sent++;
      },
      cancel: () => void (isCancelled = true),
    },
    { highWaterMark: 1 },
  );
  const reading = readForm(form(body), async ({ content }) => {
    for await (const _ of content) {
      await Bun.sleep(5);
      expect(sent).toBeLessThan(20);
      if (sent > 3) throw new LovelyError('bad-input', 'enough');
    }
  });
  expect(await codeOf(reading)).toBe('bad-input');
  expect(isCancelled).toBe(true);
});

test('a form that ends too early ends the reader of its file as well', async () => {
  let seen: unknown;
  const reading = (parts: string | ReadableStream<Uint8Array>) =>
    codeOf(
      readForm(form(parts), async (given, before) => {
        try {
          return await readText(given, before);
        } catch (error) {
          seen = error;
          throw error;
        }
      }),
    );
  for (const parts of [field('a', 'b') + file('c', 'd'), file('c', 'd').slice(0, -9), field('a', 'b').slice(0, -3), ''])
    expect([parts, await reading(parts)]).toEqual([parts, 'bad-request']);
  seen = undefined;
  const broken = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(Buffer.from(file('c', 'much'))),
    pull: (controller) => controller.error(new DOMException('The connection was closed.', 'AbortError')),
  });
  expect(await reading(broken)).toBe('bad-request');
  expect(seen).toBeDefined();
});

test('what is no form, or has too many or too large fields, is refused', async () => {
  const text = field('a', 'b') + END;
  for (const type of ['application/json', 'multipart/form-data', 'multipart/mixed; boundary=a', ''])
    expect([type, await codeOf(readForm(form(text, type), readText))]).toEqual([type, 'bad-request']);
  const many = Array.from({ length: FORM_FIELDS_MAX + 1 }, (_, at) => field(`${at}`, 'a')).join('');
  expect(await codeOf(readForm(form(many + END), readText))).toBe('bad-request');
  const large = field('a', 'x'.repeat(FORM_FIELD_BYTES_MAX + 1));
  expect(await codeOf(readForm(form(large + END), readText))).toBe('body-too-large');
  expect(await codeOf(readForm(form(field('a', '\0') + END), readText))).toBe('bad-input');
});
