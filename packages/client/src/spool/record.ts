/**
 * How one record stands in a journal's segment, so that a torn or rotten one is noticed:
 *
 *     u32 length of what follows the head · u32 CRC-32 of it · u8 kind · content
 *
 * Numbers are little-endian. Ids are 8-byte floats, which hold every safe integer.
 */
import { decodeFrame, FRAME_BYTES_MAX_UP, ProtocolError } from '@lovely/protocol';
import { crc32 } from './crc32.ts';
import type { SpooledMessage } from './journal.ts';

export type JournalRecord =
  | { readonly kind: 'reserve'; readonly id: number }
  | { readonly kind: 'message'; readonly message: SpooledMessage }
  | { readonly kind: 'forget'; readonly ids: readonly number[] };

const HEAD_BYTES = 8;
const KIND = { reserve: 1, message: 2, forget: 3 } as const;
const ID_BYTES = 8;

export function encodeRecord(record: JournalRecord): Uint8Array {
  switch (record.kind) {
    case 'reserve':
      return seal(KIND.reserve, idBytes([record.id]));
    case 'message':
      return seal(KIND.message, record.message.bytes);
    case 'forget':
      return seal(KIND.forget, idBytes(record.ids));
  }
}

/** The records at the start of `bytes` up to the first that is torn or rotten, and how many bytes they take. */
export function decodeRecords(bytes: Uint8Array): { records: JournalRecord[]; goodBytes: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: JournalRecord[] = [];
  let at = 0;
  while (at + HEAD_BYTES < bytes.length) {
    const end = at + HEAD_BYTES + view.getUint32(at, true);
    if (end > bytes.length) break;
    const sealed = bytes.subarray(at + HEAD_BYTES, end);
    if (sealed.length === 0 || crc32(sealed) !== view.getUint32(at + 4, true)) break;
    const record = open(sealed[0]!, sealed.subarray(1));
    if (record === undefined) break;
    records.push(record);
    at = end;
  }
  return { records, goodBytes: at };
}

function seal(kind: number, content: Uint8Array): Uint8Array {
  const record = new Uint8Array(HEAD_BYTES + 1 + content.length);
  record[HEAD_BYTES] = kind;
  record.set(content, HEAD_BYTES + 1);
  const view = new DataView(record.buffer);
  view.setUint32(0, 1 + content.length, true);
  view.setUint32(4, crc32(record.subarray(HEAD_BYTES)), true);
  return record;
}

function open(kind: number, content: Uint8Array): JournalRecord | undefined {
  if (kind === KIND.message) {
    const message = readMessage(content.slice());
    return message && { kind: 'message', message };
  }
  const ids = readIds(content);
  if (kind === KIND.forget) return { kind: 'forget', ids };
  if (kind === KIND.reserve && ids[0] !== undefined) return { kind: 'reserve', id: ids[0] };
  return undefined;
}

/** A message as it is spooled: the frame's own `props.id` is its id. */
function readMessage(bytes: Uint8Array): SpooledMessage | undefined {
  try {
    const { proto, props } = decodeFrame(bytes, FRAME_BYTES_MAX_UP);
    return typeof props.id === 'number' ? { id: props.id, proto, bytes } : undefined;
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

function idBytes(ids: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(ids.length * ID_BYTES));
  ids.forEach((id, index) => view.setFloat64(index * ID_BYTES, id, true));
  return new Uint8Array(view.buffer);
}

function readIds(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / ID_BYTES) }, (_, index) =>
    view.getFloat64(index * ID_BYTES, true),
  );
}
