/** Files of a device, read and written over a session of its channel, as a person's tool would (COMPAT 1.5). */
import {
  controlError,
  controlPing,
  controlPong,
  decodeFrame,
  encodeFrame,
  FILE_CHUNK_BYTES,
  FILE_CHUNKS_AHEAD,
  fileAck,
  fileChunk,
  fileError,
  fileGet,
  fileInfo,
  filePut,
  fileStat,
  FRAME_BYTES_MAX_UP,
  type Frame,
} from '@lovely/protocol';
import { LovelyError } from '../../errors.ts';
import { FILE_ANSWER_TIMEOUT_MS } from '../../limits.ts';
import type { Socket, SocketOwner } from '../../listener.ts';

/** Chunks that are answered by one ack, as Mender's server does. */
const CHUNKS_PER_ACK = 10;
const NORMAL_CLOSURE = 1000;
/** In Go's FileMode all of these bits are 0 for a plain file: folder, link, device, pipe, socket, irregular. */
const NO_PLAIN_FILE = 0x8f280000;
const PERMISSIONS = 0o777;

export interface DeviceFile {
  readonly path: string;
  readonly bytes: number;
  readonly uid: number;
  readonly gid: number;
  /** The permissions alone. */
  readonly mode: number;
  readonly isPlain: boolean;
}

export interface NewDeviceFile {
  readonly path: string;
  /** What it is called where it comes from: its name in a folder. */
  readonly sourceName: string;
  readonly bytes: number;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly mode?: number | undefined;
}

/** One transfer at a time. All throw 'device-offline', 'file-refused' with the device's words, or 'device-silent'. */
export interface DeviceFiles extends Disposable {
  stat(path: string): Promise<DeviceFile>;
  read(path: string): AsyncIterable<Uint8Array>;
  write(file: NewDeviceFile, content: AsyncIterable<Uint8Array>): Promise<void>;
}

/** @param session that was opened for this */
export function openDeviceFiles(session: SocketOwner): DeviceFiles {
  const arrived: Frame[] = [];
  let failure: LovelyError | undefined;
  let isOpen = true;
  let wake = (): void => undefined;
  const fail = (error: LovelyError): void => {
    failure ??= error;
    wake();
  };
  const nearEnd: Socket = {
    send(bytes) {
      const frame = decodeFrame(bytes, FRAME_BYTES_MAX_UP);
      if (controlPing.is(frame)) say(controlPong.frame({}, undefined));
      else if (controlError.is(frame)) fail(refusedBy(controlError.read(frame).body));
      else if (fileError.is(frame)) fail(new LovelyError('file-refused', fileError.read(frame).body.err));
      else arrived.push(frame);
      wake();
      return bytes.length;
    },
    close: () => fail(new LovelyError('device-offline')),
    terminate: () => fail(new LovelyError('device-offline')),
    getBufferedAmount: () => 0,
  };
  const say = (frame: Frame): void => session.received(nearEnd, encodeFrame(frame));
  session.opened(nearEnd);

  /** What the device says next. */
  async function next(): Promise<Frame> {
    for (;;) {
      const frame = arrived.shift();
      if (frame) return frame;
      if (failure) throw failure;
      await new Promise<void>((resolve) => {
        const silent = (): void => fail(new LovelyError('device-silent'));
        const timer = setTimeout(silent, FILE_ANSWER_TIMEOUT_MS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async function nextAck(): Promise<number> {
    for (;;) {
      const frame = await next();
      if (fileAck.is(frame)) return Number(fileAck.read(frame).props.offset);
    }
  }

  return {
    async stat(path) {
      say(fileStat.frame({}, { path }));
      const { body } = fileInfo.read(await next());
      const { size: bytes, uid = 0, gid = 0, mode = 0 } = body;
      return { path, bytes, uid, gid, mode: mode & PERMISSIONS, isPlain: (mode & NO_PLAIN_FILE) === 0 };
    },

    async *read(path) {
      say(fileGet.frame({}, { path }));
      let bytes = 0;
      for (let chunks = 1; ; chunks++) {
        const { props, body } = fileChunk.read(await next());
        if (Number(props.offset) !== bytes) throw new LovelyError('file-refused', 'The device left a part out.');
        bytes += body.length;
        const isEnd = body.length === 0;
        // It is answered when it was taken: the device sends no more than can be handed on.
        if (!isEnd) yield body;
        if (isEnd || chunks % CHUNKS_PER_ACK === 0) say(fileAck.frame({ offset: BigInt(bytes) }, undefined));
        if (isEnd) return;
      }
    },

    async write({ path, sourceName, bytes, uid, gid, mode }, content) {
      const owner = { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) };
      const rights = mode === undefined ? {} : { mode: mode & PERMISSIONS };
      say(filePut.frame({}, { path, src_path: sourceName, size: bytes, ...owner, ...rights }));
      let acked = await nextAck();
      let sent = 0;
      for await (const chunk of pieces(content)) {
        while (sent - acked >= FILE_CHUNKS_AHEAD * FILE_CHUNK_BYTES) acked = await nextAck();
        say(fileChunk.frame({ offset: BigInt(sent) }, chunk));
        sent += chunk.length;
        if (failure) throw failure;
      }
      say(fileChunk.frame({ offset: BigInt(sent) }, new Uint8Array(0)));
      do acked = await nextAck();
      while (acked < sent);
    },

    [Symbol.dispose]() {
      if (!isOpen) return;
      isOpen = false;
      session.closed(nearEnd, NORMAL_CLOSURE, '');
    },
  };
}

/** What our own side, or the device's session, says of an end. */
function refusedBy({ err, reason, close }: { err: string; reason?: string | undefined; close: boolean }): LovelyError {
  if (reason === 'device-offline') return new LovelyError('device-offline', err);
  return new LovelyError(close ? 'device-offline' : 'file-refused', err);
}

async function* pieces(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of content)
    for (let at = 0; at < chunk.length; at += FILE_CHUNK_BYTES) yield chunk.subarray(at, at + FILE_CHUNK_BYTES);
}
