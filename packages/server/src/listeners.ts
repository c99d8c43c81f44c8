/** Where a process can be reached: TLS for everybody, and plain HTTP for browsers on this machine. */
import { X509Certificate } from 'node:crypto';
import { FRAME_BYTES_MAX_UP } from '@lovely/protocol';
import { identifyCaller, type Caller } from './caller.ts';
import { listeningOn, type Config } from './config.ts';
import { SOCKET_BUFFER_BYTES_MAX } from './limits.ts';
import { listen, type Answer, type Listener, type ListenerOptions } from './listener.ts';
import { createNetworks, readAddress } from './network.ts';
import { harden } from './security-headers.ts';
import { readTls } from './tls/given-tls.ts';
import { ensureLocalTls } from './tls/local-ca.ts';

export interface Listeners {
  /** The settings with the port that was taken. */
  readonly config: Config;
  /** The plain address for browsers on this machine, where one is open. */
  readonly localUrl: string | undefined;
  /** SHA-256 of our CA's DER as hex; undefined with a certificate that was given. */
  readonly caFingerprint: string | undefined;
  /** Origins that pages of ours have. */
  readonly origins: ReadonlySet<string>;
  /** Stops accepting; what is open goes on. */
  stop(): void;
  close(): Promise<void>;
}

const HTTP_PORT_DEFAULT = 8080;
const LOOPBACK = '127.0.0.1';
/** A socket that has been silent for this many heartbeats is dead. */
const HEARTBEATS_MISSED_MAX = 2.5;

/** Names of this machine that no page from elsewhere can have. */
export const LOOPBACK_HOSTS: readonly string[] = ['localhost', LOOPBACK, '[::1]'];

/** @param answer is told whether a request came over plain HTTP on loopback */
export async function openListeners(
  given: Config,
  answer: (request: Request, caller: Caller, isPlain: boolean) => Promise<Answer>,
): Promise<Listeners> {
  const trusted = createNetworks(given.trustedProxies);
  const isStrict = hasRealTls(given);
  const answerBy = (isPlain: boolean) => async (request: Request, peer: string) =>
    harden(await answer(request, identifyCaller(request, peer, trusted), isPlain), isStrict && !isPlain);
  const hosts = [new URL(given.publicUrl).hostname, given.listen.host];
  const tls = given.tls
    ? await readTls(given.tls.certFile, given.tls.keyFile)
    : await ensureLocalTls({ dataDir: given.dataDir, hosts });
  const limits = {
    idleTimeoutMs: given.heartbeatMs * HEARTBEATS_MISSED_MAX,
    frameBytesMax: FRAME_BYTES_MAX_UP,
    bufferBytesMax: SOCKET_BUFFER_BYTES_MAX,
  };
  const secure = listen({
    hostname: given.listen.host,
    port: given.listen.port,
    tls,
    ...limits,
    answer: answerBy(false),
  });
  const config = listeningOn(given, secure.port);
  const plain = config.roles.includes('api') ? listenPlainly(config, { ...limits, answer: answerBy(true) }) : undefined;
  const origins = ['https://localhost', `https://${LOOPBACK}`].map((origin) => `${origin}:${secure.port}`);
  if (plain) origins.push(`http://localhost:${plain.port}`, `http://${LOOPBACK}:${plain.port}`);
  return {
    config,
    localUrl: plain && `http://localhost:${plain.port}`,
    caFingerprint: 'ca' in tls ? fingerprintOf(tls.ca) : undefined,
    origins: new Set([config.publicUrl, ...origins]),
    stop() {
      secure.stop();
      plain?.stop();
    },
    async close() {
      await secure.close();
      await plain?.close();
    },
  };
}

function fingerprintOf(pem: string): string {
  return new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();
}

/** Whether browsers may be told to come with TLS only: not with a CA that we made, and not for this machine's own name. */
function hasRealTls({ tls, publicUrl }: Config): boolean {
  const { hostname } = new URL(publicUrl);
  return tls !== undefined && hostname !== 'localhost' && !hostname.endsWith('.localhost') && !isAddress(hostname);
}

function isAddress(hostname: string): boolean {
  return readAddress(hostname.replace(/^\[|\]$/g, '')) !== undefined;
}

/** `auto` takes any free port when the usual one is taken. */
function listenPlainly(
  { httpListen }: Config,
  options: Omit<ListenerOptions, 'hostname' | 'port'>,
): Listener | undefined {
  if (httpListen === 'off') return undefined;
  if (httpListen !== 'auto') return listen({ hostname: httpListen.host, port: httpListen.port, ...options });
  try {
    return listen({ hostname: LOOPBACK, port: HTTP_PORT_DEFAULT, ...options });
  } catch {
    return listen({ hostname: LOOPBACK, port: 0, ...options });
  }
}
