/** Control (65535): the life of a connection and of the sessions on it. The first six are Mender's (COMPAT 1.3). */
import { ACK_IDS_MAX } from '../limits.ts';
import { bareMessage, message } from '../message.ts';
import { PROTO } from '../proto.ts';
import { boolean, fields, integer, list, messageId, name, optional, sentence, string, timeMs } from '../shape.ts';

const uint16 = integer(0, 0xffff);
const durationMs = integer(0, 7 * 24 * 3600 * 1000);
const epoch = integer(0, Number.MAX_SAFE_INTEGER);

/** → device. Opens a session; `versions` are the session protocol's versions that the sender speaks. */
export const controlOpen = message(PROTO.control, 'open', {}, fields({ versions: list(uint16, 16) }));
/** ← device. Accepts a session and lists the protos it serves. */
export const controlAccept = message(
  PROTO.control,
  'accept',
  {},
  fields({ version: uint16, protocols: list(uint16, 64) }),
);
export const controlPing = bareMessage(PROTO.control, 'ping', {});
export const controlPong = bareMessage(PROTO.control, 'pong', {});
export const controlClose = bareMessage(PROTO.control, 'close', {});
/** Either way. `code` is an HTTP status in Mender's use; `reason` is the code of our own error catalogue. */
export const controlError = message(
  PROTO.control,
  'error',
  {},
  fields({
    err: sentence,
    close: boolean,
    code: optional(integer(0, 999)),
    reason: optional(string(64)),
    msgproto: optional(uint16),
    msgtype: optional(string(128)),
    msgid: optional(string(128)),
  }),
);

/**
 * ← device, first message of our own clients. `epoch` is that of its last connection (0 = none yet). `instance` is random
 * and made anew when the client starts: two that alternate show that a key was copied. `nowMs` is what the gateway's clock
 * says: the server corrects the times of a clock that is wrong.
 */
export const controlHello = message(
  PROTO.control,
  'hello',
  {},
  fields({
    client: name,
    version: name,
    epoch,
    protocols: list(uint16, 64),
    instance: optional(name),
    nowMs: optional(timeMs),
  }),
);
/** → device, the answer to hello. `limits` are what one second may carry on average; `nowMs` is the server's clock. */
export const controlWelcome = message(
  PROTO.control,
  'welcome',
  {},
  fields({
    epoch,
    heartbeatMs: durationMs,
    nowMs: optional(timeMs),
    limits: fields({
      frameBytes: integer(1, 2 ** 31),
      messagesPerSecond: integer(1, 1_000_000),
      unackedMessages: integer(1, 1_000_000),
    }),
  }),
);
/** ← device, after its clock was set: messages from here on carry times of the new one. */
export const controlClock = message(PROTO.control, 'clock', {}, fields({ nowMs: timeMs }));
/** → device. The hub is going away; come back after `retryAfterMs`, not earlier. */
export const controlDrain = message(PROTO.control, 'drain', {}, fields({ retryAfterMs: durationMs }));
/** Either way. The messages with these ids are stored for good (→ device) or carried out (← device). */
export const controlAck = message(PROTO.control, 'ack', {}, fields({ ids: list(messageId, ACK_IDS_MAX) }));
