/**
 * TLS without anybody's help: a CA of our own, made at the first start, and a server certificate of it.
 *
 *     <data dir>/ca.crt            what devices and tools trust; a copy of the certificate in ca.pem
 *     <data dir>/tls/ca.pem        the CA's certificate and key
 *     <data dir>/tls/server.pem    the server's certificate and key
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { TLS_RENEW_BEFORE_MS } from '../limits.ts';
import type { Host, KeyPair } from './certificate.ts';
import { createKeyPair, readIfThere, readKeyPair, replaceFile, replaceKeyPair } from './key-pair-file.ts';
import { TlsError } from './tls-error.ts';

/** Loaded when there is something to make: most starts don't need it, and it takes a tenth of a second. */
const loadGenerator = async () => await import('./certificate.ts');

export interface LocalTls {
  /** The CA's certificate, PEM; it stands in `<dataDir>/ca.crt`. */
  readonly ca: string;
  /** The server's certificate, PEM. */
  readonly cert: string;
  /** Its key, PKCS #8 PEM. */
  readonly key: string;
}

/**
 * Makes what is missing, and the server certificate again when it has less than 30 days left, lacks a host or is not of
 * this CA. Several processes may do it at once.
 * @param options `hosts` are names and addresses by which this server is reached, beside localhost, 127.0.0.1, ::1 and
 *   the name of the machine; IPv6 may stand in brackets; 0.0.0.0 and :: stand for all addresses of the machine
 * @throws TlsError when the CA has expired or its file can't be understood
 */
export async function ensureLocalTls(options: {
  dataDir: string;
  hosts: readonly string[];
  now?: Date;
}): Promise<LocalTls> {
  const { dataDir, now = new Date() } = options;
  await mkdir(dataDir, { recursive: true });
  await mkdir(join(dataDir, 'tls'), { recursive: true, mode: 0o700 });
  const ca = await ensureCa(join(dataDir, 'tls', 'ca.pem'), now);
  const caFile = join(dataDir, 'ca.crt');
  if ((await readIfThere(caFile)) !== ca.cert) await replaceFile(caFile, ca.cert, 0o644);
  const server = await ensureServer(join(dataDir, 'tls', 'server.pem'), ca, allHosts(options.hosts), now);
  return { ca: ca.cert, ...server };
}

async function ensureCa(path: string, now: Date): Promise<KeyPair> {
  if ((await readIfThere(path)) === undefined) {
    const { makeCa } = await loadGenerator();
    await createKeyPair(path, await makeCa(now));
  }
  const ca = await readKeyPair(path);
  const advice = `restore it from a back-up, or remove it to get a new CA, which then every device has to be told to trust`;
  if (ca === undefined || !isUsable(ca))
    throw new TlsError(`${path} does not hold a certificate and its key: ${advice}.`);
  if (new X509Certificate(ca.cert).validToDate <= now) throw new TlsError(`The CA in ${path} has expired: ${advice}.`);
  return ca;
}

async function ensureServer(path: string, ca: KeyPair, hosts: readonly Host[], now: Date): Promise<KeyPair> {
  const known = await readKeyPair(path);
  if (known && isUsable(known) && isGood(known, ca, hosts, now)) return known;
  const { makeServerCertificate } = await loadGenerator();
  const made = await makeServerCertificate(ca, hosts, now);
  await replaceKeyPair(path, made);
  return made;
}

function isUsable({ cert, key }: KeyPair): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

function isGood({ cert }: KeyPair, ca: KeyPair, hosts: readonly Host[], now: Date): boolean {
  const certificate = new X509Certificate(cert);
  const issuer = new X509Certificate(ca.cert);
  return (
    certificate.validFromDate <= now &&
    certificate.validToDate.getTime() - now.getTime() >= TLS_RENEW_BEFORE_MS &&
    certificate.checkIssued(issuer) &&
    certificate.verify(issuer.publicKey) &&
    hosts.every(
      ({ type, value }) => (type === 'ip' ? certificate.checkIP(value) : certificate.checkHost(value)) !== undefined,
    )
  );
}

/** Every host once, the public ones first. What has no place in a certificate is left out. */
function allHosts(given: readonly string[]): Host[] {
  const names = [...given, 'localhost', '127.0.0.1', '::1', hostname()].flatMap((host) => {
    const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
    return bare === '0.0.0.0' || bare === '::' ? ownAddresses() : [bare];
  });
  return [...new Set(names)].flatMap((value): Host[] => {
    if (isIP(value)) return [{ type: 'ip', value }];
    return DNS_NAME.test(value) ? [{ type: 'dns', value }] : [];
  });
}

const DNS_NAME = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Link-local addresses carry the name of an interface, which certificates can't. */
function ownAddresses(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  return addresses.filter(({ internal, scopeid }) => !internal && !scopeid).map(({ address }) => address);
}
