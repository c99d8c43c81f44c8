/** Mender's management API: signing in, who one is, and personal access tokens (COMPAT section 3.1). */
import { BODY_BYTES_MAX, NAME_LENGTH_MAX, TOKEN_DAYS_MAX } from '@lovely/api';
import { z } from 'zod';
import { LovelyError } from '../../errors.ts';
import { LOGIN_SECONDS, LOGIN_SECONDS_MAX } from '../../limits.ts';
import { revokeLogins } from '../../store/logins.ts';
import { listTokens, type TokenRecord } from '../../store/tokens.ts';
import { parseJson, readBytes, readJson } from '../body.ts';
import { change } from '../change.ts';
import type { ApiContext } from '../context.ts';
import { requireLogin, requirePerson } from '../guard.ts';
import { openLogin } from '../logins.ts';
import { announceEnded } from '../open-sockets.ts';
import { readInput, type Http } from '../route.ts';
import type { SignIn } from '../sign-in.ts';
import { makeToken, removeToken } from '../tokens.ts';
import { readId } from './id.ts';

const BASE = '/api/management/v1/useradm';

/** Both are left out by mender-cli, which sends no body at all. */
const loginOptions = z.object({ token2fa: z.string().max(64).optional(), no_expiry: z.boolean().optional() });

const DAY_SECONDS = 24 * 3600;
const newToken = z.object({
  name: z.string().trim().min(1).max(NAME_LENGTH_MAX),
  /** Seconds; 0 for as long as there may be. */
  expires_in: z
    .number()
    .int()
    .min(0)
    .max(TOKEN_DAYS_MAX * DAY_SECONDS)
    .optional(),
});

export function routeUseradm(http: Http, context: ApiContext, signIn: SignIn): void {
  http.post(`${BASE}/auth/login`, async (c) => {
    const [email, password] = basicCredentials(c.req.header('authorization'));
    const { token2fa: code, no_expiry: isLong } = await readOptions(c.req.raw);
    const { user, hasSecondFactor } = await signIn.check({ email, password, code }, c.env.address);
    const from = { request: c.req.raw, address: c.env.address };
    const seconds = isLong ? LOGIN_SECONDS_MAX : LOGIN_SECONDS;
    const token = await openLogin(context, user, from, { method: 'password', hasSecondFactor, seconds });
    return new Response(token, { headers: { 'content-type': 'application/jwt' } });
  });

  http.post(`${BASE}/auth/logout`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'person', c.env.address);
    requireLogin(person);
    const { id } = person.via;
    await change(context, person, 'login.delete', { type: 'login', id }, async ({ database, afterCommit }) => {
      await revokeLogins(database, person.user.id, { id });
      afterCommit(() => announceEnded(context.bus, [id]));
    });
    return c.body(null, 202);
  });

  http.get(`${BASE}/users/me`, async (c) => {
    const { user } = await requirePerson(context, c.req.raw, 'person', c.env.address);
    return c.json({ id: user.id, email: user.email, name: user.name });
  });

  http.get(`${BASE}/settings/tokens`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'person', c.env.address);
    requireLogin(person);
    return c.json((await listTokens(person.database, person.user.id)).map(menderToken));
  });

  /** One of Mender's may do all that its owner may. */
  http.post(`${BASE}/settings/tokens`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'person', c.env.address);
    requireLogin(person);
    const { name, expires_in } = readInput(newToken, await readJson(c.req.raw, BODY_BYTES_MAX), '');
    const seconds = expires_in || TOKEN_DAYS_MAX * DAY_SECONDS;
    const { secret } = await change(context, person, 'token.create', { type: 'token', id: '' }, (made) =>
      makeToken(made, person, { name, permissions: [...person.user.access.keys()], seconds }),
    );
    return new Response(secret, { headers: { 'content-type': 'text/plain' } });
  });

  http.delete(`${BASE}/settings/tokens/:id`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'person', c.env.address);
    requireLogin(person);
    const id = readId(c.req.param('id'));
    await change(context, person, 'token.delete', { type: 'token', id }, (made) =>
      removeToken(context, made, person, id),
    );
    return c.body(null, 204);
  });
}

function menderToken({ id, name, createdAt, lastUsedAt, expiresAt }: TokenRecord): object {
  return {
    id,
    name,
    created_ts: createdAt.toISOString(),
    expiration_date: expiresAt.toISOString(),
    ...(lastUsedAt ? { last_used: lastUsedAt.toISOString() } : {}),
  };
}

async function readOptions(request: Request): Promise<z.infer<typeof loginOptions>> {
  const bytes = await readBytes(request, BODY_BYTES_MAX);
  return bytes.length === 0 ? {} : readInput(loginOptions, parseJson(bytes), '');
}

/** The two halves of `Authorization: Basic …` (RFC 7617), in UTF-8. */
function basicCredentials(header: string | undefined): [string, string] {
  const text = Buffer.from(/^Basic\s+(\S+)$/i.exec(header ?? '')?.[1] ?? '', 'base64').toString();
  const at = text.indexOf(':');
  if (at < 0 || text.includes('\0'))
    throw new LovelyError('bad-credentials', 'Send the e-mail address and password as Basic authorization.');
  return [text.slice(0, at), text.slice(at + 1)];
}
