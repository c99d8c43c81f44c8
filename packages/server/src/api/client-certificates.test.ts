/** Client certificates of authorities that openssl made. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CertificateAuthority } from '@lovely/api';
import { createTestPki, type Issued, type TestPki } from './test-pki.ts';
import { startTestApi, type SignedIn, type TestApi } from './test-api.ts';
import { newKey, testGateway, type TestGateway } from './test-gateway.ts';

let api: TestApi;
let folder: string;
let pki: TestPki;
let root: Issued;
let otherRoot: Issued;
let tenantId: string;
let admin: SignedIn;
beforeAll(async () => {
  api = await startTestApi();
  folder = await mkdtemp(join(tmpdir(), 'lovely-pki-'));
  pki = createTestPki(folder);
  root = await pki.root('Factory CA');
  otherRoot = await pki.root('Other CA');
}, 60_000);
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  tenantId = await api.makeTenant(randomUUID());
  admin = await api.signIn(tenantId, [{ roleId: 'administrator', groupIds: null }]);
  await api.context.store.database.deleteFrom('certificate_authorities').execute();
});

const add = (certificate: string, token = admin.token) =>
  api.call(token, 'POST', '/api/v1/certificate-authorities', { certificate });

const gatewayOf = (issued: Issued, serial: string = randomUUID()): TestGateway =>
  testGateway(api, { serial, key: issued.key });

async function statuses(): Promise<string[]> {
  const rows = await api.context.store.database
    .selectFrom('devices')
    .select('status')
    .where('tenant_id', '=', tenantId)
    .execute();
  return rows.map((row) => row.status);
}

async function expectRefused(gateway: TestGateway, chain: string, why: RegExp): Promise<void> {
  const answer = await gateway.ask({ chain });
  expect([answer.status, answer.code]).toEqual([401, 'bad-certificate']);
  expect((JSON.parse(answer.text) as { error: string }).error).toMatch(why);
  const { database } = api.context.store;
  const rows = await database.selectFrom('devices').select('identity').execute();
  expect(rows.filter(({ identity }) => identity.sn === gateway.serial)).toEqual([]);
}

for (const algorithm of ['rsa', 'ec', 'ed25519'] as const)
  test(`a gateway with a certificate of the authority is accepted in its tenant (${algorithm})`, async () => {
    expect((await add(root.certificate)).status).toBe(201);
    const leaf = await pki.device(root, { algorithm });
    const gateway = gatewayOf(leaf);
    expect((await gateway.ask({ chain: leaf.certificate })).status).toBe(200);
    expect(await statuses()).toEqual(['accepted']);
    expect((await gateway.ask()).status).toBe(200);
  });

test('a chain over an authority between leads to the one that is trusted', async () => {
  await add(root.certificate);
  const line = await pki.intermediate(root, 'Line 1');
  const leaf = await pki.device(line);
  expect((await gatewayOf(leaf).ask({ chain: leaf.certificate + line.certificate })).status).toBe(200);
  const other = await pki.device(line);
  expect((await gatewayOf(other).ask({ chain: other.certificate + line.certificate + root.certificate })).status).toBe(
    200,
  );
  const alone = await pki.device(line);
  await expectRefused(gatewayOf(alone), alone.certificate, /No tenant trusts/);
});

test('the certificate must be for the key that signs', async () => {
  await add(root.certificate);
  const leaf = await pki.device(root);
  await expectRefused(testGateway(api, { key: newKey() }), leaf.certificate, /not for the key/);
});

test('an authority that nobody trusts, or one of the same name, vouches for nothing', async () => {
  await add(root.certificate);
  const stranger = await pki.device(otherRoot);
  await expectRefused(gatewayOf(stranger), stranger.certificate + otherRoot.certificate, /No tenant trusts/);
  const impostor = await pki.root('Factory CA');
  const forged = await pki.device(impostor);
  await expectRefused(gatewayOf(forged), forged.certificate + impostor.certificate, /does not lead/);
});

test('what has expired or is not valid yet is refused', async () => {
  await add(root.certificate);
  const expired = await pki.device(root, { days: -1 });
  await expectRefused(gatewayOf(expired), expired.certificate, /expired on/);
  const oldLine = await pki.intermediate(root, 'Old line', { days: -1 });
  const leaf = await pki.device(oldLine);
  await expectRefused(gatewayOf(leaf), leaf.certificate + oldLine.certificate, /Old line expired on/);
});

test('who is no authority, may not sign certificates, or has too many below, vouches for nothing', async () => {
  await add(root.certificate);
  const device = await pki.device(root);
  const child = await pki.device(device);
  await expectRefused(gatewayOf(child), child.certificate + device.certificate, /not a certificate authority’s/);
  const noSigner = await pki.intermediate(root, 'No signer', { keyUsage: 'digitalSignature' });
  const unsigned = await pki.device(noSigner);
  await expectRefused(gatewayOf(unsigned), unsigned.certificate + noSigner.certificate, /may not sign certificates/);
  const short = await pki.intermediate(root, 'Short', { pathLength: 0 });
  const below = await pki.intermediate(short, 'Below');
  const deep = await pki.device(below);
  await expectRefused(
    gatewayOf(deep),
    deep.certificate + below.certificate + short.certificate,
    /allows fewer authorities/,
  );
});

test('a certificate for servers, or an authority’s own, is not a device’s', async () => {
  await add(root.certificate);
  const server = await pki.device(root, { extendedKeyUsage: 'serverAuth' });
  await expectRefused(gatewayOf(server), server.certificate, /not for clients/);
  const line = await pki.intermediate(root, 'Line 2');
  await expectRefused(gatewayOf(line), line.certificate, /authority’s own/);
});

test('a rejected device stays out, however good its certificate is', async () => {
  await add(root.certificate);
  const leaf = await pki.device(root);
  const gateway = gatewayOf(leaf);
  await gateway.ask({ chain: leaf.certificate });
  await api.context.store.database
    .updateTable('auth_sets')
    .set({ status: 'rejected' })
    .where('tenant_id', '=', tenantId)
    .execute();
  expect((await gateway.ask({ chain: leaf.certificate })).code).toBe('not-accepted');
});

test('a new certificate takes an accepted key’s place only if it is made out to the device', async () => {
  await add(root.certificate);
  const serial = randomUUID();
  const first = await pki.device(root, { name: serial });
  await gatewayOf(first, serial).ask({ chain: first.certificate });
  const thief = await pki.device(root, { name: 'somebody-else' });
  expect((await gatewayOf(thief, serial).ask({ chain: thief.certificate })).code).toBe('not-accepted');
  expect((await gatewayOf(first, serial).ask()).status).toBe(200);
  const renewed = await pki.device(root, { name: serial });
  expect((await gatewayOf(renewed, serial).ask({ chain: renewed.certificate })).status).toBe(200);
  expect((await gatewayOf(first, serial).ask()).status).toBe(401);
});

test('where several tenants trust one authority, the join code says which is meant', async () => {
  await add(root.certificate);
  const second = await api.makeTenant(randomUUID());
  const other = await api.signIn(second, [{ roleId: 'administrator', groupIds: null }]);
  await add(root.certificate, other.token);
  const leaf = await pki.device(root);
  const gateway = gatewayOf(leaf);
  await expectRefused(gateway, leaf.certificate, /Several tenants/);
  const made = await api.call(admin.token, 'POST', '/api/v1/join-codes', { name: 'x', expiresInMinutes: null });
  const { code } = (await made.json()) as { code: string };
  expect((await gateway.ask({ code, chain: leaf.certificate })).status).toBe(200);
  expect(await statuses()).toEqual(['accepted']);
});

test('a proxy’s header counts as the chain does', async () => {
  await add(root.certificate);
  const leaf = await pki.device(root);
  const der = leaf.certificate.replace(/-----[^-]+-----|\s/g, '');
  expect((await gatewayOf(leaf).ask({ headers: { 'client-cert': `:${der}:` } })).status).toBe(200);
});

test('authorities are listed with what a person checks, added once, and belong to their tenant', async () => {
  const made = (await (await add(root.certificate)).json()) as CertificateAuthority;
  expect(made.subject).toBe('CN=Factory CA');
  expect(made.fingerprint).toBe(await pki.fingerprint(root));
  expect((await add(root.certificate)).status).toBe(409);
  const leaf = await pki.device(root);
  for (const bad of ['x', leaf.certificate, root.certificate + otherRoot.certificate])
    expect((await add(bad)).status).toBe(422);
  const stranger = await api.signIn(await api.makeTenant(randomUUID()), [{ roleId: 'administrator', groupIds: null }]);
  const path = `/api/v1/certificate-authorities/${made.id}`;
  expect((await api.call(stranger.token, 'DELETE', path)).status).toBe(404);
  expect((await api.call(admin.token, 'DELETE', path)).status).toBe(204);
  const late = await pki.device(root);
  await expectRefused(gatewayOf(late), late.certificate, /No tenant trusts/);
});
