/** Mail that the mail server doesn't take at once, with the real server and a real mail server. */
import { expect, test } from 'bun:test';
import { createInvitation } from '@lovely/api';
import { plainText, startMailServer } from './harness/mail-server.ts';
import { TestServer } from './harness/server.ts';

const INVITATION = { email: 'ada@example.com', grants: [{ roleId: 'viewer', groupIds: null }] };

const start = (port: number, login = ''): Promise<TestServer> =>
  TestServer.start({
    env: { LOVELY_SMTP_URL: `smtp://${login}127.0.0.1:${port}`, LOVELY_MAIL_FROM: 'lovely@example.com' },
  });

test('a mail is sent again when the mail server is busy, and not when it refuses for good', async () => {
  await using mail = await startMailServer({ refuse: (attempt) => [451, undefined, 550][attempt] });
  await using server = await start(mail.port);
  const invitation = await server.call(createInvitation, { body: INVITATION });
  expect(plainText(await mail.take(INVITATION.email))).toContain(invitation.url);
  expect(mail.tries()).toBe(2);
  await server.call(createInvitation, { body: { ...INVITATION, email: 'refused@example.com' } });
  await server.process.line(/"to":"refused@example\.com".*a mail could not be sent"/);
  expect(mail.tries()).toBe(3);
});

test('a mail server that lets nobody in, or isn’t there, hinders neither invitations nor the server’s end', async () => {
  await using mail = await startMailServer({ login: { user: 'lovely', password: 'right' } });
  await using server = await start(mail.port, 'lovely:a-wrong-password@');
  const invitation = await server.call(createInvitation, { body: INVITATION });
  expect(invitation.url).toContain('/invite#');
  await server.process.line(/a mail could not be sent; it is tried again/);
  await mail[Symbol.asyncDispose]();
  await server.call(createInvitation, { body: { ...INVITATION, email: 'later@example.com' } });
  await server.process.line(/"to":"later@example\.com".*it is tried again/);
  expect(await server.process.stop()).toBe(0);
  expect(server.process.output()).not.toContain('a-wrong-password');
});
