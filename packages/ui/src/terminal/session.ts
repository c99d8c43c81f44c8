/**
 * One shell on a device, over one WebSocket of Mender's path and protocol:
 *
 *     browser                                  api ─▶ hub ─▶ device
 *       │  shell new (width, height; no sid) ──▶│   the server chooses the sid
 *       │◀───────────────────── shell new (sid) │   status 1 = started, 2 = the body says why not
 *       │  shell shell ◀───────────────────────▶│   raw bytes of the PTY
 *       │  shell resize ───────────────────────▶│
 *       │◀────────────────── shell/control ping │   answered with pong at once
 *       │◀──────────────────────── shell stop   │   the shell ended …
 *       │  shell stop ─────────────────────────▶│   … and only this frees its place on the device
 */
import {
  BODY_BYTES_MAX_DOWN,
  controlClose,
  controlError,
  controlPing,
  controlPong,
  decodeFrame,
  encodeFrame,
  FRAME_BYTES_MAX_UP,
  SHELL_STATUS,
  shellInput,
  shellNew,
  shellOutput,
  shellPing,
  shellPong,
  shellResize,
  shellStarted,
  shellStop,
  shellStopped,
  type Frame,
} from '@lovely/protocol';
import { SHELL_ANSWER_MS, SHELL_SILENCE_MS } from '../limits.ts';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Why a session is over: `exited` by its own shell, never `unopened`, `silent` after new, `limit`, `offline`, `refused`, `lost`. */
export type EndReason = 'exited' | 'unopened' | 'silent' | 'limit' | 'offline' | 'refused' | 'lost';

export type SessionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'running' }
  | { readonly kind: 'ended'; readonly reason: EndReason; readonly detail: string };

export interface SessionOptions {
  readonly url: string;
  readonly size: Size;
  readonly onOutput: (bytes: Uint8Array) => void;
  readonly onState: (state: SessionState) => void;
  readonly silenceMs?: number;
  readonly answerMs?: number;
}

const text = new TextDecoder();

export class TerminalSession {
  readonly #options: SessionOptions;
  readonly #socket: WebSocket;
  readonly #silenceMs: number;
  readonly #answerMs: number;
  #state: SessionState = { kind: 'connecting' };
  #size: Size;
  #sid = '';
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** `stop` was sent to a shell that never printed; another `new` follows its answer. */
  #isRestarting = false;
  #wasRestarted = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#size = options.size;
    this.#silenceMs = options.silenceMs ?? SHELL_SILENCE_MS;
    this.#answerMs = options.answerMs ?? SHELL_ANSWER_MS;
    this.#socket = new WebSocket(options.url);
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.addEventListener('open', () => this.#start());
    this.#socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (data instanceof ArrayBuffer) this.#receive(decodeFrame(new Uint8Array(data), FRAME_BYTES_MAX_UP));
    });
    this.#socket.addEventListener('close', ({ reason }) => this.#end(this.#sid === '' ? 'unopened' : 'lost', reason));
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Sends what was typed or pasted, in frames that every device takes. Dropped unless the shell runs. */
  input(bytes: Uint8Array): void {
    if (this.#state.kind !== 'running') return;
    for (let at = 0; at < bytes.length; at += BODY_BYTES_MAX_DOWN) {
      this.#send(shellInput.frame({}, bytes.subarray(at, at + BODY_BYTES_MAX_DOWN), this.#sid));
    }
  }

  resize(size: Size): void {
    if (size.columns === this.#size.columns && size.rows === this.#size.rows) return;
    this.#size = size;
    if (this.#state.kind === 'running') this.#send(shellResize.frame(cells(size), undefined, this.#sid));
  }

  /** Ends the shell and frees its place on the device. */
  close(): void {
    this.#end('exited', '');
  }

  #start(): void {
    this.#enter({ kind: 'starting' });
    this.#send(shellNew.frame(cells(this.#size), undefined));
    this.#wait(this.#answerMs, () => this.#end('silent', ''));
  }

  #receive(frame: Frame): void {
    if (this.#state.kind === 'ended') return;
    if (shellOutput.is(frame)) this.#onOutput(frame);
    else if (shellStarted.is(frame)) this.#onStarted(frame);
    else if (shellStopped.is(frame)) this.#onStopped();
    else if (shellPing.is(frame)) this.#send(shellPong.frame({}, undefined, this.#sid));
    else if (controlPing.is(frame)) this.#send(controlPong.frame({}, undefined, frame.sid));
    else if (controlError.is(frame)) {
      const { err, reason } = controlError.read(frame).body;
      this.#end(reasonOf(reason ?? '', err), err);
    } else if (controlClose.is(frame)) this.#end('lost', '');
  }

  #onStarted(frame: Frame): void {
    const { props, body } = shellStarted.read(frame);
    if (props.status === SHELL_STATUS.error) {
      const why = text.decode(body);
      return this.#end(reasonOf('', why), why);
    }
    this.#sid = frame.sid;
    this.#enter({ kind: 'running' });
    clearTimeout(this.#timer);
    if (!this.#wasRestarted) this.#wait(this.#silenceMs, () => this.#restart());
  }

  #onOutput(frame: Frame): void {
    // What a shell says while it is being stopped belongs to nobody.
    if (this.#isRestarting) return;
    const { props, body } = shellOutput.read(frame);
    if (props.status === SHELL_STATUS.error) return this.#end('lost', text.decode(body));
    clearTimeout(this.#timer);
    this.#options.onOutput(body);
  }

  #onStopped(): void {
    if (!this.#isRestarting) return this.#end('exited', '');
    this.#isRestarting = false;
    this.#start();
  }

  /** mender-connect's output pump sometimes ends before it has begun (COMPAT 0.13): such a shell is started once more. */
  #restart(): void {
    this.#isRestarting = true;
    this.#wasRestarted = true;
    this.#enter({ kind: 'starting' });
    this.#send(shellStop.frame({}, undefined, this.#sid));
    this.#wait(this.#answerMs, () => this.#end('silent', ''));
  }

  #end(reason: EndReason, detail: string): void {
    if (this.#state.kind === 'ended') return;
    clearTimeout(this.#timer);
    if (this.#sid !== '') this.#send(shellStop.frame({}, undefined, this.#sid));
    this.#enter({ kind: 'ended', reason, detail });
    this.#socket.close(1000);
  }

  #send(frame: Frame): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(encodeFrame(frame) as Uint8Array<ArrayBuffer>);
  }

  #wait(ms: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, ms);
  }

  #enter(state: SessionState): void {
    this.#state = state;
    this.#options.onState(state);
  }
}

function cells({ columns, rows }: Size): { terminal_width: number; terminal_height: number } {
  return { terminal_width: Math.max(1, columns), terminal_height: Math.max(1, rows) };
}

/** From our catalogue's code, else from the words that mender-connect uses. */
function reasonOf(code: string, words: string): EndReason {
  if (code === 'device-offline') return 'offline';
  if (code === 'session-limit' || /too many/i.test(words)) return 'limit';
  return 'refused';
}
