/** Every page, in both themes and at two widths, has no serious violation that axe can find. */
import { expect } from 'bun:test';
import axe from 'axe-core';
import { openBrowser } from './harness/browser.ts';
import { TestGateway } from './harness/gateway.ts';
import { ADMIN, TestServer } from './harness/server.ts';
import { until } from './harness/wait.ts';
import { createGroup, createInvitation, createWebhook, getDevice, listUsers, updateDevice } from '@lovely/api';
import { testWith } from './tools.ts';

const TEST_MS = 480_000;
const STEP_MS = 40_000;

const VIEWS = [
  { theme: 'dark', width: 1440, height: 900 },
  { theme: 'light', width: 390, height: 844 },
] as const;

testWith('chromium')(
  'axe finds nothing serious on any page',
  async () => {
    await using server = await TestServer.start();
    await using gateway = await TestGateway.start(server);
    const { id } = await server.deviceWith(gateway.serial);
    await server.accept(await server.deviceWith(gateway.serial));
    await until('it is connected', async () => (await server.call(getDevice, { params: { id } })).connected);
    await server.call(updateDevice, { params: { id }, body: { location: { latitude: 38.7, longitude: -9.1 } } });
    const group = await server.call(createGroup, {
      body: {
        name: 'Lisbon',
        description: '',
        filter: { all: [{ scope: 'identity', attribute: 'status', type: '$eq', value: 'accepted' }] },
      },
    });
    await server.call(createInvitation, {
      body: { email: 'ida@example.com', grants: [{ roleId: 'viewer', groupIds: [group.id] }] },
    });
    const { webhook } = await server.call(createWebhook, {
      body: { name: 'Tickets', url: 'https://tickets.example.com', events: ['alert.opened'], enabled: true },
    });
    const { id: personId } = (await server.call(listUsers)).items[0]!;
    const found: string[] = [];
    for (const view of VIEWS) {
      await using browser = await openBrowser(server.localUrl, view);
      const { page } = browser;
      page.setDefaultTimeout(STEP_MS);
      /** With `button`, also what it opens. */
      const check = async (path: string, button?: string): Promise<void> => {
        await page.goto(server.localUrl + path);
        await page.getByRole('heading', { level: 1 }).first().waitFor();
        await page.waitForLoadState('networkidle');
        if (button !== undefined) {
          await page.getByRole('button', { name: button }).first().click();
          await page.getByRole('dialog').waitFor();
          await page.evaluate('Promise.all(document.getAnimations().map((animation) => animation.finished))');
        }
        await page.evaluate(axe.source);
        const { violations } = (await page.evaluate('axe.run()')) as axe.AxeResults;
        for (const { id, impact, nodes } of violations)
          if (impact === 'serious' || impact === 'critical')
            found.push(
              `${path} ${button ?? ''} ${view.theme}: ${id} at ${nodes.map((node) => node.target.join(' ')).join(', ')}`,
            );
      };
      for (const path of ['/sign-in', '/forgot', '/reset#used', '/invite#used']) await check(path);
      await page.goto(`${server.localUrl}/sign-in`);
      await page.getByLabel('E-mail').fill(ADMIN.email);
      await page.getByLabel('Password', { exact: true }).fill(ADMIN.password);
      await page.keyboard.press('Enter');
      await page.getByText('healthy', { exact: true }).waitFor();
      for (const path of [
        '/?list=true',
        `/?house=${id}`,
        '/devices',
        '/devices/pending',
        `/devices/${id}`,
        `/devices/${id}/terminal`,
        `/devices/${id}/inventory`,
        '/alerts',
        '/connect',
        '/devices/import',
        '/settings',
        '/settings/account',
        '/settings/security',
        '/settings/general',
        '/settings/people',
        `/settings/people/${personId}`,
        '/settings/roles',
        '/settings/roles/operator',
        '/settings/groups',
        `/settings/groups/${group.id}`,
        '/settings/join-codes',
        '/settings/sign-in-providers',
        '/settings/certificates',
        '/settings/webhooks',
        `/settings/webhooks/${webhook.id}`,
        '/settings/audit',
        '/settings/tenants',
        '/settings/about',
        '/api/docs',
      ])
        await check(path);
      for (const [path, button] of [
        ['/settings/security', 'Change password…'],
        ['/settings/security', 'Set up…'],
        ['/settings/security', 'Add a passkey'],
        ['/settings/security', 'New token'],
        ['/settings/people', 'Invite'],
        ['/settings/roles', 'New role'],
        [`/settings/groups/${group.id}`, 'Change the filter'],
        ['/settings/join-codes', 'New join code'],
        ['/settings/sign-in-providers', 'New provider'],
        ['/settings/webhooks', 'New webhook'],
        ['/settings/tenants', 'New organisation'],
      ] as const)
        await check(path, button);
    }
    expect(found).toEqual([]);
  },
  TEST_MS,
);
