/** Shell (1): a terminal session, as Mender's (COMPAT 1.4). Props are written as compact integers. */
import { bareMessage, bytesMessage } from '../message.ts';
import { PROTO } from '../proto.ts';
import { integer, optional, string } from '../shape.ts';

export const SHELL_STATUS = { normal: 1, error: 2, control: 3 } as const;

const status = integer(0, 255);
const cells = integer(1, 10_000);
/** 0 where a peer has no terminal of its own, as mender-cli in a pipe; the device then chooses. */
const cellsOrNone = integer(0, 10_000);
const userId = optional(string(128));

/** → device. Starts a shell for `props.user_id`. */
export const shellNew = bareMessage(PROTO.shell, 'new', {
  terminal_width: optional(cellsOrNone),
  terminal_height: optional(cellsOrNone),
  user_id: userId,
});
/** ← device. `status` 1 = started, 2 = the body says in plain text why not. */
export const shellStarted = bytesMessage(PROTO.shell, 'new', { status });
/** → device. Raw bytes for the PTY. */
export const shellInput = bytesMessage(PROTO.shell, 'shell', { user_id: userId });
/** ← device. Raw bytes of the PTY; with `status` 2 an error text. */
export const shellOutput = bytesMessage(PROTO.shell, 'shell', { status: optional(status) });
/** → device. */
export const shellResize = bareMessage(PROTO.shell, 'resize', {
  terminal_width: cells,
  terminal_height: cells,
  user_id: userId,
});
/** ← device every 60 s: answer with pong within `timeout` seconds. */
export const shellPing = bareMessage(PROTO.shell, 'ping', {
  timeout: optional(integer(0, 86_400)),
  status: optional(status),
});
export const shellPong = bareMessage(PROTO.shell, 'pong', { user_id: userId });
/** → device. Ends the shell of this sid; without one, all shells of `user_id` (COMPAT 0.11). */
export const shellStop = bareMessage(PROTO.shell, 'stop', { status: optional(status), user_id: userId });
/** ← device. The shell ended, or the answer to stop. */
export const shellStopped = bytesMessage(PROTO.shell, 'stop', { status: optional(status) });
