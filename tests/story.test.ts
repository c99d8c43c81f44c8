/** The whole story in a real browser: set up, join, accept, red, green, terminal, and a server killed in the middle. */
import { expect } from 'bun:test';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openBrowser } from './harness/browser.ts';
import { TestGateway } from './harness/gateway.ts';
import { TestServer } from './harness/server.ts';
import { smallDisk } from './harness/small-disk.ts';
import { until } from './harness/wait.ts';
import { testWith } from './tools.ts';

const STEP_MS = 20_000;
const PASSWORD = 'seven lovely houses by the sea';

testWith('chromium')(
  'somebody sets up the system, a house turns red and green, and a killed server loses nothing',
  async () => {
    await using server = await TestServer.start({ admin: false });
    await using disk = await smallDisk();
    await using browser = await openBrowser(server.localUrl);
    const { page, picture } = browser;
    page.setDefaultTimeout(STEP_MS);

    // The first administrator, with the link that the server printed.
    const [, link] = await server.process.line(/^set up (\S+)$/m);
    await page.goto(link!);
    await page.getByLabel('Your name').fill('Ada Lovelace');
    await page.getByLabel('E-mail').fill('ada@example.com');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await picture('01-set-up');
    await page.getByRole('button', { name: 'Make administrator' }).click();
    await page.getByRole('heading', { name: 'Connect your first home' }).waitFor();
    await picture('02-connect');
    expect(await page.getByText(`--server ${server.url}`).count()).toBeGreaterThan(0);

    // A real gateway calls; its fingerprint is compared and accepted.
    await using gateway = await TestGateway.start(server, {
      serial: 'lighthouse',
      args: ['--disks', disk.path, '--sample-interval-ms', '250'],
    });
    const [fingerprint] = await gateway.process.line(/[0-9a-f]{2}(:[0-9a-f]{2}){31}/);
    await page.getByRole('button', { name: 'Accept' }).waitFor();
    expect((await page.locator('main').innerText()).replaceAll(/[\s:]/g, '')).toContain(
      fingerprint.replaceAll(':', ''),
    );
    await picture('03-accept');
    await page.getByRole('button', { name: 'Accept' }).click();

    // It gets its place on the map.
    await page.getByLabel('Town').fill('Lisbon');
    await page
      .getByRole('option', { name: /Lisbon.*Portugal/ })
      .first()
      .click();
    await page.getByRole('button', { name: 'Put it on the map' }).click();
    await page.getByText('This home is connected').waitFor();
    await picture('04-placed');
    await page.getByRole('link', { name: 'See it on the map' }).click();

    // Green on the map, and in the list of houses in view.
    await page.goto(`${server.localUrl}/?list=true`);
    const row = page.locator('tr[data-house]');
    await page.locator('tr[data-house][data-health="ok"]').waitFor();
    await picture('05-green');
    await row.getByRole('button', { name: 'lighthouse' }).click();
    const panel = page.getByRole('region', { name: 'House lighthouse' });
    await panel.waitFor();
    await picture('06-house');

    // A real problem: the disk fills up. Red, with text and suggestion.
    await writeFile(join(disk.path, 'ballast'), Buffer.alloc(disk.bytes * 0.97));
    await page.locator('tr[data-house][data-health="critical"]').waitFor();
    await panel.getByRole('heading', { name: 'Disk almost full' }).waitFor();
    expect(await panel.innerText()).toContain(disk.path);
    expect(await panel.innerText()).toContain('What to do');
    await picture('07-red');

    // Mended: green.
    await rm(join(disk.path, 'ballast'));
    await page.locator('tr[data-house][data-health="ok"]').waitFor();
    await picture('08-green-again');

    // A terminal with a real shell.
    await panel.getByRole('link', { name: 'Terminal' }).click();
    await page.locator('output', { hasText: 'Connected' }).waitFor();
    const screen = page.locator('.xterm-screen');
    const shown = async (): Promise<string> =>
      (await page.locator('.xterm-rows').innerText()).replaceAll('\u00a0', ' ');
    await screen.click();
    await page.keyboard.type('echo "grüße $((40+2))"; stty size\n');
    await until('the shell answers', async () => /grüße 42\s/.test(await shown()));
    await page.keyboard.type('sleep 1000\n');
    await until('sleep runs', async () => (await shown()).includes('sleep 1000'));
    await page.keyboard.press('Control+c');
    await until('Ctrl-C ends it', async () => (await shown()).includes('^C'));
    await picture('09-terminal');

    // The server is killed while the disk fills; what the gateway had to say comes through all the same.
    server.process.signal('SIGKILL');
    await server.process.exited;
    await page
      .getByText(/reconnecting|data from/i)
      .first()
      .waitFor();
    await picture('10-server-gone');
    await writeFile(join(disk.path, 'ballast'), Buffer.alloc(disk.bytes * 0.97));
    await gateway.process.line(/alert raised/);
    await server.restart();
    await page.goto(`${server.localUrl}/?list=true`);
    await page.locator('tr[data-house][data-health="critical"]').waitFor();
    await picture('11-back');

    expect(browser.complaints).toEqual([]);
    expect(server.process.output()).not.toContain(PASSWORD);
  },
  240_000,
);
