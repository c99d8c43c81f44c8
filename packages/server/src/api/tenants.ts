/** Tenants: those of the system for its administrators, and the own one. */
import { randomUUID } from 'node:crypto';
import {
  createTenant,
  deleteTenant,
  getOwnTenant,
  getTenant,
  listTenants,
  updateOwnTenant,
  updateTenant,
  type Tenant,
} from '@lovely/api';
import { tenantDeleted } from '../bus/subjects.ts';
import { publishTo } from '../bus/topic.ts';
import { createOneTimeCode } from '../domain/one-time-code.ts';
import { LovelyError } from '../errors.ts';
import { insertInvitation } from '../store/invitations.ts';
import { asSystem } from '../store/scope.ts';
import * as tenants from '../store/tenants.ts';
import type { ApiContext } from './context.ts';
import { announceEnded } from './open-sockets.ts';
import { route, type Http } from './route.ts';

export function routeTenants(http: Http, context: ApiContext): void {
  const { bus, revocations, store } = context;

  // An administrator of the system sees all tenants, which no connection of one tenant does.
  route(http, context, listTenants, ({ query }) => tenants.listTenants(store.database, query));
  route(http, context, getTenant, ({ params }) => tenants.getTenant(store.database, params.id));

  route(http, context, createTenant, async ({ person, database, body, audit }) => {
    const { code, hash: codeHash } = createOneTimeCode();
    const { tenant, invitation } = await asSystem(database, async () => {
      const tenant = await tenants.insertTenant(database, body);
      const invitation = await insertInvitation(database, {
        id: randomUUID(),
        tenantId: tenant.id,
        email: body.administrator,
        grants: [{ roleId: 'administrator', groupIds: null }],
        codeHash,
        invitedBy: person.user,
      });
      return { tenant, invitation };
    });
    audit({ object: objectOf(tenant), before: {}, after: { ...described(tenant), administrator: body.administrator } });
    const url = `${context.publicUrl}/invite#${code}`;
    return { tenant, invitation: { url, expiresAt: invitation.expiresAt } };
  });

  route(http, context, updateTenant, async ({ database, params, body, ifVersion, audit }) => {
    const { before, after } = await asSystem(database, async () => {
      const before = await tenants.getTenant(database, params.id);
      await tenants.updateTenant(database, params.id, body, ifVersion);
      return { before, after: await tenants.getTenant(database, params.id) };
    });
    audit({ object: objectOf(after), before: described(before), after: described(after) });
    return after;
  });

  route(http, context, deleteTenant, async ({ person, database, params, query, audit, afterCommit }) => {
    const tenant = await asSystem(database, async () => {
      const tenant = await tenants.getTenant(database, params.id);
      if (tenant.id === person.tenantId || tenant.id === context.firstTenantId) throw new LovelyError('tenant-needed');
      if (tenant.name !== query.name)
        throw new LovelyError('bad-input', 'This is not the name of the organisation.', { pointer: '/query/name' });
      await tenants.deleteTenant(database, tenant.id);
      return tenant;
    });
    audit({ object: objectOf(tenant), before: { ...described(tenant), usage: tenant.usage }, after: {} });
    afterCommit(() => {
      revocations.voidTenants([tenant.id]);
      publishTo(bus, tenantDeleted, { tenant: tenant.id });
      announceEnded(bus, [tenant.id]);
    });
    return undefined;
  });

  route(http, context, getOwnTenant, ({ person, database }) =>
    tenants.getOwnTenant(database, person.tenantId, person.scope('fleet.read')),
  );

  route(http, context, updateOwnTenant, async ({ person, database, body, ifVersion, audit }) => {
    const before = await tenants.getOwnTenant(database, person.tenantId);
    await tenants.updateTenant(database, person.tenantId, body, ifVersion);
    const after = await tenants.getOwnTenant(database, person.tenantId);
    audit({ object: objectOf(after), before: before.settings, after: after.settings });
    return after;
  });
}

function objectOf({ id, name }: Tenant) {
  return { type: 'tenant', id, name };
}

function described({ name, limits }: Tenant) {
  return { name, ...limits };
}
