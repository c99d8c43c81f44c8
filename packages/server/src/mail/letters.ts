/** What is written to people: plain text, and the same as simple HTML. */
import type { Mail } from './mailer.ts';

export interface InvitationLetter {
  readonly to: string;
  readonly url: string;
  readonly tenantName: string;
  readonly invitedBy: string;
  readonly expiresAt: string;
}

export function invitationMail({ to, url, tenantName, invitedBy, expiresAt }: InvitationLetter): Mail {
  return letter(to, `${invitedBy} invites you to ${tenantName}`, {
    paragraphs: [
      'Hello,',
      `${invitedBy} invites you to ${tenantName} on the Lovely Smart System. Choose a password, and you are in:`,
    ],
    action: { label: 'Accept the invitation', url },
    closing: `The link works once, until ${dayOf(expiresAt)}. If you don’t know what this is about, do nothing.`,
  });
}

export interface PasswordResetLetter {
  readonly to: string;
  readonly url: string;
  readonly name: string;
  /** The administrator who made the link; undefined when somebody asked for it on the sign-in page. */
  readonly madeBy: string | undefined;
}

export function passwordResetMail({ to, url, name, madeBy }: PasswordResetLetter): Mail {
  return letter(to, 'Set a new password', {
    paragraphs: [
      `Hello ${name},`,
      madeBy === undefined
        ? 'somebody, most likely you, asked for a new password for your account on the Lovely Smart System. Set it here:'
        : `${madeBy} made you a link to set a new password for your account on the Lovely Smart System:`,
    ],
    action: { label: 'Set a new password', url },
    closing:
      'The link works once, within an hour, and signs you out everywhere. If you didn’t ask for it, do nothing: your password stays as it is.',
  });
}

interface Content {
  readonly paragraphs: readonly string[];
  readonly action: { readonly label: string; readonly url: string };
  readonly closing: string;
}

function letter(to: string, subject: string, { paragraphs, action, closing }: Content): Mail {
  const html = [
    ...paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`),
    `<p><a href="${escapeHtml(action.url)}">${escapeHtml(action.label)}</a></p>`,
    `<p style="color:#666">${escapeHtml(action.url)}</p>`,
    `<p>${escapeHtml(closing)}</p>`,
  ];
  return {
    to,
    subject: oneLine(subject),
    text: `${[...paragraphs.map(oneLine), action.url, closing].join('\n\n')}\n`,
    html: `<!doctype html><html><body style="font-family:sans-serif;max-width:36em">${html.join('')}</body></html>`,
  };
}

/** Names come from people: a line break in one must not begin something new. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{C}\s]+/gu, ' ');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
}

function dayOf(time: string): string {
  return new Date(time).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
}
