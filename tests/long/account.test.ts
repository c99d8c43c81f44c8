/** People and their accounts, in a real browser: coming in, second factors, passkeys, invitations and new passwords. */
import { afterAll, beforeAll, expect } from 'bun:test';
import { ApiError, call, createLogin, createPasswordReset, updateOwnTenant } from '@lovely/api';
import type { Page } from 'playwright-core';
import { authenticatorCode } from '../harness/authenticator.ts';
import { openBrowser } from '../harness/browser.ts';
import { addPerson, invite, localLink, type TestPerson } from '../harness/people.ts';
import { TestServer } from '../harness/server.ts';
import { until } from '../harness/wait.ts';
import { testWith } from '../tools.ts';

const TEST_MS = 180_000;
const STEP_MS = 30_000;
const TABS_MAX = 80;
const NEW_PASSWORD = 'a quiet lighthouse keeps nine ravens';

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

testWith('chromium')(
  'somebody turns codes on and signs in with them, by keyboard alone',
  async () => {
    const ada = await addPerson(server, 'Ada Keys', 'operator');
    await using browser = await openBrowser(server.localUrl);
    const { page, picture } = browser;
    page.setDefaultTimeout(STEP_MS);
    await page.goto(`${server.localUrl}/settings/security`);
    await page.getByLabel('E-mail').waitFor();
    await typePassword(page, ada);
    await page.getByRole('heading', { name: 'Security' }).waitFor();

    // Codes of an app: the key that is shown as text is typed into the app.
    await press(page, 'Set up…');
    await page.getByText('Can’t scan it?').waitFor();
    const secret = (await page.getByRole('button', { name: 'Copy the key' }).locator('code').innerText()).trim();
    await picture('account-codes');
    await page.keyboard.type('000000\n');
    await page.getByRole('alert').waitFor();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type(`${authenticatorCode(secret)}\n`);
    await page.getByRole('heading', { name: 'Keep your recovery codes' }).waitFor();
    const recoveryCodes = await page.getByRole('dialog').getByRole('listitem').allInnerTexts();
    expect(new Set(recoveryCodes).size).toBe(10);
    await picture('account-recovery-codes');
    await page.keyboard.press('Escape');
    expect(await page.getByRole('dialog').count()).toBe(1);
    await press(page, 'I have kept them');
    await page.getByText('10 recovery codes left').waitFor();

    // Signing in takes a code now; a wrong one is refused, the right one leads where the person wanted to go.
    await signOut(page, 'Ada Keys');
    await page.goto(`${server.localUrl}/alerts`);
    await page.getByLabel('E-mail').waitFor();
    await typePassword(page, ada);
    await page.getByLabel('Code').waitFor();
    await picture('account-code');
    await page.keyboard.type('000000');
    await page.getByText('That code is wrong').waitFor();
    await page.keyboard.type(authenticatorCode(secret, 1));
    await page.getByRole('heading', { name: 'Alerts' }).waitFor();

    // Without the phone a recovery code does, once.
    for (const [code, isGood] of [
      [recoveryCodes[0]!, true],
      [recoveryCodes[0]!, false],
      [recoveryCodes[1]!, true],
    ] as const) {
      if (await page.getByRole('navigation', { name: 'Main' }).count()) await signOut(page, 'Ada Keys');
      await page.goto(`${server.localUrl}/sign-in?next=%2Falerts`);
      await page.getByLabel('E-mail').waitFor();
      await typePassword(page, ada);
      await page.getByLabel('Code').waitFor();
      await press(page, 'Use a recovery code');
      await page.getByLabel('Recovery code').waitFor();
      await page.keyboard.type(`${code}\n`);
      if (isGood) await page.getByRole('heading', { name: 'Alerts' }).waitFor();
      else await page.getByText('That code is wrong').waitFor();
    }
    expect(browser.complaints).toEqual([]);
  },
  TEST_MS,
);

