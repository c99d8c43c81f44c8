/** Debian's Chromium, with nothing but our own server to talk to. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { requireTool } from '../tools.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--ignore-gpu-blocklist',
];

export interface TestBrowser extends AsyncDisposable {
  readonly page: Page;
  /** What the pages did that they should not: errors in the console, requests to other hosts. */
  readonly complaints: readonly string[];
  /** Keeps a picture for people to look at, where SCREENSHOTS names a folder. */
  picture(name: string): Promise<void>;
}

export async function openBrowser(
  origin: string,
  { width = 1440, height = 900, theme = 'dark' }: { width?: number; height?: number; theme?: 'dark' | 'light' } = {},
): Promise<TestBrowser> {
  const profile = await mkdtemp(join(tmpdir(), 'lovely-chromium-'));
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    executablePath: requireTool('chromium'),
    headless: true,
    args: FLAGS,
    viewport: { width, height },
    colorScheme: theme,
    ignoreHTTPSErrors: true,
  });
  const complaints: string[] = [];
  const page = context.pages()[0] ?? (await context.newPage());
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource|WebSocket connection/.test(message.text()))
      complaints.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (/^(https?|wss?):$/.test(protocol) && host !== new URL(origin).host) complaints.push(`request to ${host}`);
  });
  const pictures = process.env.SCREENSHOTS;
  return {
    page,
    complaints,
    async picture(name) {
      if (pictures === undefined) return;
      await mkdir(pictures, { recursive: true });
      await page.screenshot({ path: join(pictures, `${name}.png`) });
    },
    async [Symbol.asyncDispose]() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
