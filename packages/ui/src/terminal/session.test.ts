/** Terminal sessions against a real WebSocket server that plays the device as mender-connect does. */
import { afterEach, expect, test } from 'bun:test';
import {
  BODY_BYTES_MAX_DOWN,
  controlError,
  controlPing,
  controlPong,
  decodeFrame,
  encodeFrame,
  frame,
  PROTO,
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
import { serve, type Server, type ServerWebSocket } from 'bun';
import { TerminalSession, type SessionOptions, type SessionState } from './session.ts';

const SID = 'session-1';
const utf8 = new TextEncoder();

type Script = (message: Frame, reply: (answer: Frame) => void, socket: ServerWebSocket<undefined>) => void;

const started = shellStarted.frame({ status: 1 }, utf8.encode('Shell started'), SID);
const output = (bytes: string): Frame => shellOutput.frame({ status: 1 }, utf8.encode(bytes), SID);

/** A device that starts a shell, prints a prompt and stops when told. */
const ordinary: Script = (message, reply) => {
  if (shellNew.is(message)) {
    reply(started);
    reply(output('$ '));
  } else if (shellStop.is(message)) reply(shellStopped.frame({ status: 1 }, new Uint8Array(), SID));
};

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

interface Run {
  readonly session: TerminalSession;
  readonly received: Frame[];
  readonly states: SessionState[];
  readonly server: Server<undefined>;
  printed: string;
  socket: ServerWebSocket<undefined> | undefined;
}

function run(script: Script, options: Partial<SessionOptions> = {}, isRefused = false): Run {
  const received: Frame[] = [];
  const states: SessionState[] = [];
  const text = new TextDecoder();
  const server: Server<undefined> = serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: (request, self) => (!isRefused && self.upgrade(request) ? undefined : new Response('', { status: 404 })),
    websocket: {
      open: (socket) => void (result.socket = socket),
      message: (socket, data) => {
        const message = decodeFrame(Uint8Array.from(data as Buffer), 1 << 20);
        received.push(message);
        script(message, (answer) => socket.send(encodeFrame(answer)), socket);
      },
    },
  });
  const session = new TerminalSession({
    url: `ws://127.0.0.1:${server.port}/`,
    size: { columns: 100, rows: 30 },
    onOutput: (bytes) => {
      result.printed += text.decode(bytes, { stream: true });
    },
    onState: (state) => states.push(state),
    ...options,
  });
  const result: Run = { session, received, states, server, printed: '', socket: undefined };
  closers.push(
    () => session.close(),
    () => server.stop(true),
  );
  return result;
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 1));
}

const isRunning = ({ session }: Run) => session.state.kind === 'running';
const isEnded = ({ session }: Run) => session.state.kind === 'ended';
const ofType = (received: Frame[], message: { is(from: Frame): boolean }): Frame[] =>
  received.filter((from) => message.is(from));

test('new carries the size and no sid; input carries the sid of the answer', async () => {
  const it = run(ordinary);
  await until(() => it.printed === '$ ');
  const [first] = it.received;
  expect(first?.sid).toBe('');
  expect(shellNew.read(first!).props).toEqual({ terminal_width: 100, terminal_height: 30 });
  it.session.input(utf8.encode('ls\r'));
  await until(() => ofType(it.received, shellInput).length === 1);
  expect(ofType(it.received, shellInput)[0]).toMatchObject({ sid: SID, body: utf8.encode('ls\r') });
});

test('a long paste is split into frames that every device takes, and nothing is lost', async () => {
  const it = run(ordinary);
  await until(() => isRunning(it));
  const paste = utf8.encode('grün 漢字 🏠\n'.repeat(2000));
  it.session.input(paste);
  const expected = Math.ceil(paste.length / BODY_BYTES_MAX_DOWN);
  await until(() => ofType(it.received, shellInput).length === expected);
  const bodies = ofType(it.received, shellInput).map(({ body }) => body);
  expect(Math.max(...bodies.map(({ length }) => length))).toBeLessThanOrEqual(BODY_BYTES_MAX_DOWN);
  expect(Uint8Array.from(bodies.flatMap((body) => [...body]))).toEqual(paste);
});

test('output that is cut inside a character arrives whole', async () => {
  const bytes = utf8.encode('🏠');
  const it = run((message, reply) => {
    if (!shellNew.is(message)) return;
    reply(started);
    reply(shellOutput.frame({ status: 1 }, bytes.slice(0, 2), SID));
    reply(shellOutput.frame({ status: 1 }, bytes.slice(2), SID));
  });
  await until(() => it.printed === '🏠');
});

test('a change of size is told once', async () => {
  const it = run(ordinary);
  await until(() => isRunning(it));
  it.session.resize({ columns: 80, rows: 24 });
  it.session.resize({ columns: 80, rows: 24 });
  it.session.input(utf8.encode('x'));
  await until(() => ofType(it.received, shellInput).length === 1);
  expect(ofType(it.received, shellResize).map((message) => shellResize.read(message).props)).toEqual([
    { terminal_width: 80, terminal_height: 24 },
  ]);
});