testWith('chromium')(
  'a passkey is added with a name, signs its owner in, and is no good once it is removed',
  async () => {
    const grace = await addPerson(server, 'Grace Passkey', 'viewer');
    await using browser = await openBrowser(server.localUrl, { theme: 'light' });
    const { page, picture } = browser;
    page.setDefaultTimeout(STEP_MS);
    const devTools = await page.context().newCDPSession(page);
    await devTools.send('WebAuthn.enable');
    const { authenticatorId } = await devTools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
      },
    });
    await page.goto(`${server.localUrl}/settings/security`);
    await page.getByLabel('E-mail').waitFor();
    await typePassword(page, grace);
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByLabel('Name').fill('Work laptop');
    await page.keyboard.press('Enter');
    await page.getByText('Work laptop can sign you in now.').waitFor();
    // The focus is back where the dialog was opened from.
    await page.getByRole('button', { name: 'Add a passkey' }).and(page.locator(':focus')).waitFor();
    await picture('account-passkey');

    await signOut(page, 'Grace Passkey');
    const entered = page.getByRole('heading', { name: 'Devices', level: 1 });
    await page.goto(`${server.localUrl}/sign-in?next=%2Fdevices`);
    // The browser may offer the passkey by itself; who doesn't wait for that presses the button.
    const button = page.getByRole('button', { name: 'Sign in with a passkey' });
    await button.or(entered).first().waitFor();
    await button.click({ timeout: 2_000 }).catch(() => undefined);
    await entered.waitFor();

    await page.goto(`${server.localUrl}/settings/security`);
    await page
      .getByText('used now')
      .or(page.getByText(/used \d+ s ago/))
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'What to do with Work laptop' }).click();
    await page.getByRole('menuitem', { name: 'Remove…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('Work laptop is removed.').waitFor();
    const { credentials } = await devTools.send('WebAuthn.getCredentials', { authenticatorId });
    expect(credentials).toHaveLength(1);
    await signOut(page, 'Grace Passkey');
    await page.goto(`${server.localUrl}/sign-in`);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByRole('alert').waitFor();
    expect(new URL(page.url()).pathname).toBe('/sign-in');
  },
  TEST_MS,
);

testWith('chromium')(
  'an invitation makes a viewer who sees no more than a viewer may, and its link works once',
  async () => {
    const link = await invite(server, 'ida@example.com', 'viewer');
    await using browser = await openBrowser(server.localUrl, { width: 390, height: 844 });
    const { page, picture } = browser;
    page.setDefaultTimeout(STEP_MS);
    await page.goto(link);
    await page.getByRole('heading', { name: /^Join / }).waitFor();
    expect(await page.getByLabel('E-mail').inputValue()).toBe('ida@example.com');
    await page.getByLabel('Your name').fill('Ida Rhodes');
    await page.getByLabel('Password', { exact: true }).fill(NEW_PASSWORD);
    await picture('account-invitation');
    await page.keyboard.press('Enter');
    await page.getByText('Houses light up here as soon as').waitFor();
    expect(page.url()).not.toContain('#');
    expect(await page.getByRole('link', { name: /Connect/ }).count()).toBe(0);
    await page.goto(`${server.localUrl}/settings`);
    const settings = page.getByRole('navigation', { name: 'Settings' });
    await settings.waitFor();
    expect(await settings.getByRole('link', { name: 'Security' }).count()).toBe(1);
    expect(await settings.getByRole('link', { name: 'Roles' }).count()).toBe(0);

    await page.goto('about:blank');
    await page.goto(link);
    await page.getByText('This link works no more').waitFor();
    await picture('account-invitation-used');
  },
  TEST_MS,
);

testWith('chromium')(
  'a link sets a new password, and the old one is refused in words that name no field',
  async () => {
    const lin = await addPerson(server, 'Lin Reset', 'viewer');
    const { url } = await server.call(createPasswordReset, { params: { id: lin.id } });
    await using browser = await openBrowser(server.localUrl);
    const { page, picture } = browser;
    page.setDefaultTimeout(STEP_MS);
    await page.goto(`${server.localUrl}/sign-in`);
    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    await page.getByRole('heading', { name: 'Forgot your password?' }).waitFor();
    await page.getByLabel('E-mail').fill(lin.email);
    await page.keyboard.press('Enter');
    await page.getByText('Ask an administrator').waitFor();

    await page.goto(localLink(server, url));
    await page.getByLabel('New password').fill('too short');
    expect(await page.getByRole('button', { name: 'Set the password' }).isDisabled()).toBe(true);
    await page.getByLabel('New password').fill(NEW_PASSWORD);
    await picture('account-reset');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await typePassword(page, lin);
    await page.getByText('E-mail and password do not match').waitFor();
    await typePassword(page, { email: lin.email, password: NEW_PASSWORD });
    await page.getByText('No house yet').waitFor();

    await page.goto('about:blank');
    await page.goto(localLink(server, url));
    await page.getByText('This link works no more').waitFor();
  },
  TEST_MS,
);

