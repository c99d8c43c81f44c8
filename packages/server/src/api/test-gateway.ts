/** A gateway as the device API sees it: an identity with a key, and auth requests signed by it. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { TEST_ORIGIN, type TestApi } from './test-api.ts';

const PATH = '/api/devices/v1/authentication/auth_requests';

export interface AuthOptions {
  readonly code?: string;
  /** Signs the same bytes as the key before. */
  readonly previous?: KeyObject;
  readonly chain?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestGateway {
  readonly serial: string;
  readonly privateKey: KeyObject;
  readonly publicKey: string;
  ask(options?: AuthOptions): Promise<{ status: number; text: string; code: string | undefined }>;
}

export function newKey(): KeyObject {
  return generateKeyPairSync('ed25519').privateKey;
}

export function testGateway(
  { api }: TestApi,
  { serial = crypto.randomUUID(), key = newKey() }: { serial?: string; key?: KeyObject | string } = {},
): TestGateway {
  const privateKey = typeof key === 'string' ? createPrivateKey(key) : key;
  const publicKey = publicPem(privateKey);
  return {
    serial,
    privateKey,
    publicKey,
    async ask({ code = '', previous, chain, headers = {} } = {}) {
      const body = Buffer.from(
        JSON.stringify({
          id_data: JSON.stringify({ sn: serial }),
          tenant_token: code,
          pubkey: publicKey,
          ...(chain === undefined ? {} : { certificate_chain: chain }),
        }),
      );
      const request = new Request(TEST_ORIGIN + PATH, {
        method: 'POST',
        headers: {
          'x-men-signature': signatureOf(privateKey, body),
          ...(previous ? { 'x-lovely-previous-signature': signatureOf(previous, body) } : {}),
          ...headers,
        },
        body,
      });
      const answer = await api.answer(request, '192.0.2.7');
      if (!(answer instanceof Response)) throw new TypeError('an auth request became a WebSocket');
      const text = await answer.text();
      return { status: answer.status, text, code: answer.ok ? undefined : (JSON.parse(text) as { code: string }).code };
    },
  };
}

function publicPem(key: KeyObject): string {
  return createPublicKey(key).export({ format: 'pem', type: 'spki' }).toString();
}

function signatureOf(key: KeyObject, body: Buffer): string {
  const algorithm = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  return sign(algorithm, body, key).toString('base64');
}
