/** Mender's device API: how a gateway asks to join (COMPAT section 2.1). Our own client asks the same way. */
import { z } from 'zod';
import { parseIdentity, parsePublicKey, verifySignature } from '../../domain/identity.ts';
import { LovelyError } from '../../errors.ts';
import { AUTH_REQUEST_BYTES_MAX, AUTH_REQUESTS_PER_ADDRESS, AUTH_REQUESTS_WINDOW_MS } from '../../limits.ts';
import { requestAuthSet } from '../../store/auth-sets.ts';
import { createAttempts } from '../attempts.ts';
import { parseJson, readBytes } from '../body.ts';
import type { ApiContext } from '../context.ts';
import { announceDevice } from '../events.ts';
import type { Http } from '../route.ts';

const authRequest = z.object({ id_data: z.string(), pubkey: z.string(), tenant_token: z.string().optional() });

export function routeDeviceAuth(http: Http, context: ApiContext): void {
  const attempts = createAttempts(AUTH_REQUESTS_PER_ADDRESS, AUTH_REQUESTS_WINDOW_MS, Date.now);

  http.post('/api/devices/v1/authentication/auth_requests', async (c) => {
    attempts.count(c.env.address);
    const body = await readBytes(c.req.raw, AUTH_REQUEST_BYTES_MAX);
    const signature = c.req.header('x-men-signature');
    if (!signature) throw new LovelyError('bad-request', 'The header X-MEN-Signature is missing.');
    const request = authRequest.safeParse(parseJson(body));
    if (!request.success) throw new LovelyError('bad-request', 'An auth request has id_data and pubkey.');
    const identity = parseIdentity(request.data.id_data);
    const key = parsePublicKey(request.data.pubkey);
    if (!verifySignature(key, body, Buffer.from(signature, 'base64'))) throw new LovelyError('bad-signature');
    // Before the look-up: a device that asks again and again must not get a token past its own revocation.
    const issuedAtMs = Date.now();
    const { authSet, changed } = await requestAuthSet(context.store.database, context.firstTenantId, identity, key);
    if (changed) announceDevice(context.bus, authSet.tenantId, authSet.deviceId, 'updated', authSet.status);
    if (authSet.status !== 'accepted') throw new LovelyError('not-accepted', `The device is ${authSet.status}.`);
    // A thousand accepted gateways may stand behind one address; only strangers are held back.
    attempts.forgive(c.env.address);
    const token = await context.tokens.signDevice({
      tenantId: authSet.tenantId,
      deviceId: authSet.deviceId,
      authSetId: authSet.id,
      issuedAtMs,
    });
    return new Response(token, { headers: { 'content-type': 'application/jwt' } });
  });
}
