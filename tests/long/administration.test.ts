/** Who may see what, as administrators set it up in a real browser: a group by filter, an invitation limited to it, the log. */
import { expect } from 'bun:test';
import { generateKeyPairSync } from 'node:crypto';
import { preauthorizeDevice } from '@lovely/api';
import type { Page } from 'playwright-core';
import { openBrowser } from '../harness/browser.ts';
import { localLink } from '../harness/people.ts';
import { ADMIN, TestServer } from '../harness/server.ts';
import { testWith } from '../tools.ts';

const TEST_MS = 300_000;
const STEP_MS = 40_000;
const PASSWORD = 'nine herons over the harbour';

testWith('chromium')(
  'somebody who is invited as viewer of a group sees its house and nothing else, and the log tells how that came',
  async () => {
    await using server = await TestServer.start();
    await addHouse(server, 'Villa Rossi', ['milan']);
    const other = await addHouse(server, 'Casa Neri', ['lisbon']);
    await using browser = await openBrowser(server.localUrl);
    const { page, picture } = browser;
    page.setDefaultTimeout(STEP_MS);
    await page.goto(`${server.localUrl}/settings/groups`);
    await signIn(page);

    // A group that a filter fills: the count is there while it is written.
    await page.getByRole('heading', { name: 'Groups', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'New group' }).first().click();
    await page.getByLabel('Name', { exact: true }).fill('Milan');
    await page.getByText('A filter chooses them').click();
    await page.getByRole('combobox', { name: 'Value of condition 1' }).fill('milan');
    await page.getByText('1 house now').waitFor();
    await picture('administration-filter');
    await page.getByRole('button', { name: 'Make the group' }).click();
    await page.getByRole('heading', { name: 'Milan', level: 1 }).waitFor();
    await page.getByRole('link', { name: 'Villa Rossi' }).waitFor();
    expect(await page.getByRole('link', { name: 'Casa Neri' }).count()).toBe(0);

    // An invitation as viewer of that group; the link is shown once.
    await page.goto(`${server.localUrl}/settings/people`);
    await page.getByRole('button', { name: 'Invite' }).click();
    await page.getByLabel('E-mail').fill('vera@example.com');
    await page.getByLabel('Role 1', { exact: true }).selectOption({ label: 'Viewer' });
    await page.getByLabel('Where role 1 holds').selectOption({ label: 'some groups' });
    await page.getByRole('combobox', { name: 'Groups of role 1' }).click();
    await page.getByRole('option', { name: 'Milan' }).click();
    await page.getByRole('button', { name: 'Make the invitation' }).click();
    const link = await page.getByRole('textbox', { name: 'Link' }).inputValue();
    await page.getByText('No e-mail was sent').waitFor();
    await picture('administration-invitation');

    // She sees her house, no other, and no button that she could not use.
    await using guest = await openBrowser(server.localUrl, { width: 390, height: 844, theme: 'light' });
    guest.page.setDefaultTimeout(STEP_MS);
    await guest.page.goto(localLink(server, link));
    await guest.page.getByLabel('Your name').fill('Vera Rubin');
    await guest.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await guest.page.keyboard.press('Enter');
    await guest.page.getByRole('navigation', { name: 'Main' }).waitFor();
    await guest.page.goto(`${server.localUrl}/devices`);
    await guest.page.getByRole('link', { name: 'Villa Rossi' }).waitFor();
    expect(await guest.page.getByText('Casa Neri').count()).toBe(0);
    expect(await guest.page.getByRole('checkbox').count()).toBe(0);
    expect(await guest.page.getByRole('link', { name: /Pre-authorise|Connect a home/ }).count()).toBe(0);
    await guest.picture('administration-viewer');
    await guest.page.goto(`${server.localUrl}/devices/${other}`);
    await guest.page.getByText('Nothing is at this address').waitFor();
    await guest.page.goto(`${server.localUrl}/settings`);
    const settings = guest.page.getByRole('navigation', { name: 'Settings' });
    await settings.getByRole('link', { name: 'Groups' }).waitFor();
    expect(await settings.getByRole('link', { name: /People|Roles|Join codes|Audit|Webhooks/ }).count()).toBe(0);

    // Her page says what she can do, in all and with one house.
    await page.goto(`${server.localUrl}/settings/people`);
    await page.getByRole('link', { name: 'Vera Rubin' }).click();
    await page.getByText('only in Milan').waitFor();
    await page.getByLabel('Ask about one house').first().fill('Casa');
    await page.getByRole('option', { name: /Casa Neri/ }).click();
    const sees = page.getByRole('row', { name: /See houses/ });
    await sees.getByText('no', { exact: true }).waitFor();
    await picture('administration-person');

    // The log knows it all, and holds.
    await page.goto(`${server.localUrl}/settings/audit`);
    await page.getByLabel('Any action').selectOption('group.create');
    await page.locator('summary', { hasText: ADMIN.email }).filter({ hasText: 'Milan' }).click();
    await page.getByRole('definition').filter({ hasText: '127.0.0.1' }).waitFor();
    await page.getByRole('button', { name: 'Verify chain' }).click();
    await page.getByText('The chain holds').waitFor();
    await picture('administration-audit');

    expect(browser.complaints).toEqual([]);
    expect(guest.complaints).toEqual([]);
  },
  TEST_MS,
);

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('E-mail').fill(ADMIN.email);
  await page.getByLabel('Password', { exact: true }).fill(ADMIN.password);
  await page.keyboard.press('Enter');
}

/** A house whose gateway has not called yet; returns its id. */
async function addHouse(server: TestServer, name: string, tags: string[]): Promise<string> {
  const publicKey = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const device = await server.call(preauthorizeDevice, {
    body: { identity: { serial: name }, publicKey, name, tags },
  });
  return device.id;
}