test('pings of the shell and of the session are answered', async () => {
  const it = run((message, reply, socket) => {
    ordinary(message, reply, socket);
    if (!shellNew.is(message)) return;
    reply(shellPing.frame({ timeout: 65, status: 3 }, undefined, SID));
    reply(controlPing.frame({}, undefined, SID));
  });
  await until(() => ofType(it.received, shellPong).length === 1 && ofType(it.received, controlPong).length === 1);
  expect(
    it.received.filter((message) => shellPong.is(message) || controlPong.is(message)).map(({ sid }) => sid),
  ).toEqual([SID, SID]);
});

test('a shell that ends by itself is still told to stop, which frees its place', async () => {
  const it = run((message, reply) => {
    if (shellNew.is(message)) reply(started);
    if (shellInput.is(message))
      reply(shellStopped.frame({ status: 2 }, utf8.encode('read /dev/ptmx: input/output error'), SID));
  });
  await until(() => isRunning(it));
  it.session.input(utf8.encode('exit\r'));
  await until(() => ofType(it.received, shellStop).length === 1);
  expect(it.session.state).toMatchObject({ kind: 'ended', reason: 'exited' });
});

test('closing the page stops the shell', async () => {
  const it = run(ordinary);
  await until(() => isRunning(it));
  it.session.close();
  await until(() => ofType(it.received, shellStop).length === 1);
  expect(ofType(it.received, shellStop)[0]?.sid).toBe(SID);
});

test('a shell that never prints is stopped and started once more', async () => {
  let starts = 0;
  const it = run(
    (message, reply) => {
      if (shellNew.is(message)) {
        reply(started);
        if (++starts === 2) reply(output('at last '));
      } else if (shellStop.is(message)) reply(shellStopped.frame({ status: 1 }, new Uint8Array(), SID));
    },
    { silenceMs: 10 },
  );
  await until(() => it.printed === 'at last ');
  expect(starts).toBe(2);
  expect(isRunning(it)).toBe(true);
});

test('a shell that stays silent the second time is left alone', async () => {
  let starts = 0;
  const it = run(
    (message, reply) => {
      if (shellNew.is(message)) {
        starts++;
        reply(started);
      } else if (shellStop.is(message)) reply(shellStopped.frame({ status: 1 }, new Uint8Array(), SID));
    },
    { silenceMs: 5 },
  );
  await until(() => starts === 2 && isRunning(it));
  await new Promise((resolve) => setTimeout(resolve, 40));
  expect(starts).toBe(2);
  expect(isRunning(it)).toBe(true);
});

test('a device that does not answer ends as silent', async () => {
  const it = run(() => {}, { answerMs: 10 });
  await until(() => isEnded(it));
  expect(it.session.state).toMatchObject({ reason: 'silent' });
});

test('a refused shell says why; too many shells is its own reason', async () => {
  const refuse =
    (words: string): Script =>
    (message, reply) =>
      shellNew.is(message) && reply(shellStarted.frame({ status: 2 }, utf8.encode(words), SID));
  const full = run(refuse('failed to start shell: user has too many open sessions'));
  await until(() => isEnded(full));
  expect(full.session.state).toMatchObject({ reason: 'limit' });
  const other = run(refuse('failed to start shell: no such user'));
  await until(() => isEnded(other));
  expect(other.session.state).toMatchObject({ reason: 'refused', detail: 'failed to start shell: no such user' });
});

test('errors of the server are told by their code', async () => {
  for (const [code, reason] of [
    ['device-offline', 'offline'],
    ['session-limit', 'limit'],
    ['internal', 'refused'],
  ] as const) {
    const it = run((message, reply) => {
      if (shellNew.is(message)) reply(controlError.frame({}, { err: 'no', close: true, reason: code }));
    });
    await until(() => isEnded(it));
    expect(it.session.state).toEqual({ kind: 'ended', reason, detail: 'no' });
  }
});

test('a dropped connection is lost, one that never was is unopened', async () => {
  const dropped = run(ordinary);
  await until(() => isRunning(dropped));
  dropped.socket?.terminate();
  await until(() => isEnded(dropped));
  expect(dropped.session.state).toMatchObject({ reason: 'lost' });
  const refused = run(ordinary, {}, true);
  await until(() => isEnded(refused));
  expect(refused.session.state).toMatchObject({ reason: 'unopened' });
});

test('messages of other protos are ignored', async () => {
  const it = run((message, reply, socket) => {
    if (shellNew.is(message)) reply(frame(PROTO.filetransfer, 'ack', { sid: SID }));
    ordinary(message, reply, socket);
  });
  await until(() => it.printed === '$ ');
});
