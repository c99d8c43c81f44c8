/**
 * Command (0x0102): one named command or script runs on a gateway, or on a sensor behind it.
 *
 *     server                                          gateway
 *       │  keys ──────────────────────────────────────▶│   after welcome, and before a run: which keys sign commands
 *       │  content (parts of a script) ───────────────▶│   only for a script
 *       │  run {id, device, …, keyId, signature} ─────▶│   verified, allowed by local policy, remembered on disk
 *       │◀───────────────────────────── started {run}  │   also the answer to a run that is under way already
 *       │◀──────────────────────── output {run, offset}│   as it is printed; what gets lost is in the end of `done`
 *       │  cancel {run} ──────────────────────────────▶│
 *       │◀──────────────────────── done {run} (props.id)│   spooled until it is acknowledged
 *
 * A run is carried out at most once: the server may send it again and again, its id is remembered over a crash. One that
 * was under way when the gateway's client was killed ends as `interrupted`.
 */
import {
  COMMAND_CHUNK_BYTES_MAX,
  COMMAND_KEYS_MAX,
  COMMAND_OUTPUT_BYTES_MAX,
  COMMAND_PARAMETERS_MAX,
  COMMAND_SCRIPT_BYTES_MAX,
  COMMAND_TIMEOUT_MS_MAX,
} from '../limits.ts';
import { encode } from '../message-pack/encode.ts';
import { bytesMessage, message } from '../message.ts';
import { PROTO } from '../proto.ts';
import {
  boolean,
  bytes,
  either,
  fields,
  integer,
  list,
  messageId,
  name,
  number,
  oneOf,
  optional,
  record,
  sentence,
  string,
  timeMs,
  type Read,
} from '../shape.ts';

const parameterValue = either(either(number, string(512)), boolean);
export type CommandParameters = { readonly [name: string]: Read<typeof parameterValue> };

/** SHA-256 in small hex digits. */
const sha256 = string(64, 64);
const publicKey = bytes(32, 32);
const signature = bytes(64, 64);

const script = fields({
  interpreter: oneOf('sh'),
  /** Of the content, which comes before in parts. */
  sha256,
  bytes: integer(0, COMMAND_SCRIPT_BYTES_MAX),
});

const run = fields({
  /** Names the run for ever: carried out at most once. */
  id: name,
  /** The device that is meant, by the server's id for it. */
  device: name,
  /** A command by its name; with `script` only what people call it. */
  name,
  script: optional(script),
  parameters: record(parameterValue, COMMAND_PARAMETERS_MAX),
  /** The sensor whose program carries it out; without it, the gateway does. */
  sensor: optional(name),
  /** How long it may take. */
  timeoutMs: integer(1, COMMAND_TIMEOUT_MS_MAX),
  /** Not to be started later than this. */
  expiresMs: timeMs,
  /** The key that signed it, by its id. */
  keyId: name,
  /** Ed25519 over `commandBytes`. */
  signature,
});
export type CommandRun = Read<typeof run>;

/** → device. Also sent again, as long as nobody knows whether it arrived. */
export const commandRun = message(PROTO.command, 'run', {}, run);

/**
 * → device. A part of a script's content, before its run; `sha256` names the script, so that the parts of one that the
 * device still has need not be told apart.
 */
export const commandContent = bytesMessage(PROTO.command, 'content', {
  sha256,
  offset: integer(0, COMMAND_SCRIPT_BYTES_MAX),
  bytes: integer(0, COMMAND_SCRIPT_BYTES_MAX),
});

/** → device. Ends a run under way; harmless for any other. */
export const commandCancel = message(PROTO.command, 'cancel', {}, fields({ run: name }));

const key = fields({
  id: name,
  publicKey,
  /** The key that vouches for this one and its signature over `commandKeyBytes`; the first of a system has none. */
  vouchedBy: optional(name),
  vouch: optional(signature),
  /** It signs no commands any more, but still vouches for those after it. */
  isRetired: boolean,
});
export type CommandKey = Read<typeof key>;

