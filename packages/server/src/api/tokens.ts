/** Personal access tokens of whoever is signed in. */
import { createToken, deleteToken, listTokens, type Permission, type Token } from '@lovely/api';
import { createAccessToken, hashAccessToken } from '../domain/access-token.ts';
import { LovelyError } from '../errors.ts';
import * as tokens from '../store/tokens.ts';
import type { Change } from './change.ts';
import type { ApiContext, Person } from './context.ts';
import { announceEnded } from './open-sockets.ts';
import { route, type Http } from './route.ts';

const DAY_SECONDS = 24 * 3600;

export function routeTokens(http: Http, context: ApiContext): void {
  route(http, context, listTokens, async ({ database, person }) => ({
    items: (await tokens.listTokens(database, person.user.id)).map(publicToken),
  }));

  route(http, context, createToken, async (call) => {
    const { name, permissions, expiresInDays } = call.body;
    const made = await makeToken(call, call.person, { name, permissions, seconds: expiresInDays * DAY_SECONDS });
    return { ...publicToken(made.token), secret: made.secret };
  });

  route(http, context, deleteToken, async (call) => {
    await removeToken(context, call, call.person, call.params.id);
    return undefined;
  });
}

/** Makes a token; nobody gives one more than they hold. Throws 'not-allowed' or 'limit-reached'. */
export async function makeToken(
  { database, audit }: Pick<Change, 'database' | 'audit'>,
  { user, may }: Person,
  { name, permissions, seconds }: { name: string; permissions: readonly Permission[]; seconds: number },
): Promise<{ token: tokens.TokenRecord; secret: string }> {
  audit({ object: { type: 'token', id: '', name } });
  const beyond = permissions.find((permission) => !may(permission));
  if (beyond || permissions.length === 0)
    throw new LovelyError('not-allowed', `A token may do no more than its owner${beyond ? `: not ${beyond}` : ''}.`);
  const secret = createAccessToken();
  const token = await tokens.insertToken(database, {
    tenantId: user.tenant.id,
    userId: user.id,
    name,
    hash: hashAccessToken(secret),
    permissions: [...new Set(permissions)],
    seconds,
  });
  if (!token) throw new LovelyError('limit-reached', 'You have as many access tokens as there may be. Delete some.');
  audit({
    object: { type: 'token', id: token.id, name },
    details: { permissions: token.permissions, expiresAt: token.expiresAt.toISOString() },
  });
  return { token, secret };
}

/** Deletes a token of a person and ends what is open for it. Throws 'not-found'. */
export async function removeToken(
  context: Pick<ApiContext, 'bus'>,
  { database, audit, afterCommit }: Pick<Change, 'database' | 'audit' | 'afterCommit'>,
  { user }: Person,
  id: string,
): Promise<void> {
  const name = await tokens.deleteToken(database, user.id, id);
  if (name === undefined) throw new LovelyError('not-found');
  audit({ object: { type: 'token', id, name } });
  afterCommit(() => announceEnded(context.bus, [id]));
}

function publicToken({ id, name, permissions, createdAt, lastUsedAt, expiresAt }: tokens.TokenRecord): Token {
  return {
    id,
    name,
    permissions,
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    expiresAt: expiresAt.toISOString(),
  };
}
