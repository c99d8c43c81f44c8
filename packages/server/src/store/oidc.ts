/** OpenID Connect providers of tenants, who people are there, and browsers that were sent there. */
import { sql } from 'kysely';
import { LovelyError } from '../errors.ts';
import { OIDC_PROVIDERS_MAX, OIDC_START_SECONDS } from '../limits.ts';
import type { Database } from './store.ts';

export interface OidcProviderRecord {
  readonly id: string;
  readonly tenantId: string;
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  /** Sealed. */
  readonly clientSecret: string;
  readonly emailDomains: string[];
  readonly roleForNewPeople: string | null;
  readonly isPublic: boolean;
  readonly version: number;
  readonly createdAt: Date;
}

const selectProviders = (database: Database) =>
  database
    .selectFrom('oidc_providers')
    .select([
      'id',
      'tenant_id as tenantId',
      'name',
      'issuer',
      'client_id as clientId',
      'client_secret as clientSecret',
      'email_domains as emailDomains',
      'role_for_new_people as roleForNewPeople',
      'is_public as isPublic',
      'version',
      'created_at as createdAt',
    ]);

export async function listOidcProviders(database: Database, tenantId: string): Promise<OidcProviderRecord[]> {
  return await selectProviders(database)
    .where('tenant_id', '=', tenantId)
    .orderBy('name')
    .orderBy('id')
    .limit(OIDC_PROVIDERS_MAX)
    .execute();
}

/** Of any tenant: at the door nobody knows yet whose. */
export async function findOidcProvider(database: Database, id: string): Promise<OidcProviderRecord | undefined> {
  return await selectProviders(database).where('id', '=', id).executeTakeFirst();
}

/** Those for the sign-in page: the public ones, and those of the domain. */
export async function listProvidersForLogin(
  database: Database,
  emailDomain: string | undefined,
): Promise<{ id: string; name: string }[]> {
  return await database
    .selectFrom('oidc_providers')
    .select(['id', 'name'])
    .where((eb) =>
      eb.or([
        eb('is_public', '=', true),
        ...(emailDomain === undefined ? [] : [sql<boolean>`email_domains @> array[${emailDomain}]`]),
      ]),
    )
    .orderBy('name')
    .limit(OIDC_PROVIDERS_MAX)
    .execute();
}

/** Returns undefined when the tenant has as many as it may. */
export async function insertOidcProvider(
  database: Database,
  { id, ...provider }: Omit<OidcProviderRecord, 'version' | 'createdAt'>,
): Promise<OidcProviderRecord | undefined> {
  await database.selectFrom('tenants').select('id').where('id', '=', provider.tenantId).forUpdate().execute();
  if ((await listOidcProviders(database, provider.tenantId)).length >= OIDC_PROVIDERS_MAX) return undefined;
  await database
    .insertInto('oidc_providers')
    .values({
      id,
      tenant_id: provider.tenantId,
      name: provider.name,
      issuer: provider.issuer,
      client_id: provider.clientId,
      client_secret: provider.clientSecret,
      email_domains: provider.emailDomains,
      role_for_new_people: provider.roleForNewPeople,
      is_public: provider.isPublic,
    })
    .execute();
  return await findOidcProvider(database, id);
}

/** What the patch doesn't name stays. */
export type OidcProviderPatch = {
  readonly [K in 'name' | 'clientId' | 'clientSecret' | 'emailDomains' | 'roleForNewPeople' | 'isPublic']?:
    | OidcProviderRecord[K]
    | undefined;
};

/** The provider as it is, locked. Throws 'not-found', or 'changed-meanwhile' when it isn't the version that was named. */
export async function lockOidcProvider(
  database: Database,
  tenantId: string,
  id: string,
  ifVersion: number | undefined,
): Promise<OidcProviderRecord> {
  const provider = await selectProviders(database)
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (!provider) throw new LovelyError('not-found');
  if (ifVersion !== undefined && provider.version !== ifVersion) throw new LovelyError('changed-meanwhile');
  return provider;
}

export async function updateOidcProvider(
  database: Database,
  id: string,
  patch: OidcProviderPatch,
): Promise<OidcProviderRecord> {
  const columns = {
    name: patch.name,
    client_id: patch.clientId,
    client_secret: patch.clientSecret,
    email_domains: patch.emailDomains,
    role_for_new_people: patch.roleForNewPeople,
    is_public: patch.isPublic,
  };
  const given = Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined));
  await database
    .updateTable('oidc_providers')
    .set({ ...given, version: sql`version + 1` })
    .where('id', '=', id)
    .execute();
  return await selectProviders(database).where('id', '=', id).executeTakeFirstOrThrow();
}

export async function deleteOidcProvider(database: Database, id: string): Promise<void> {
  await database.deleteFrom('oidc_providers').where('id', '=', id).execute();
}

/** The user who is known by this name at the provider. */
export async function findOidcLink(
  database: Database,
  providerId: string,
  subject: string,
): Promise<string | undefined> {
  const row = await database
    .selectFrom('oidc_links')
    .select('user_id as userId')
    .where('provider_id', '=', providerId)
    .where('subject', '=', subject)
    .executeTakeFirst();
  return row?.userId;
}

export async function insertOidcLink(
  database: Database,
  link: { tenantId: string; providerId: string; subject: string; userId: string },
): Promise<void> {
  await database
    .insertInto('oidc_links')
    .values({
      tenant_id: link.tenantId,
      provider_id: link.providerId,
      subject: link.subject,
      user_id: link.userId,
    })
    .execute();
}

export interface OidcStart {
  readonly tenantId: string;
  readonly providerId: string;
  /** Of the cookie of the browser that was sent away. */
  readonly browserHash: Buffer;
  readonly nonce: string;
  readonly codeVerifier: string;
  readonly redirectUri: string;
}

export async function insertOidcStart(database: Database, stateHash: Buffer, start: OidcStart): Promise<void> {
  await database
    .insertInto('oidc_starts')
    .values({
      state_hash: stateHash,
      tenant_id: start.tenantId,
      provider_id: start.providerId,
      browser_hash: start.browserHash,
      nonce: start.nonce,
      code_verifier: start.codeVerifier,
      redirect_uri: start.redirectUri,
      expires_at: sql<Date>`now() + make_interval(secs => ${OIDC_START_SECONDS})`,
    })
    .execute();
}

/** Takes what was kept for a browser that comes back; nobody can then take it again. */
export async function takeOidcStart(database: Database, stateHash: Buffer): Promise<OidcStart | undefined> {
  return await database
    .deleteFrom('oidc_starts')
    .where('state_hash', '=', stateHash)
    .where('expires_at', '>', sql<Date>`now()`)
    .returning([
      'tenant_id as tenantId',
      'provider_id as providerId',
      'browser_hash as browserHash',
      'nonce',
      'code_verifier as codeVerifier',
      'redirect_uri as redirectUri',
    ])
    .executeTakeFirst();
}

export async function deleteExpiredOidcStarts(database: Database): Promise<void> {
  await database
    .deleteFrom('oidc_starts')
    .where('expires_at', '<', sql<Date>`now()`)
    .execute();
}
