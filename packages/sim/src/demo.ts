/** `npm run demo`: the server, one real client on this machine, and a fleet of simulated houses all over the world. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sleep, systemClock as clock } from '@lovely/client';
import { Child } from './child.ts';
import { readDemoConfig, withAdministrator, type DemoConfig } from './config.ts';
import { SimError } from './error.ts';
import { DEMO_ACCEPT_MS } from './limits.ts';
import { Management, type Credentials } from './management.ts';

const EMAIL = 'demo@example.com';
const PROGRAMS = join(import.meta.dir, '../..');
/** Where the real client's house stands. */
const REAL_HOUSE = {
  name: 'Haus am See, Meersburg',
  address: 'Seepromenade 3, Meersburg, Germany',
  location: { latitude: 47.6941, longitude: 9.2702 },
  tags: ['real'],
} as const;

try {
  const commandLine = readDemoConfig();
  if (commandLine.kind === 'help') process.stdout.write(commandLine.text);
  else {
    const stopping = new AbortController();
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stopping.abort());
    await runDemo(commandLine.config, stopping.signal);
    process.exit(0);
  }
} catch (error) {
  if (!(error instanceof SimError)) throw error;
  process.stderr.write(`demo: ${error.message}\n`);
  process.exit(1);
}

/** Runs until `signal` is aborted. Throws SimError when a part can't start or ends by itself, after stopping the others. */
async function runDemo(config: DemoConfig, signal: AbortSignal): Promise<void> {
  const children: Child[] = [];
  try {
    await Promise.race([present(config, children, signal), aborted(signal)]);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    say('stopping the client, the houses and the server');
    for (const child of children.toReversed()) await child.stop();
  }
}

/** Starts the parts in order, says what to open, and then waits for one of them to die. */
async function present(config: DemoConfig, children: Child[], signal: AbortSignal): Promise<never> {
  const { dataDir, environment, houses, seed } = config;
  const start = (child: Child): Child => {
    children.push(child);
    return child;
  };
  const credentials = config.credentials ?? ownCredentials(dataDir);
  const server = start(
    new Child({
      name: 'the server',
      command: program('server', { 'data-dir': dataDir }),
      environment: withAdministrator({ LOVELY_LOG_LEVEL: 'warn', ...environment }, credentials),
      line: (text) => {
        if (text.startsWith('{')) process.stdout.write(`${text}\n`);
      },
    }),
  );
  const browserLine = server.lineLike(/^(?:browser|set up) (http\S+)$/, signal);
  // It comes after "ready", or never; then nobody waits for it.
  browserLine.catch(() => undefined);
  const [, url = ''] = await server.lineLike(/^ready (\S+)$/, signal);
  say(`the server is ready at ${url}`);

  const ca = join(dataDir, 'ca.crt');
  const address = { url: new URL(url), ca: readFileSync(ca, 'utf8') };
  const management = await signIn(config, address, credentials, signal);
  const sim = start(
    new Child({
      name: 'the simulator',
      command: program('sim', {
        server: url,
        ca,
        email: credentials.email,
        'password-file': '-',
        houses: String(houses),
        seed: String(seed),
      }),
      environment,
      input: `${credentials.password}\n`,
      line: say,
    }),
  );
  const client = start(
    new Child({
      name: 'the client',
      command: program('client', { server: url, ca, 'data-dir': join(dataDir, 'demo-client'), 'log-format': 'json' }),
      environment,
      line: () => undefined,
    }),
  );
  const dying = Promise.race([server.watch(), sim.watch(), client.watch()]);
  dying.catch(() => undefined);
  await Promise.race([joinClient(management, client, signal), dying]);
  const [, browserUrl = url] = await Promise.race([browserLine, sleep(clock, 1000, signal).then(() => [] as string[])]);
  say('');
  say(`open      ${browserUrl}`);
  say(`sign in   ${credentials.email}`);
  say(`password  ${credentials.password}`);
  say(`the real gateway, with a real terminal, is "${REAL_HOUSE.name}"; Ctrl-C stops everything`);
  say('');
  return await dying;
}

function program(name: string, flags: { readonly [name: string]: string }): string[] {
  const args = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value]);
  return [process.execPath, join(PROGRAMS, name, 'src/main.ts'), ...args];
}

/** Accepts the real client and places its house, unless somebody has placed it elsewhere. */
async function joinClient(management: Management, client: Child, signal: AbortSignal): Promise<void> {
  const [line] = await client.lineLike(/^.*"event":"key (?:made|loaded)".*$/, signal);
  const { serial } = JSON.parse(line) as { serial: string };
  for (; ; await sleep(clock, DEMO_ACCEPT_MS, signal)) {
    signal.throwIfAborted();
    const device = await management.findDevice(serial);
    if (!device || !(await management.acceptPending(device.id))) continue;
    if (!device.isPlaced) await management.patchDevice(device.id, REAL_HOUSE);
    return;
  }
}

async function signIn(
  { dataDir, credentials: given }: DemoConfig,
  server: { url: URL; ca: string },
  credentials: Credentials,
  signal: AbortSignal,
): Promise<Management> {
  try {
    return await Management.signIn(server, credentials, signal);
  } catch (error) {
    if (given || !(error instanceof SimError) || error.code !== 'bad-credentials') throw error;
    rmSync(passwordFile(dataDir), { force: true });
    throw new SimError(
      'bad-credentials',
      `${dataDir} has users already: give LOVELY_ADMIN_EMAIL and LOVELY_ADMIN_PASSWORD of one of them, or another --data-dir`,
      { cause: error },
    );
  }
}

function passwordFile(dataDir: string): string {
  return join(dataDir, 'demo-password');
}

/** The demo's user, with a password of this data folder. */
function ownCredentials(dataDir: string): Credentials {
  const path = passwordFile(dataDir);
  mkdirSync(dataDir, { recursive: true });
  try {
    return { email: EMAIL, password: readFileSync(path, 'utf8').trim() };
  } catch {
    const password = randomBytes(12).toString('base64url');
    writeFileSync(path, `${password}\n`, { mode: 0o600, flag: 'wx' });
    return { email: EMAIL, password };
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function say(line: string): void {
  process.stdout.write(line === '' ? '\n' : `demo: ${line}\n`);
}
