/** Software on its way, in a real browser: the wizard by keyboard, a house that fails and says why, a retry that ends well. */
import { createDeployment, deploymentOptions, getDevice, updateDevice } from '@lovely/api';
import { expect } from 'bun:test';
import { openBrowser } from './harness/browser.ts';
import { TestGateway } from './harness/gateway.ts';
import { ADMIN, TestServer } from './harness/server.ts';
import { updateModule, uploadRelease } from './harness/software.ts';
import { until } from './harness/wait.ts';
import { testWith } from './tools.ts';

const STEP_MS = 60_000;
const DAY_MS = 24 * 3600_000;
const DEVICE_TYPE = 'lighthouse-gateway';

testWith('chromium')(
  'a deployment that fails says why, and its retry brings the release once that is mended',
  async () => {
    await using server = await TestServer.start();
    await using module = await updateModule('lamp');
    await module.fill(true);
    await using gateway = await TestGateway.join(server, {
      args: ['--module-dir', module.folder, '--device-type', DEVICE_TYPE],
    });
    const { id } = gateway;
    await server.call(updateDevice, { params: { id }, body: { name: 'Lighthouse' } });
    await until('it is connected', async () => (await server.call(getDevice, { params: { id } })).connected);
    await uploadRelease(server, { name: 'lamp-2', type: 'lamp', deviceType: DEVICE_TYPE, content: 'brighter' });

    await using browser = await openBrowser(server.localUrl);
    const { page, picture } = browser;
    page.setDefaultTimeout(STEP_MS);
    await page.goto(`${server.localUrl}/sign-in?next=%2Fdeployments`);
    await page.getByLabel('E-mail').fill(ADMIN.email);
    await page.getByLabel('Password', { exact: true }).fill(ADMIN.password);
    await page.keyboard.press('Enter');
    await page.getByText('Nothing was rolled out yet').waitFor();

    // Four steps without a mouse; what is missing is told.
    await page.getByRole('link', { name: 'New deployment' }).first().press('Enter');
    await page.getByRole('radio', { name: /lamp-2/ }).waitFor();
    await page.getByRole('button', { name: 'Next' }).press('Enter');
    await page.getByText('Choose the release that houses should run.').waitFor();
    await page.getByRole('radio', { name: /lamp-2/ }).press('Space');
    await page.keyboard.press('Enter');
    await page.getByRole('radio', { name: /All houses/ }).press('Space');
    await page.getByRole('region', { name: 'Dry run' }).getByText('get it').waitFor();
    await picture('deployment-1-houses');
    await page.keyboard.press('Enter');
    await page.getByRole('radio', { name: /All at once/ }).press('Space');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Everything right?' }).waitFor();
    await picture('deployment-2-review');
    await page.getByRole('button', { name: 'Start the deployment' }).press('Enter');

    // It fails there, and says why in words and in the log.
    await page.getByRole('button', { name: 'Retry it' }).waitFor();
    await page.getByRole('link', { name: 'Lighthouse' }).press('Enter');
    const house = page.getByRole('dialog');
    await house.getByText('Rolled back').waitFor();
    await house.getByText('No space left on device').first().waitFor();
    await house.getByRole('region', { name: 'Timeline' }).getByText('Installing').waitFor();
    await picture('deployment-3-failed');
    await page.keyboard.press('Escape');
    await house.waitFor({ state: 'hidden' });

    // There is room again: the failed one is tried once more, and says so on its own page.
    await module.fill(false);
    await page.getByRole('button', { name: 'Retry it' }).press('Enter');
    await page.getByText('It repeats another deployment').waitFor();
    await page.getByText('Finished', { exact: true }).first().waitFor();
    await picture('deployment-4-finished');
    await page.getByRole('link', { name: 'Lighthouse' }).press('Enter');
    await page.getByRole('link', { name: 'All software of this house' }).press('Enter');
    await page.getByText('lamp.version').first().waitFor();
    await picture('deployment-5-software');
    expect(await page.getByRole('table', { name: 'History' }).getByRole('row').count()).toBe(3);

    // One that waits for its time is ended by keyboard: the dialog gives the focus back, or leaves it on the page.
    const later = await server.call(createDeployment, {
      body: {
        name: 'Later',
        artifactName: 'lamp-2',
        target: { kind: 'all' },
        options: deploymentOptions.parse({ startAt: new Date(Date.now() + DAY_MS).toISOString() }),
      },
    });
    await page.goto(`${server.localUrl}/deployments/${later.id}`);
    const abort = page.getByRole('button', { name: 'Abort', exact: true });
    await abort.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await until('the focus is back', () => page.evaluate('document.activeElement?.textContent === "Abort"'));
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Abort it' }).press('Enter');
    await page.getByText('Aborted', { exact: true }).first().waitFor();
    await until('the focus is on the page', () => page.evaluate('document.activeElement?.id === "content"'));
    expect(browser.complaints).toEqual([]);
  },
  400_000,
);
