/** A certificate that vouches for the gateway, with its own key: files that a factory or a token service wrote. */
import { readFileSync } from 'node:fs';
import { identityOf, loadSerial, readPrivateKey, type Identity } from './identity.ts';
import { ClientError } from './error.ts';

export interface ClientCertificate {
  /** PEM: the gateway's own certificate first, then the authorities above it. */
  readonly chain: string;
  /** PEM. */
  readonly key: string;
}

/** Throws ClientError 'bad-file'. */
export function readClientCertificate(chainFile: string, keyFile: string): ClientCertificate {
  const chain = readText(chainFile);
  if (!chain.includes('-----BEGIN CERTIFICATE-----'))
    throw new ClientError('bad-file', `${chainFile} holds no certificate in PEM`);
  return { chain, key: readText(keyFile) };
}

/** The identity with the certificate's key. Throws ClientError 'bad-file'. */
export function certifiedIdentity(
  certificate: ClientCertificate,
  keyFile: string,
  dataDir: string,
  serial?: string,
): Identity {
  return identityOf(loadSerial(dataDir, serial), readPrivateKey(certificate.key, keyFile));
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ClientError('bad-file', `${path} can't be read`, { cause });
  }
}
