/**
 * Mender's device API: how a gateway asks to join (COMPAT section 2.1), and what our own client says beside that. All of
 * it is in docs/joining.md: join codes in `tenant_token`, client certificates in `certificate_chain` or told by a proxy,
 * and a new key that the old one vouches for in the header X-Lovely-Previous-Signature.
 */
import { z } from 'zod';
import type { AuditActor } from '../../domain/audit.ts';
import {
  nameFromIdentity,
  parseIdentity,
  parsePublicKey,
  verifySignature,
  type Identity,
  type PublicKey,
} from '../../domain/identity.ts';
import { isJoinCode, joinCodeHash } from '../../domain/join-code.ts';
import type { Certified } from '../../domain/joining.ts';
import { LovelyError } from '../../errors.ts';
import { AUTH_REQUEST_BYTES_MAX, AUTH_REQUESTS_PER_ADDRESS, AUTH_REQUESTS_WINDOW_MS } from '../../limits.ts';
import { neighbourOf } from '../../network.ts';
import { requestAuthSet, type AuthSetChange, type AuthSetRecord } from '../../store/auth-sets.ts';
import { findAuthoritiesBySubject } from '../../store/certificate-authorities.ts';
import { findJoinCode } from '../../store/join-codes.ts';
import { listAcceptedKeys, replaceKey } from '../../store/key-rotation.ts';
import type { Database } from '../../store/store.ts';
import { createAttempts } from '../attempts.ts';
import { parseJson, readBytes } from '../body.ts';
import { recordAudit } from '../change.ts';
import type { ApiContext } from '../context.ts';
import { announceAuthSets } from '../events.ts';
import type { Http } from '../route.ts';

const authRequest = z.object({
  id_data: z.string(),
  pubkey: z.string(),
  /** A join code; what doesn't look like one is somebody else's and means nothing here. */
  tenant_token: z.string().nullish(),
  /** PEM, the device's own certificate first. */
  certificate_chain: z.string().nullish(),
});

interface Asking {
  readonly identity: Identity;
  readonly key: PublicKey;
  readonly address: string;
}

export function routeDeviceAuth(http: Http, context: ApiContext): void {
  const attempts = createAttempts(AUTH_REQUESTS_PER_ADDRESS, AUTH_REQUESTS_WINDOW_MS, Date.now);
  const { database } = context.store;

  http.post('/api/devices/v1/authentication/auth_requests', async (c) => {
    const neighbour = neighbourOf(c.env.address);
    attempts.count(neighbour);
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
    const asking: Asking = { identity, key, address: c.env.address };
    const previous = c.req.header('x-lovely-previous-signature');
    const replaced = previous === undefined ? undefined : await replace(asking, body, Buffer.from(previous, 'base64'));
    const chain = request.data.certificate_chain || toldByProxy(c.req.raw.headers);
    const { tenant_token: token } = request.data;
    const { authSet, change } = replaced ?? (await join(asking, token && isJoinCode(token) ? token : undefined, chain));
    if (change) announceAuthSets(context, authSet.tenantId, change);
    if (authSet.status !== 'accepted') throw new LovelyError('not-accepted', `The device is ${authSet.status}.`);
    // A thousand accepted gateways may stand behind one address; only strangers are held back.
    attempts.forgive(neighbour);
    const jwt = await context.tokens.signDevice({
      tenantId: authSet.tenantId,
      deviceId: authSet.deviceId,
      authSetId: authSet.id,
      issuedAtMs,
    });
    return new Response(jwt, { headers: { 'content-type': 'application/jwt' } });
  });

  async function join(asking: Asking, code: string | undefined, chain: string | undefined): Promise<Answered> {
    const { identity, key } = asking;
    return await requestAuthSet(database, context.firstTenantId, identity, key, {
      code: code === undefined ? undefined : ((await findJoinCode(database, joinCodeHash(code))) ?? null),
      certify: chain === undefined ? undefined : () => certify(chain, key, identity),
      accepted: (transaction, authSet) =>
        record(transaction, 'device.join', asking, authSet, {
          fingerprint: key.fingerprint,
          ...(code === undefined ? {} : { byJoinCode: true }),
          ...(chain === undefined ? {} : { byCertificate: true }),
        }),
    });
  }

  async function certify(chain: string, key: PublicKey, identity: Identity): Promise<Certified> {
    // Loaded when somebody needs it: it takes a tenth of a second.
    const { readChain } = await import('../../domain/certificate-chain.ts');
    const shown = readChain(chain, key, identity);
    return shown.verify(await findAuthoritiesBySubject(database, shown.issuerHashes), new Date());
  }

  /** A new key takes the place of the accepted one that signed the same bytes; undefined when it has done so before. */
  async function replace(asking: Asking, body: Uint8Array, signature: Uint8Array): Promise<Answered | undefined> {
    const { identity, key } = asking;
    const accepted = await listAcceptedKeys(database, identity);
    if (accepted.some(({ fingerprint }) => fingerprint === key.fingerprint)) return undefined;
    const before = accepted.find(({ publicKey }) => verifySignature(parsePublicKey(publicKey), body, signature));
    if (!before) throw new LovelyError('bad-signature', 'The previous key is not accepted here.');
    return await database.transaction().execute(async (transaction) => {
      const replaced = await replaceKey(transaction, before, key);
      const note = { fingerprint: key.fingerprint, previousFingerprint: before.fingerprint };
      await record(transaction, 'device.rotate-key', asking, replaced.authSet, note);
      return replaced;
    });
  }
}

interface Answered {
  readonly authSet: AuthSetRecord;
  readonly change: AuthSetChange | undefined;
}

/** What a device did by itself. */
async function record(
  transaction: Database,
  action: string,
  { identity, address }: Asking,
  { tenantId, deviceId: id }: AuthSetRecord,
  details: Readonly<Record<string, unknown>>,
): Promise<void> {
  const name = nameFromIdentity(identity);
  const actor: AuditActor = { type: 'device', id, name };
  const note = { object: { type: 'device', id, name }, details };
  await recordAudit(transaction, tenantId, { actor, action, note, result: 'success', address });
}

/** The certificate that a trusted proxy saw (RFC 9440); from anybody else the header doesn't get here (caller.ts). */
function toldByProxy(headers: Headers): string | undefined {
  const told = [headers.get('client-cert'), ...(headers.get('client-cert-chain')?.split(',') ?? [])];
  const certificates = told
    .map((item) => /^\s*:([A-Za-z0-9+/=]+):\s*$/.exec(item ?? '')?.[1])
    .filter((base64) => base64 !== undefined);
  if (certificates.length === 0) return undefined;
  return certificates
    .map(
      (base64) => `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
    )
    .join('');
}
