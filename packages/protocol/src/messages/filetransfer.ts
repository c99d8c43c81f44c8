/**
 * Filetransfer (2): files of a device, as Mender's (COMPAT 1.5).
 *
 *     person                                          device
 *       │  stat ───────────────────────────────▶│
 *       │◀─────────────────────── file_info, or error │
 *       │  get_file ───────────────────────────▶│
 *       │◀── file_chunk … file_chunk, empty at the end │   20 chunks ahead of the last ack, then it waits
 *       │  ack (how much has come) ────────────▶│
 *       │  put_file ───────────────────────────▶│
 *       │◀────────────── ack 0: go on, or error │
 *       │  file_chunk … empty at the end ──────▶│
 *       │◀── ack (start of the last chunk taken) │   with all of the size after the empty one
 *
 * Offsets are int64 on the wire whatever their value: Mender's clients take nothing else.
 */
import { bareMessage, bytesMessage, message } from '../message.ts';
import type { Value } from '../message-pack/value.ts';
import { PROTO } from '../proto.ts';
import { fields, integer, optional, scalar, sentence, string } from '../shape.ts';

/** Of a chunk's content; a frame to a device has room for twice that. */
export const FILE_CHUNK_BYTES = 4096;
/** Chunks that may be under way without an answer. */
export const FILE_CHUNKS_AHEAD = 20;

const PATH_LENGTH_MAX = 4096;
const path = string(PATH_LENGTH_MAX, 1);
const count = integer(0, Number.MAX_SAFE_INTEGER);
const uint32 = integer(0, 2 ** 32 - 1);
const offset = scalar('an integer from 0', isNumeric, (value) => {
  const at = Number(value);
  return Number.isSafeInteger(at) && at >= 0 ? BigInt(at) : undefined;
});
const ofUser = { user_id: optional(string(128)) };

function isNumeric(value: Value | undefined): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** → device. Follows symbolic links. */
export const fileStat = message(PROTO.filetransfer, 'stat', ofUser, fields({ path }));

/** ← device. `mode` as Go has it: the low 9 bits are permissions, the high ones say that it is no plain file. */
export const fileInfo = message(
  PROTO.filetransfer,
  'file_info',
  {},
  fields({ path, size: count, uid: optional(uint32), gid: optional(uint32), mode: optional(uint32) }),
);

/** → device. */
export const fileGet = message(PROTO.filetransfer, 'get_file', ofUser, fields({ path }));

/** → device. With a folder as `path`, the file gets the name of `src_path` there. */
export const filePut = message(
  PROTO.filetransfer,
  'put_file',
  ofUser,
  fields({
    path,
    src_path: optional(string(PATH_LENGTH_MAX)),
    size: optional(count),
    uid: optional(uint32),
    gid: optional(uint32),
    mode: optional(uint32),
  }),
);

/** Both ways. Without content: the file ends at `offset`. */
export const fileChunk = bytesMessage(PROTO.filetransfer, 'file_chunk', { offset, ...ofUser });

/** Both ways. */
export const fileAck = bareMessage(PROTO.filetransfer, 'ack', { offset, ...ofUser });

/** Both ways. */
export const fileError = message(PROTO.filetransfer, 'error', {}, fields({ err: sentence }));
