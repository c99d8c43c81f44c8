/** Certificates that somebody else made: LOVELY_TLS_CERT and LOVELY_TLS_KEY. */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { TlsError } from './tls-error.ts';

/**
 * Reads a certificate chain (the server's own first) and its key, both PEM.
 * @throws TlsError where a file can't be read or understood, the two don't belong together, or the certificate has expired
 */
export async function readTls(
  certFile: string,
  keyFile: string,
  now = new Date(),
): Promise<{ cert: string; key: string }> {
  const cert = await readText(certFile, 'LOVELY_TLS_CERT');
  const key = await readText(keyFile, 'LOVELY_TLS_KEY');
  const certificate = parseCertificate(cert, certFile);
  if (!certificate.checkPrivateKey(parseKey(key, keyFile)))
    throw new TlsError(
      `The key in ${keyFile} does not belong to the certificate in ${certFile}: give the pair that was made together, the server's own certificate first in its file.`,
    );
  if (certificate.validToDate <= now)
    throw new TlsError(`The certificate in ${certFile} expired on ${certificate.validToDate.toISOString()}: renew it.`);
  return { cert, key };
}

async function readText(path: string, setting: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new TlsError(`${path} can't be read (${code}): check ${setting} and who may read the file.`, {
      cause: error,
    });
  }
}

function parseCertificate(pem: string, path: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new TlsError(`${path} does not begin with a certificate in PEM (-----BEGIN CERTIFICATE-----).`, {
      cause: error,
    });
  }
}

function parseKey(pem: string, path: string): KeyObject {
  const isEncrypted = /-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/.test(pem);
  if (isEncrypted)
    throw new TlsError(`The key in ${path} is encrypted: give it without a passphrase (openssl pkey -in … -out …).`);
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new TlsError(`${path} does not hold a private key in PEM (-----BEGIN PRIVATE KEY-----).`, { cause: error });
  }
}
