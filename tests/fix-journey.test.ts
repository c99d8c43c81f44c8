/** Red houses in a real browser: a fix that does not help says so, one that helps makes them green, one or all of them. */
import { createFix, getDevice, listAlerts, updateDevice, type Body } from '@lovely/api';
import { expect } from 'bun:test';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { openBrowser } from './harness/browser.ts';
import { TestGateway } from './harness/gateway.ts';
import { ADMIN, TestServer } from './harness/server.ts';
import { until } from './harness/wait.ts';
import { testWith } from './tools.ts';

const STEP_MS = 90_000;
const TABS_MAX = 80;
/** A program of its own name, so that no other process of this machine is meant. */
const PROGRAM = `lss${crypto.randomUUID().slice(0, 8)}`;

testWith('chromium')(
  'a fix that does not help says so, the next one turns the red house green',
  async () => {
    await using server = await TestServer.start();
    await using gateway = await TestGateway.join(server, {
      args: ['--sample-interval-ms', '300', '--watch', PROGRAM],
    });
    await using program = await temporaryProgram();
    const { id } = gateway;
    await server.call(updateDevice, { params: { id }, body: { name: 'Lighthouse' } });
    const health = async (): Promise<string> => (await server.call(getDevice, { params: { id } })).health;
    await until('the house is red', async () => (await health()) === 'critical');

    await using browser = await openBrowser(server.localUrl);
    const { page, picture } = browser;
    page.setDefaultTimeout(STEP_MS);
    await page.goto(`${server.localUrl}/sign-in?next=${encodeURIComponent(`/devices/${id}`)}`);
    await page.getByLabel('E-mail').fill(ADMIN.email);
    await page.getByLabel('Password', { exact: true }).fill(ADMIN.password);
    await page.keyboard.press('Enter');

    // There is no such service to be restarted.
    const restart = page.getByRole('region', { name: 'Fix: Restart the service' });
    await restart.getByText('not tried yet').waitFor();
    await picture('fix-1-red');
    await restart.getByRole('button', { name: 'Run fix' }).click();
    await page.getByText('Everything that is known was tried').waitFor();
    await picture('fix-2-in-vain');
    expect(await health()).toBe('critical');

    // Somebody writes down what helps; it is offered next.
    await server.call(createFix, { body: startByHand(program.script) });
    await page.reload();
    await page.getByText('Try this next').waitFor();
    await page
      .getByRole('region', { name: 'Fix: Start it by hand' })
      .getByRole('button', { name: 'Run fix' })
      .press('Enter');

    // The house is green, and says why.
    await page.getByText('Start it by hand helped').waitFor();
    await page.getByText('Healthy').waitFor();
    await picture('fix-3-green');
    expect(await health()).toBe('ok');
    expect(browser.complaints).toEqual([]);
  },
  400_000,
);

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

function startByHand(content: string): Body<typeof createFix> {
  return {
    rule: 'service-down',
    title: 'Start it by hand',
    steps: ['Starts the program again.'],
    risk: 'low',
    takesMs: 2_000,
    parameters: [],
    actions: [{ kind: 'script', interpreter: 'sh', content, timeoutMs: 20_000 }],
    checkMs: 60_000,
    automatic: { enabled: false, perHouseAndDayMax: 1, perHourMax: 20, minSuccess: 0.7, severities: [], groupIds: [] },
  };
}

/** A script that starts the watched program, which is gone at the end. */
async function temporaryProgram(): Promise<AsyncDisposable & { readonly script: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'lovely-program-'));
  const pidFile = join(folder, 'pid');
  return {
    script: `set -e
cp /bin/sleep '${join(folder, PROGRAM)}'
setsid '${join(folder, PROGRAM)}' 600 >/dev/null 2>&1 </dev/null &
echo $! > '${pidFile}'
echo started
`,
    async [Symbol.asyncDispose]() {
      const pid = Number(await readFile(pidFile, 'utf8').catch(() => '0'));
      if (pid > 0) process.kill(pid, 'SIGKILL');
      await rm(folder, { recursive: true });
    },
  };
}
