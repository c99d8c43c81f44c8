/** Every page, in both themes and at two widths, has no serious violation that axe can find. */
import { expect } from 'bun:test';
import axe from 'axe-core';
import { openBrowser } from './harness/browser.ts';
import { TestGateway } from './harness/gateway.ts';
import { ADMIN, TestServer } from './harness/server.ts';
import { until } from './harness/wait.ts';
import { getDevice, updateDevice } from '@lovely/api';
import { testWith } from './tools.ts';

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
    const found: string[] = [];
    for (const view of VIEWS) {
      await using browser = await openBrowser(server.localUrl, view);
      const { page } = browser;
      const check = async (path: string): Promise<void> => {
        await page.goto(server.localUrl + path);
        await page.getByRole('heading', { level: 1 }).first().waitFor();
        await page.waitForLoadState('networkidle');
        await page.evaluate(axe.source);
        const { violations } = (await page.evaluate('axe.run()')) as axe.AxeResults;
        for (const { id, impact, nodes } of violations)
          if (impact === 'serious' || impact === 'critical')
            found.push(`${path} ${view.theme}: ${id} at ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
      };
      await check('/sign-in');
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
        '/settings',
      ])
        await check(path);
    }
    expect(found).toEqual([]);
  },
  180_000,
);
