/** Keys by which the organisation's software is signed. */
import { createTrustedKey, deleteTrustedKey, listTrustedKeys, updateTrustedKey } from '@lovely/api';
import * as keys from '../store/trusted-keys.ts';
import type { ApiContext } from './context.ts';
import { route, type Http } from './route.ts';

export function routeTrustedKeys(http: Http, context: ApiContext): void {
  route(http, context, listTrustedKeys, async ({ person, database }) => ({
    items: await keys.listTrustedKeys(database, person.tenantId),
  }));

  route(http, context, createTrustedKey, async ({ person, database, body, audit }) => {
    const key = await keys.insertTrustedKey(database, person.tenantId, body);
    audit({ object: objectOf(key), details: { fingerprint: key.fingerprint } });
    return key;
  });

  route(http, context, updateTrustedKey, async ({ person, database, params, body, ifVersion, audit }) => {
    const before = await keys.getTrustedKey(database, person.tenantId, params.id);
    await keys.renameTrustedKey(database, person.tenantId, params.id, body.name, ifVersion);
    const after = await keys.getTrustedKey(database, person.tenantId, params.id);
    audit({ object: objectOf(after), before: { name: before.name }, after: { name: after.name } });
    return after;
  });

  route(http, context, deleteTrustedKey, async ({ person, database, params, ifVersion, audit }) => {
    const key = await keys.getTrustedKey(database, person.tenantId, params.id);
    await keys.deleteTrustedKey(database, person.tenantId, params.id, ifVersion);
    audit({ object: objectOf(key), details: { fingerprint: key.fingerprint } });
    return undefined;
  });
}

function objectOf({ id, name }: { id: string; name: string }) {
  return { type: 'trusted-key', id, name };
}
