/** What a gateway reports becomes history: over HTTP, for Prometheus, and as charts that grow in a browser. */
import { expect } from 'bun:test';
import { createJoinCode, getDeviceHistory, listDevices, PATHS } from '@lovely/api';
import type { Page } from 'playwright-core';
import { openBrowser } from '../harness/browser.ts';
import { TestGateway } from '../harness/gateway.ts';
import { ADMIN, TestServer } from '../harness/server.ts';
import { until } from '../harness/wait.ts';
import { testWith } from '../tools.ts';

const TEST_MS = 300_000;
const STEP_MS = 60_000;
const DEVICES = { sort: 'createdAt', limit: 10 } as const;

testWith('chromium')(
  'the figures of a gateway are charts that grow, are read by keyboard, and are zoomed into by a drag',
  async () => {
    await using server = await TestServer.start();
    const { code } = await server.call(createJoinCode, {
      body: { name: 'charts', expiresInMinutes: 60, usesMax: 1, accept: true, groupId: null, tags: [] },
    });
    await using _gateway = await TestGateway.start(server, {
      args: ['--join-code', code, '--sample-interval-ms', '500', '--full-report-interval-ms', '1000'],
    });
    const id = await until(
      'a gateway joins',
      async () => (await server.call(listDevices, { query: DEVICES })).items[0]?.id,
      STEP_MS,
    );
    const history = await until(
      'reports are history',
      async () => {
        const found = await server.call(getDeviceHistory, { params: { id }, query: { metrics: 'uptime.seconds' } });
        return found.times.length >= 3 ? found : undefined;
      },
      STEP_MS,
    );
    expect(history).toMatchObject({ resolution: 'raw', series: [{ metric: 'uptime.seconds', kind: 'number' }] });
    const exposition = await server.fetch(PATHS.prometheus, {
      headers: { authorization: `Bearer ${await server.token()}` },
    });
    expect(await exposition.text()).toContain(`lovely_uptime_seconds{device="${id}"`);

    await using browser = await openBrowser(server.localUrl);
    const { page, picture, complaints } = browser;
    page.setDefaultTimeout(STEP_MS);
    await page.goto(`${server.localUrl}/devices/${id}/charts?range=1h`);
    await signIn(page);
    const chart = page.getByRole('figure', { name: 'Up for', exact: true });
    await chart.waitFor();

    // The table for screen readers has what the lines have, and more of it as reports come.
    const table = chart.getByRole('table', { name: 'Up for' });
    const before = await table.textContent();
    await until('the chart grows', async () => (await table.textContent()) !== before, STEP_MS);

    const reader = chart.getByRole('slider');
    await reader.focus();
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    expect(await reader.getAttribute('aria-valuetext')).toMatch(/^\d+ \w+, \d\d:\d\d:\d\d: .* (s|min|h|d)$/);
    await picture('charts');
    await page.keyboard.press('+');
    await page.waitForURL(/[?&]from=\d+&to=\d+/);
    await page.getByRole('button', { name: 'Reset zoom' }).click();
    await page.waitForURL((url) => !url.searchParams.has('from'));

    await chart.scrollIntoViewIfNeeded();
    const box = (await chart.locator('canvas').boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.4, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.7, box.y + 44, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/[?&]from=\d+&to=\d+/);
    expect(complaints).toEqual([]);
  },
  TEST_MS,
);

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('E-mail').fill(ADMIN.email);
  await page.getByLabel('Password', { exact: true }).fill(ADMIN.password);
  await page.keyboard.press('Enter');
}
