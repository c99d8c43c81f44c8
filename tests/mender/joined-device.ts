/** A device that speaks Mender's wire from the test itself: its key, its auth requests, its token. */
import { generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto';
import type { TestServer } from '../harness/server.ts';

export const AUTH_REQUESTS = '/api/devices/v1/authentication/auth_requests';
export const DEVICE_CONNECT = '/api/devices/v1/deviceconnect/connect';
export const ATTRIBUTES = '/api/devices/v1/inventory/device/attributes';

export interface Key {
  readonly privateKey: KeyObject;
  readonly publicPem: string;
}

export interface JoinedDevice {
  readonly id: string;
  readonly authSetId: string;
  readonly token: string;
}

export function createKey(): Key {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { privateKey, publicPem: publicKey.export({ format: 'pem', type: 'spki' }).toString() };
}

/** Sends a signed auth request; an identity that is not as it should be is sent as it is. */
export async function requestAuth(
  server: TestServer,
  { privateKey, publicPem }: Key,
  identity: unknown,
  tenantToken = '',
): Promise<Response> {
  const body = JSON.stringify({ id_data: JSON.stringify(identity), pubkey: publicPem, tenant_token: tenantToken });
  return await server.fetch(AUTH_REQUESTS, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-men-signature': sign(null, Buffer.from(body), privateKey).toString('base64'),
    },
    body,
  });
}

/** A new device, accepted. */
export async function joinDevice(server: TestServer, serial: string = randomUUID()): Promise<JoinedDevice> {
  const key = createKey();
  await requestAuth(server, key, { serial });
  const device = await server.deviceWith(serial);
  await server.accept(device);
  const response = await requestAuth(server, key, { serial });
  const token = await response.text();
  if (response.status !== 200) throw new Error(`joining failed with ${response.status}: ${token}`);
  return { id: device.id, authSetId: device.auth_sets[0]!.id, token };
}
