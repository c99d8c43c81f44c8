/** Join codes of the own tenant. */
import { createJoinCode, deleteJoinCode, listJoinCodes, type JoinCode } from '@lovely/api';
import * as codes from '../domain/join-code.ts';
import * as store from '../store/join-codes.ts';
import { requireAllDevices } from './change.ts';
import type { ApiContext } from './context.ts';
import { route, type Http } from './route.ts';

export function routeJoinCodes(http: Http, context: ApiContext): void {
  route(http, context, listJoinCodes, async ({ person, database }) => ({
    items: await store.listJoinCodes(database, person.tenantId),
  }));

  route(http, context, createJoinCode, async ({ person, database, body, audit }) => {
    // Nobody hands out with a code what they may not do themselves.
    if (body.accept) requireAllDevices(person, 'device.accept');
    const code = codes.createJoinCode();
    const codeHash = codes.joinCodeHash(code);
    const joinCode = await store.insertJoinCode(database, person.tenantId, { ...body, codeHash });
    audit({ object: objectOf(joinCode), before: {}, after: described(joinCode) });
    return { joinCode, code, payload: codes.joinPayload(context.publicUrl, code, context.caFingerprint) };
  });

  route(http, context, deleteJoinCode, async ({ person, database, params, audit }) => {
    const joinCode = await store.deleteJoinCode(database, person.tenantId, params.id);
    audit({ object: objectOf(joinCode), before: described(joinCode), after: {} });
    return undefined;
  });
}

function objectOf({ id, name }: JoinCode) {
  return { type: 'join-code', id, name };
}

function described({ name, expiresAt, uses, usesMax, accept, groupId, tags }: JoinCode) {
  return { name, expiresAt, uses, usesMax, accept, groupId, tags };
}
