/** A fix on all houses with the same problem, in a real browser and without a mouse. */
import { createFix, listAlerts } from '@lovely/api';
import { expect } from 'bun:test';
import type { Locator, Page } from 'playwright-core';
import { openBrowser } from '../harness/browser.ts';
import { TestGateway } from '../harness/gateway.ts';
import { ADMIN, TestServer } from '../harness/server.ts';
import { until } from '../harness/wait.ts';
import { PROGRAM, startByHand, temporaryProgram } from '../harness/watched-program.ts';
import { testWith } from '../tools.ts';

const STEP_MS = 90_000;
const TABS_MAX = 80;

testWith('chromium')(
  'a fix is run on all houses with the problem by keyboard alone, from the inbox to the end',
  async () => {
    await using server = await TestServer.start();
    const args = ['--sample-interval-ms', '300', '--watch', PROGRAM];
    await using one = await TestGateway.start(server, { args });
    await using other = await TestGateway.start(server, { args });
    for (const { serial } of [one, other]) await server.accept(await server.deviceWith(serial));
    await until(
      'both houses are red',
      async () =>
        (await server.call(listAlerts, { query: { rule: 'service-down', state: 'open' } })).items.length === 2,
    );
    await using program = await temporaryProgram();
    await server.call(createFix, { body: startByHand(program.script) });

    await using browser = await openBrowser(server.localUrl);
    const { page, picture } = browser;
    page.setDefaultTimeout(STEP_MS);
    await page.goto(`${server.localUrl}/sign-in?next=%2Falerts`);
    await page.getByLabel('E-mail').fill(ADMIN.email);
    await page.getByLabel('Password', { exact: true }).fill(ADMIN.password);
    await page.keyboard.press('Enter');
    await page.getByText('Service down').first().waitFor();
    await page.keyboard.press('j');
    const fix = page.getByRole('region', { name: 'Fix: Start it by hand' });
    await tabTo(page, fix.getByRole('button', { name: 'Run on all like it' }));
    await page.keyboard.press('Enter');
    const start = page.getByRole('dialog').getByRole('button', { name: 'Start with one house as a test' });
    await until('it is known on how many', () => start.isEnabled());
    await picture('rollout-1-dialog');
    await tabTo(page, start);
    await page.keyboard.press('Enter');
    await page.waitForURL(/fix-rollouts/);
    await page.getByText('Done', { exact: true }).waitFor();
    await picture('rollout-2-done');
    await page
      .getByRole('row', { name: /Helped/ })
      .first()
      .waitFor();
    expect((await server.call(listAlerts, { query: { rule: 'service-down', state: 'open' } })).items).toEqual([]);
    expect(browser.complaints).toEqual([]);
  },
  400_000,
);

/** Presses Tab until this has the focus. */
async function tabTo(page: Page, wanted: Locator): Promise<void> {
  await wanted.waitFor();
  for (let presses = 0; presses < TABS_MAX; presses++) {
    await page.keyboard.press('Tab');
    if (await wanted.evaluate((element) => element === element.ownerDocument.activeElement)) return;
  }
  throw new Error(`${String(wanted)} is not reached by Tab`);
}
