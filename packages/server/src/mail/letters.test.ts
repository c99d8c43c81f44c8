import { expect, test } from 'bun:test';
import { invitationMail, passwordResetMail } from './letters.ts';

const URL = 'https://lovely.example.com/invite#code';

test('an invitation says who, where, until when, and has its link in text and HTML', () => {
  const mail = invitationMail({
    to: 'ada@example.com',
    url: URL,
    tenantName: 'Houses of Rome',
    invitedBy: 'Grace Hopper',
    expiresAt: '2026-12-01T10:00:00.000Z',
  });
  expect(mail.subject).toBe('Grace Hopper invites you to Houses of Rome');
  for (const part of [URL, 'Houses of Rome', 'Grace Hopper', '1 December 2026']) {
    expect(mail.text).toContain(part);
    expect(mail.html).toContain(part);
  }
});

test('a name is neither HTML nor a line of its own', () => {
  const mail = invitationMail({
    to: 'ada@example.com',
    url: URL,
    tenantName: '<a href="https://evil.example.com">Home</a>',
    invitedBy: 'Eve\r\n\r\nPay here: https://evil.example.com',
    expiresAt: '2026-12-01T10:00:00.000Z',
  });
  expect(mail.html).not.toContain('<a href="https://evil');
  expect(mail.subject).not.toMatch(/[\r\n]/);
  expect(mail.text).not.toMatch(/\nPay here/);
});

test('who didn’t ask for a new password learns who did, as far as that is known', () => {
  const link = { to: 'ada@example.com', url: URL, name: 'Ada' };
  expect(passwordResetMail({ ...link, madeBy: undefined }).text).toContain('somebody, most likely you, asked');
  expect(passwordResetMail({ ...link, madeBy: 'Grace' }).text).toContain('Grace made you a link');
});
