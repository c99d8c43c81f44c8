/** Looks at every page with axe and for what its policy refuses, in the themes and widths that are asked for. */
import axe from 'axe-core';
import { openBrowser, type TestBrowser } from './browser.ts';
import { TestGateway } from './gateway.ts';
import { listenForViolations, violations } from './policy.ts';
import { ADMIN, TestServer } from './server.ts';
import { until } from './wait.ts';
import { createGroup, createInvitation, createWebhook, getDevice, listUsers, updateDevice } from '@lovely/api';

const STEP_MS = 40_000;

export const DESK = { theme: 'dark', width: 1440, height: 900 } as const;
export const PHONE = { theme: 'light', width: 390, height: 844 } as const;
type View = typeof DESK | typeof PHONE;

/** What is serious, as text. */
export async function lookAtHouses(views: readonly View[]): Promise<string[]> {
  await using server = await TestServer.start();
  // A program that nobody runs, so that there is an alert to look at.
  await using gateway = await TestGateway.join(server, { args: ['--watch', 'lssnowhere'] });
  const { id } = gateway;
  await until('it is connected', async () => (await server.call(getDevice, { params: { id } })).connected);
  await server.call(updateDevice, { params: { id }, body: { location: { latitude: 38.7, longitude: -9.1 } } });
  const found: string[] = [];
  for (const view of views) {
    await using browser = await openBrowser(server.localUrl, view);
    const check = await checker(browser, server, view.theme, found);
    await check('/sign-in');
    await signIn(browser);
    for (const path of [
      `/?list=true&house=${id}`,
      '/devices',
      `/devices/${id}`,
      '/alerts',
      '/deployments',
      '/devices/pending',
      '/devices/import',
      `/devices/${id}/terminal`,
      `/devices/${id}/inventory`,
      `/devices/${id}/sensors`,
      `/devices/${id}/charts`,
      '/fix-rollouts',
      '/deployments/new',
      `/deployments/new?houses=${id}&step=rollout`,
      '/versions',
      '/software',
      `/devices/${id}/software`,
      `/devices/${id}/configuration`,
      '/connect',
      '/api/docs',
    ])
      await check(path);
  }
  return found;
}

/** What is serious, as text. */
export async function lookAtSettings(views: readonly View[]): Promise<string[]> {
  await using server = await TestServer.start();
  const group = await server.call(createGroup, {
    body: {
      name: 'Accepted',
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
  for (const view of views) {
    await using browser = await openBrowser(server.localUrl, view);
    const check = await checker(browser, server, view.theme, found);
    await browser.page.goto(`${server.localUrl}/sign-in?next=%2Fsettings%2Fabout`);
    await signIn(browser);
    for (const [path, button] of [
      ['/settings'],
      ['/settings/general'],
      ['/settings/people'],
      ['/settings/people', 'Invite'],
      [`/settings/people/${personId}`],
      ['/settings/roles'],
      ['/settings/roles', 'New role'],
      ['/settings/roles/operator'],
      ['/settings/groups'],
      [`/settings/groups/${group.id}`],
      [`/settings/groups/${group.id}`, 'Change the filter'],
      ['/settings/join-codes'],
      ['/settings/join-codes', 'New join code'],
      ['/settings/sign-in-providers'],
      ['/settings/sign-in-providers', 'New provider'],
      ['/settings/certificates'],
      ['/settings/certificates', 'Add an authority'],
      ['/settings/webhooks'],
      ['/settings/webhooks', 'New webhook'],
      [`/settings/webhooks/${webhook.id}`],
      ['/settings/notifications'],
      ['/settings/notifications', 'New policy'],
      ['/settings/notifications?tab=log'],
      ['/settings/rules'],
      ['/settings/rules/new'],
      ['/settings/rules/disk-almost-full'],
      ['/settings/rules/disk-almost-full?tab=versions'],
      ['/settings/fixes'],
      ['/settings/fixes/new?rule=service-down'],
      ['/settings/trusted-keys'],
      ['/settings/trusted-keys', 'Trust a key'],
      ['/settings/configuration'],
      ['/settings/configuration/schemas'],
      ['/settings/configuration/schemas/new'],
      ['/settings/configuration/schemas/client'],
      [`/settings/groups/${group.id}?tab=configuration`],
      ['/settings/audit'],
      ['/settings/tenants'],
      ['/settings/tenants', 'New organisation'],
      ['/settings/about'],
    ] as const)
      await check(path, button);
  }
  return found;
}

/** What is serious, as text. */
export async function lookAtAccount(views: readonly View[]): Promise<string[]> {
  await using server = await TestServer.start();
  const { url } = await server.call(createInvitation, {
    body: { email: 'ida@example.com', grants: [{ roleId: 'viewer', groupIds: null }] },
  });
  const found: string[] = [];
  for (const view of views) {
    await using browser = await openBrowser(server.localUrl, view);
    const check = await checker(browser, server, view.theme, found);
    const invited = `/invite${new URL(url).hash}`;
    for (const path of ['/forgot', '/reset#used', '/invite#used', '/unsubscribe#code', invited]) {
      // A new fragment alone would not load the page again.
      await browser.page.goto('about:blank');
      await check(path);
    }
    await browser.page.goto(`${server.localUrl}/sign-in?next=%2Fsettings%2Fabout`);
    await signIn(browser);
    for (const [path, button] of [
      ['/settings/account'],
      ['/settings/account', 'Change'],
      ['/settings/security'],
      ['/settings/security', 'Change password…'],
      ['/settings/security', 'Set up…'],
      ['/settings/security', 'Add a passkey'],
      ['/settings/security', 'New token'],
    ] as const)
      await check(path, button);
  }
  return found;
}

async function signIn({ page }: TestBrowser): Promise<void> {
  await page.getByLabel('E-mail').fill(ADMIN.email);
  await page.getByLabel('Password', { exact: true }).fill(ADMIN.password);
  await page.keyboard.press('Enter');
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
}

/** Looks at a page, and with `button` at the dialog that it opens; what is serious is added to `found`. */
async function checker(
  browser: TestBrowser,
  server: TestServer,
  theme: string,
  found: string[],
): Promise<(path: string, button?: string) => Promise<void>> {
  const { page, complaints } = browser;
  await listenForViolations(browser);
  page.setDefaultTimeout(STEP_MS);
  let complained = 0;
  return async (path, button) => {
    await page.goto(server.localUrl + path);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await page.waitForLoadState('networkidle');
    if (button !== undefined) {
      await page.getByRole('button', { name: button }).first().click();
      await page.getByRole('dialog').waitFor();
      await page.evaluate('Promise.all(document.getAnimations().map((animation) => animation.finished))');
    }
    const refused = await violations(browser);
    if (refused !== '') found.push(`${path} ${theme}: the policy refused ${refused}`);
    found.push(...complaints.slice(complained).map((complaint) => `${path} ${theme}: ${complaint}`));
    complained = complaints.length;
    await page.evaluate(axe.source);
    // What is right is of no interest, and would be described element by element.
    const results = (await page.evaluate(
      `axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations)`,
    )) as axe.Result[];
    for (const { id, impact, nodes } of results)
      if (impact === 'serious' || impact === 'critical')
        found.push(
          `${path} ${button ?? ''} ${theme}: ${id} at ${nodes.map((node) => node.target.join(' ')).join(', ')}`,
        );
  };
}
