/** People of the first tenant, made as an administrator makes them: by an invitation that they accept. */
import { acceptInvitation, call, createInvitation, type BuiltInRoleId } from '@lovely/api';
import type { TestServer } from './server.ts';

export interface TestPerson {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly password: string;
}

/** The link of an invitation, as the administrator copies it, on the plain address of a browser on this machine. */
export async function invite(server: TestServer, email: string, roleId: BuiltInRoleId): Promise<string> {
  const { url } = await server.call(createInvitation, { body: { email, grants: [{ roleId, groupIds: null }] } });
  return localLink(server, url);
}

export async function addPerson(server: TestServer, name: string, roleId: BuiltInRoleId): Promise<TestPerson> {
  const email = `${name.toLowerCase().replaceAll(' ', '.')}@example.com`;
  const password = `seven lamps for ${crypto.randomUUID()}`;
  const code = new URL(await invite(server, email, roleId)).hash.slice(1);
  const user = await call((url, init) => fetch(url, init), server.localUrl, acceptInvitation, {
    body: { code, name, password },
  });
  return { id: user.id, email, name, password };
}

/** Links name the https address; the browser of a test uses the plain one of this machine. */
export function localLink(server: TestServer, link: string): string {
  const { pathname, hash } = new URL(link);
  return `${server.localUrl}${pathname}${hash}`;
}
