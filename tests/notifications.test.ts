/** People are told of alerts by a real mail server, also when the server is killed in between. */
import { expect, test } from 'bun:test';
import {
  createNotificationPolicy,
  getDevice,
  getMe,
  listNotifications,
  previewNotifications,
  testSubscription,
} from '@lovely/api';
import { TestGateway } from './harness/gateway.ts';
import { plainText, startMailServer } from './harness/mail-server.ts';
import { ADMIN, TestServer } from './harness/server.ts';
import { until } from './harness/wait.ts';

const TEST_MS = 180_000;
const OUTSIDE = 'janitor@example.org';

test(
  'a house that goes away is mailed, also when the server is killed before the mail server takes it',
  async () => {
    // Busy at first, so that the mail is in the queue when the server dies.
    let isBusy = true;
    await using mail = await startMailServer({ refuse: () => (isBusy ? 451 : undefined) });
    await using server = await TestServer.start({
      env: {
        LOVELY_SMTP_URL: `smtp://127.0.0.1:${mail.port}`,
        LOVELY_MAIL_FROM: 'lovely@example.com',
        LOVELY_OFFLINE_AFTER_MS: '1000',
      },
    });
    const me = await server.call(getMe);
    const policy = await server.call(createNotificationPolicy, {
      body: {
        name: 'On call',
        enabled: true,
        match: { severities: [], rules: [], groupIds: [], sensorKinds: [] },
        recipients: [
          { kind: 'user', userId: me.id },
          { kind: 'email', address: OUTSIDE },
        ],
        escalation: [],
        delaySeconds: 0,
        bundleMinutes: 10,
        repeatMinutes: null,
        quietHours: null,
        tellsResolved: true,
        isLast: false,
      },
    });
    let deviceId: string;
    {
      await using gateway = await TestGateway.join(server);
      deviceId = gateway.id;
      const { items } = await server.call(previewNotifications, {
        body: { deviceId, severity: 'critical', rule: '', source: '' },
      });
      expect(items.map(({ recipient, hindrance }) => [recipient, hindrance])).toEqual([
        [me.name, null],
        [OUTSIDE, null],
      ]);
      await until(
        'it is connected',
        async () => (await server.call(getDevice, { params: { id: deviceId } })).connected,
      );
      await server.call(testSubscription);
    }
    const offline = async () =>
      (await server.call(listNotifications, { query: { policyId: policy.id } })).items.filter(
        ({ state, reason }) => state === 'sending' && reason !== null,
      );
    await until('mails wait for the mail server', async () => (await offline()).length === 2, 60_000);
    server.process.signal('SIGKILL');
    await server.process.exited;
    isBusy = false;
    await server.restart();

    const told = await mail.take(OUTSIDE);
    expect(told.source).toMatch(/^Auto-Submitted: auto-generated/m);
    expect(told.source).toMatch(/^List-Unsubscribe:\s+<https:\/\/\S+\/unsubscribe#\S+>/m);
    expect(plainText(told)).toContain(`/devices/${deviceId}/alerts`);
    const [, messageId] = /^Message-ID: (<\S+>)/im.exec(told.source)!;
    const first = await mail.take(ADMIN.email);
    expect(first.source).not.toContain('List-Unsubscribe');
    await until(
      'the log says that both are sent',
      async () =>
        (await server.call(listNotifications, { query: { policyId: policy.id, state: 'sent' } })).items.length === 2,
    );
    expect(messageId).toEndWith('@localhost>');
  },
  TEST_MS,
);