/**
 * → device. The keys that sign commands, the newest last. A device keeps those that it is told first, and takes another
 * only when one that it has vouches for it.
 */
export const commandKeys = message(PROTO.command, 'keys', {}, list(key, COMMAND_KEYS_MAX));

/** ← device. The run has begun, or is under way already. */
export const commandStarted = message(PROTO.command, 'started', {}, fields({ run: name }));

/** ← device. What the run printed, from byte `offset` on; both streams share the count, in the order they came. */
export const commandOutput = bytesMessage(PROTO.command, 'output', {
  run: name,
  offset: integer(0, COMMAND_OUTPUT_BYTES_MAX),
  stream: oneOf('out', 'err'),
});

/** Why a gateway refused a run; stable, for programs. */
export const COMMAND_REFUSALS = [
  'bad-signature',
  'unknown-key',
  'other-device',
  'expired',
  'bad-content',
  'not-allowed',
  'unknown-command',
  'bad-parameter',
  'unknown-sensor',
  'busy',
] as const;
export type CommandRefusal = (typeof COMMAND_REFUSALS)[number];

/**
 * ← device. The end of a run.
 *  exited: it ran to its end; `exit` is the status, 0 for success.
 *  refused: it did not begin; `refusal` says why.
 *  failed: it could not be begun, or its sensor's program failed.
 *  timed-out, cancelled: it was ended.
 *  interrupted: the client or the gateway stopped while it ran; how far it came is not known.
 */
export const commandDone = message(
  PROTO.command,
  'done',
  { id: messageId },
  fields({
    run: name,
    outcome: oneOf('exited', 'refused', 'failed', 'timed-out', 'cancelled', 'interrupted'),
    exit: optional(integer(-1, 255)),
    refusal: optional(oneOf(...COMMAND_REFUSALS)),
    /** What happened, for people; empty when there is nothing to say. */
    reason: sentence,
    durationMs: integer(0, Number.MAX_SAFE_INTEGER),
    /** How much it printed in all; more than was sent where it printed more than fits. */
    outputBytes: integer(0, Number.MAX_SAFE_INTEGER),
    /** The last of what was sent, from byte `tailOffset` on, in case some of it was lost on the way. */
    tail: bytes(COMMAND_CHUNK_BYTES_MAX),
    tailOffset: integer(0, COMMAND_OUTPUT_BYTES_MAX),
  }),
);
export type CommandDone = ReturnType<typeof commandDone.read>['body'];

/**
 * What is signed of a run: the MessagePack of a list, in the smallest form of each value, parameters as pairs in the order
 * of their names' UTF-8 bytes. `null` stands for what is absent.
 */
export function commandBytes(signed: Omit<CommandRun, 'keyId' | 'signature'>): Uint8Array {
  const { id, device, name: command, script: content, parameters, sensor, timeoutMs, expiresMs } = signed;
  const pairs = Object.entries(parameters)
    .map(([parameter, value]) => ({ parameter, value, order: utf8.encode(parameter) }))
    .sort((a, b) => compare(a.order, b.order))
    .map(({ parameter, value }) => [parameter, value]);
  return encode([
    'lovely command 1',
    device,
    id,
    command,
    content === undefined ? null : [content.interpreter, content.sha256, content.bytes],
    pairs,
    sensor ?? null,
    timeoutMs,
    expiresMs,
  ]);
}

/** What a key signs of the key after it. */
export function commandKeyBytes({ id, publicKey: bytesOfKey }: Pick<CommandKey, 'id' | 'publicKey'>): Uint8Array {
  return encode(['lovely command key 1', id, bytesOfKey]);
}

const utf8 = new TextEncoder();

function compare(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at++) if (a[at] !== b[at]) return a[at]! - b[at]!;
  return a.length - b.length;
}