testWith('chromium')(
  'who guesses passwords is told how long to wait, and the seconds count down',
  async () => {
    const joe = await addPerson(server, 'Joe Guess', 'viewer');
    await using browser = await openBrowser(server.localUrl);
    const { page, picture } = browser;
    page.setDefaultTimeout(STEP_MS);
    await page.goto(`${server.localUrl}/sign-in`);
    await page.getByLabel('E-mail').fill(joe.email);
    await page.getByLabel('Password', { exact: true }).fill(joe.password);
    await guessUntilRefusedFor(8, joe.email);

    // Even the right password has to wait.
    await page.keyboard.press('Enter');
    const wait = page.getByText(/You can try again in \d+:\d\d/);
    await wait.waitFor();
    const signIn = page.getByRole('button', { name: 'Sign in', exact: true });
    expect(await signIn.isDisabled()).toBe(true);
    await picture('account-wait');
    const shown = await wait.innerText();
    await until('a second is gone', async () => (await page.locator('main').innerText()).includes(shown) === false);
    await page.getByText('You can try again now.').waitFor();
    await page.getByLabel('Password', { exact: true }).fill(joe.password);
    await page.keyboard.press('Enter');
    await page.getByRole('navigation', { name: 'Main' }).waitFor();
  },
  TEST_MS,
);

testWith('chromium')(
  'where the organisation asks for a second step, nothing works until there is one',
  async () => {
    await using strict = await TestServer.start();
    const eve = await addPerson(strict, 'Eve Strict', 'operator');
    await strict.call(updateOwnTenant, { body: { settings: { requireSecondFactor: true } } });
    await using browser = await openBrowser(strict.localUrl);
    const { page, picture } = browser;
    page.setDefaultTimeout(STEP_MS);
    await page.goto(`${strict.localUrl}/devices`);
    await page.getByLabel('E-mail').waitFor();
    await typePassword(page, eve);
    await page.getByText('One more thing before you go on').waitFor();
    await picture('account-second-step-needed');
    await page.goto(`${strict.localUrl}/alerts`);
    await page.getByText('One more thing before you go on').waitFor();
    await page.getByRole('button', { name: 'Set up…' }).click();
    const secret = await page.getByRole('button', { name: 'Copy the key' }).locator('code').innerText();
    await page.getByLabel('Code', { exact: true }).fill(authenticatorCode(secret));
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'I have kept them' }).click();
    await page.getByText('One more thing before you go on').waitFor({ state: 'detached' });
    await page.goto(`${strict.localUrl}/devices`);
    await page.getByRole('heading', { name: 'Devices', level: 1 }).waitFor();
  },
  TEST_MS,
);

/** Guesses as a program does, until the server wants a wait of so many seconds. */
async function guessUntilRefusedFor(seconds: number, email: string): Promise<void> {
  for (;;) {
    const error = await call((url, init) => fetch(url, init), server.localUrl, createLogin, {
      body: { email, password: 'not the password' },
    }).catch((thrown: unknown) => thrown);
    if (!(error instanceof ApiError)) throw new Error('a guess was right', { cause: error });
    const waitSeconds = error.retryAfterSeconds ?? 0;
    if (waitSeconds >= seconds) return;
    await Bun.sleep(waitSeconds * 1000);
  }
}

/** Fills the form of the sign-in page by keyboard: the e-mail field has the focus already. */
async function typePassword(page: Page, { email, password }: Pick<TestPerson, 'email' | 'password'>): Promise<void> {
  await page.getByLabel('E-mail').focus();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type(email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
}

/** Goes from control to control with Tab, and presses the one with this name. */
async function press(page: Page, name: string): Promise<void> {
  const control = page.getByRole('button', { name });
  await control.waitFor();
  for (let tabs = 0; tabs < TABS_MAX; tabs++) {
    if ((await control.and(page.locator(':focus')).count()) === 1) return await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never reaches ${name}`);
}

async function signOut(page: Page, name: string): Promise<void> {
  await press(page, `Account of ${name}`);
  const item = page.getByRole('menuitem', { name: 'Sign out' }).and(page.locator(':focus'));
  await until('the arrow reaches it', async () => {
    await page.keyboard.press('ArrowDown');
    return (await item.count()) === 1;
  });
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
}
