/** Who stands behind the recipients that a policy names: each person, address or webhook once. Pure. */
import type { QuietHours, Recipient } from '@lovely/api';

export interface DirectoryPerson {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly isDisabled: boolean;
  readonly roleIds: readonly string[];
  /** Their own: they hold for everything that they are told by e-mail. */
  readonly quietHours: QuietHours | null;
}

export interface DirectoryWebhook {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  /** Whether it listens for `alert.notified`. */
  readonly listens: boolean;
}

export interface Directory {
  readonly people: readonly DirectoryPerson[];
  readonly webhooks: readonly DirectoryWebhook[];
  /** Outside addresses, in small letters, that unsubscribed. */
  readonly stopped: ReadonlySet<string>;
}

export interface Addressee {
  /** 'user <id>', 'email <address>' or 'webhook <id>': the same for the same one in every policy. */
  readonly key: string;
  readonly channel: 'email' | 'webhook';
  readonly name: string;
  readonly userId: string | null;
  readonly webhookId: string | null;
  readonly address: string | null;
  readonly quietHours: QuietHours | null;
  /** Why nothing reaches them, in words. */
  readonly hindrance: string | null;
}

export function audienceOf(recipients: readonly Recipient[], directory: Directory): Addressee[] {
  const found = recipients.flatMap((recipient) => standsFor(recipient, directory));
  return [...new Map(found.map((addressee) => [addressee.key, addressee])).values()];
}

export function personAddressee({ id, name, email, isDisabled, quietHours }: DirectoryPerson): Addressee {
  return {
    key: `user ${id}`,
    channel: 'email',
    name,
    userId: id,
    webhookId: null,
    address: email,
    quietHours,
    hindrance: isDisabled ? 'The account is disabled.' : null,
  };
}

function standsFor(recipient: Recipient, { people, webhooks, stopped }: Directory): Addressee[] {
  switch (recipient.kind) {
    case 'user':
      return people.filter(({ id }) => id === recipient.userId).map(personAddressee);
    case 'role':
      return people
        .filter(({ roleIds, isDisabled }) => roleIds.includes(recipient.roleId) && !isDisabled)
        .map(personAddressee);
    case 'email': {
      const address = recipient.address.toLowerCase();
      // Whoever has an account is told as that person, of what that person may see.
      const person = people.find(({ email }) => email.toLowerCase() === address);
      return [person ? personAddressee(person) : outsideAddressee(address, stopped)];
    }
    case 'webhook':
      return webhooks.filter(({ id }) => id === recipient.webhookId).map(webhookAddressee);
  }
}

function outsideAddressee(address: string, stopped: ReadonlySet<string>): Addressee {
  return {
    key: `email ${address}`,
    channel: 'email',
    name: address,
    userId: null,
    webhookId: null,
    address,
    quietHours: null,
    hindrance: stopped.has(address) ? 'Whoever reads mail there asked not to be told any more.' : null,
  };
}

function webhookAddressee({ id, name, enabled, listens }: DirectoryWebhook): Addressee {
  return {
    key: `webhook ${id}`,
    channel: 'webhook',
    name,
    userId: null,
    webhookId: id,
    address: null,
    quietHours: null,
    hindrance: !enabled
      ? 'The webhook is disabled.'
      : listens
        ? null
        : 'The webhook does not listen for alert.notified.',
  };
}
