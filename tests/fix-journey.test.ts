/** A red house in a real browser: a fix that does not help says so, the next one makes the house green. */
import { createFix, getDevice, updateDevice } from '@lovely/api';
import { expect } from 'bun:test';
import { openBrowser } from './harness/browser.ts';
import { TestGateway } from './harness/gateway.ts';
import { ADMIN, TestServer } from './harness/server.ts';
import { until } from './harness/wait.ts';
import { PROGRAM, startByHand, temporaryProgram } from './harness/watched-program.ts';
import { testWith } from './tools.ts';

const STEP_MS = 90_000;

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
