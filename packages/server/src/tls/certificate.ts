/**
 * Makes the two certificates of the local CA (RFC 5280), with what Go's verifier asks for as well: names in the
 * subjectAltName, the use serverAuth, and key identifiers that link the two.
 */
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 24 * 3600 * 1000;
const CA_DAYS = 3650;
/** The longest that browsers take, less what the start is dated back. */
const SERVER_DAYS = 396;
/** Gateways' clocks may be behind. */
const DATED_BACK_MS = DAY_MS;

/** Certificate and PKCS #8 key, both PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** A CA that signs server certificates and no other CA; valid for ten years. */
export async function makeCa(now: Date): Promise<KeyPair> {
  const keys = await makeKeys();
  // Trust stores look a CA up by its name, so two of them must not share one.
  const id = Buffer.from(crypto.getRandomValues(new Uint8Array(4))).toString('hex');
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ O: ['Lovely Smart System'] }, { CN: [`Lovely Smart System local CA ${id}`] }],
    keys,
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(now.getTime() - DATED_BACK_MS),
    notAfter: new Date(now.getTime() + CA_DAYS * DAY_MS),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: pem(cert), key: await exportKey(keys) };
}

/**
 * A server certificate for these hosts; valid for 397 days, but not longer than its CA.
 * @param hosts names and IP addresses (IPv6 without brackets), at least one
 */
export async function makeServerCertificate(ca: KeyPair, hosts: readonly Host[], now: Date): Promise<KeyPair> {
  const keys = await makeKeys();
  const issuer = new x509.X509Certificate(ca.cert);
  const notAfter = Math.min(now.getTime() + SERVER_DAYS * DAY_MS, issuer.notAfter.getTime());
  const cert = await x509.X509CertificateGenerator.create({
    subject: [{ CN: [hosts[0]!.value] }],
    issuer: issuer.subjectName,
    publicKey: keys.publicKey,
    signingKey: await importKey(ca.key),
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(now.getTime() - DATED_BACK_MS),
    notAfter: new Date(notAfter),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([...hosts]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { cert: pem(cert), key: await exportKey(keys) };
}

/** How a host stands in a certificate. */
export interface Host {
  readonly type: 'dns' | 'ip';
  readonly value: string;
}

async function makeKeys(): Promise<CryptoKeyPair> {
  return await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function exportKey(keys: CryptoKeyPair): Promise<string> {
  const der = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return `${x509.PemConverter.encode(der, 'PRIVATE KEY')}\n`;
}

async function importKey(key: string): Promise<CryptoKey> {
  return await crypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(key), ALGORITHM, false, ['sign']);
}

function pem(cert: x509.X509Certificate): string {
  return `${cert.toString('pem')}\n`;
}
