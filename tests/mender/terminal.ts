/** A terminal as the browser opens it: the cookie of a sign-in, Mender's path, one shell on one WebSocket. */
import { createLogin, PATHS } from '@lovely/api';
import {
  SHELL_STATUS,
  shellInput,
  shellNew,
  shellOutput,
  shellResize,
  shellStarted,
  shellStop,
  shellStopped,
} from '@lovely/protocol';
import { ADMIN, type TestServer } from '../harness/server.ts';
import { until } from '../harness/wait.ts';
import { FrameSocket } from './frame-socket.ts';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** mender-connect's output pump sometimes ends before it began: a shell that is silent for so long is started again. */
const SILENCE_MS = 3_000;
const SPAWNS_MAX = 4;
/** mender-connect needs about 4 s to end an interactive bash, and answers nothing meanwhile. */
const STOP_MS = 15_000;

export class Terminal implements AsyncDisposable {
  readonly socket: FrameSocket;
  #sid = '';
  #typedAt = 0;

  private constructor(socket: FrameSocket) {
    this.socket = socket;
  }

  /** Opens a shell and waits for its prompt. */
  static async open(server: TestServer, deviceId: string, size: Size = { columns: 80, rows: 24 }): Promise<Terminal> {
    const terminal = new Terminal(await openSession(server, deviceId));
    try {
      await terminal.#spawn(size);
      return terminal;
    } catch (error) {
      await terminal[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** All that the shell has printed. */
  get output(): string {
    const bodies = this.socket.received.filter((frame) => shellOutput.is(frame)).map(({ body }) => body);
    return Buffer.concat(bodies).toString();
  }

  /** Sends what is typed or pasted, in one message. */
  type(text: string): void {
    this.#typedAt = this.output.length;
    this.socket.send(shellInput.frame({}, Buffer.from(text), this.#sid));
  }

  resize({ columns, rows }: Size): void {
    this.socket.send(shellResize.frame({ terminal_width: columns, terminal_height: rows }, undefined, this.#sid));
  }

  /** Waits until what was printed since the last `type` matches. */
  async shows(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray> {
    return await until(
      `the terminal shows ${pattern}`,
      () => pattern.exec(this.output.slice(this.#typedAt)) ?? undefined,
      timeoutMs,
    ).catch((error: unknown) => {
      throw new Error(`the terminal shows ${JSON.stringify(this.output.slice(-1000))}`, { cause: error });
    });
  }

  /** Leaves the shell, frees its place on the device, and returns why the device says that it ended. */
  async exit(): Promise<string> {
    this.type('exit\r');
    const { body } = shellStopped.read(await this.socket.next('the shell ends', shellStopped.is));
    await this.#stop();
    return Buffer.from(body).toString();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.socket[Symbol.asyncDispose]();
  }

  async #stop(): Promise<void> {
    this.socket.send(shellStop.frame({}, undefined, this.#sid));
    const { props, body } = shellStopped.read(
      await this.socket.next('the device answers stop', shellStopped.is, STOP_MS),
    );
    if (props.status !== SHELL_STATUS.normal) throw new Error(`not stopped: ${Buffer.from(body).toString()}`);
  }

  async #spawn({ columns, rows }: Size): Promise<void> {
    for (let spawns = 1; ; spawns++) {
      this.socket.send(shellNew.frame({ terminal_width: columns, terminal_height: rows }, undefined));
      const answer = await this.socket.next('the shell starts', shellStarted.is, STOP_MS);
      const { props, body } = shellStarted.read(answer);
      if (props.status !== SHELL_STATUS.normal) throw new Error(`no shell: ${Buffer.from(body).toString()}`);
      this.#sid = answer.sid;
      try {
        await this.shows(/# $/, SILENCE_MS);
        return;
      } catch (error) {
        if (spawns === SPAWNS_MAX || this.output !== '') throw error;
        await this.#stop();
      }
    }
  }
}

async function openSession(server: TestServer, deviceId: string): Promise<FrameSocket> {
  const origin = server.url;
  const response = await server.fetch(createLogin.path, {
    method: createLogin.method,
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ email: ADMIN.email, password: ADMIN.password }),
  });
  const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? '';
  return await FrameSocket.open(server, PATHS.deviceConnect.replace('{id}', deviceId), { cookie, origin });
}
