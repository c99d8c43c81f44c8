/** Who is told: people, holders of a role, addresses outside, webhooks. */
import { RECIPIENTS_MAX, type Recipient } from '@lovely/api';
import { ActionIcon, Button, Input, Menu, NativeSelect, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { AtSign, Plus, UserRound, UserRoundCog, Webhook, X } from 'lucide-react';
import { useState } from 'react';
import { TYPING_PAUSE_MS } from '../limits.ts';
import { useMay } from '../may.ts';
import { userQuery, usersQuery } from '../people/people-queries.ts';
import { rolesQuery } from '../roles/role-queries.ts';
import { webhooksQuery } from '../webhooks/webhook-queries.ts';
import styles from './Fields.module.css';

type Kind = Recipient['kind'];

const EMPTY: { readonly [K in Kind]: Extract<Recipient, { kind: K }> } = {
  user: { kind: 'user', userId: '' },
  role: { kind: 'role', roleId: '' },
  email: { kind: 'email', address: '' },
  webhook: { kind: 'webhook', webhookId: '' },
};

export function RecipientsField({
  label,
  value,
  errorOf,
  onChange,
}: {
  label: string;
  value: readonly Recipient[];
  /** What is wrong with all of them (''), or with one of them, e.g. ".0". */
  errorOf: (path: string) => string | undefined;
  onChange: (recipients: Recipient[]) => void;
}) {
  const may = useMay();
  const choices = [
    { kind: 'user', label: 'A person', icon: UserRound, isThere: may('people.read') },
    { kind: 'role', label: 'Everybody with a role', icon: UserRoundCog, isThere: may('people.read') },
    { kind: 'email', label: 'An e-mail address outside', icon: AtSign, isThere: true },
    { kind: 'webhook', label: 'A webhook', icon: Webhook, isThere: may('webhook.write') },
  ] as const;
  return (
    <fieldset className={styles.recipients}>
      <legend>{label}</legend>
      {value.map((recipient, index) => (
        <div key={index} className={styles.recipient}>
          <OneRecipient
            label={`${label}, ${index + 1}`}
            value={recipient}
            error={errorOf(`.${index}`)}
            onChange={(changed) => onChange(value.with(index, changed))}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={`Remove recipient ${index + 1} of ${label}`}
            onClick={() => onChange(value.toSpliced(index, 1))}
          >
            <X size={16} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      {value.length === 0 && <Input.Error>{errorOf('')}</Input.Error>}
      {value.length < RECIPIENTS_MAX && (
        <Menu position="bottom-start" width={240}>
          <Menu.Target>
            <Button variant="default" size="xs" leftSection={<Plus size={14} aria-hidden />}>
              Add somebody
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {choices
              .filter(({ isThere }) => isThere)
              .map(({ kind, label: choice, icon: Icon }) => (
                <Menu.Item
                  key={kind}
                  leftSection={<Icon size={15} aria-hidden />}
                  onClick={() => onChange([...value, EMPTY[kind]])}
                >
                  {choice}
                </Menu.Item>
              ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </fieldset>
  );
}

function OneRecipient({
  label,
  value,
  error,
  onChange,
}: {
  label: string;
  value: Recipient;
  error: string | undefined;
  onChange: (recipient: Recipient) => void;
}) {
  switch (value.kind) {
    case 'user':
      return (
        <PersonSelect
          label={label}
          value={value.userId}
          error={error}
          onChange={(userId) => onChange({ kind: 'user', userId })}
        />
      );
    case 'role':
      return (
        <RoleSelect
          label={label}
          value={value.roleId}
          error={error}
          onChange={(roleId) => onChange({ kind: 'role', roleId })}
        />
      );
    case 'email':
      return (
        <TextInput
          aria-label={`${label}: e-mail address`}
          type="email"
          placeholder="janitor@example.com"
          leftSection={<AtSign size={15} aria-hidden />}
          value={value.address}
          error={error}
          onChange={(event) => onChange({ kind: 'email', address: event.currentTarget.value })}
        />
      );
    case 'webhook':
      return (
        <WebhookSelect
          label={label}
          value={value.webhookId}
          error={error}
          onChange={(webhookId) => onChange({ kind: 'webhook', webhookId })}
        />
      );
  }
}

interface SelectProps {
  readonly label: string;
  readonly value: string;
  readonly error: string | undefined;
  readonly onChange: (id: string) => void;
}

function PersonSelect({ label, value, error, onChange }: SelectProps) {
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text.trim(), TYPING_PAUSE_MS);
  const { data: chosen } = useQuery({ ...userQuery(value), enabled: value !== '' });
  // What stands in the field once somebody is chosen is no search.
  const { data } = useInfiniteQuery(usersQuery(chosen?.name === search ? '' : search));
  const people = [...(data?.pages.flatMap(({ items }) => items) ?? []), ...(chosen ? [chosen] : [])];
  const options = new Map(people.map(({ id, name, email }) => [id, { value: id, label: `${name} · ${email}` }]));
  return (
    <Select
      aria-label={`${label}: person`}
      placeholder="Name or e-mail address"
      leftSection={<UserRound size={15} aria-hidden />}
      searchable
      filter={({ options: shown }) => shown}
      nothingFoundMessage="Nobody has this name."
      data={[...options.values()]}
      value={value === '' ? null : value}
      error={error}
      onSearchChange={(typed) => setText(typed.split(' · ')[0]!)}
      onChange={(id) => onChange(id ?? '')}
    />
  );
}

function RoleSelect({ label, value, error, onChange }: SelectProps) {
  const { data } = useQuery(rolesQuery);
  return (
    <NativeSelect
      aria-label={`${label}: role`}
      leftSection={<UserRoundCog size={15} aria-hidden />}
      data={[
        { value: '', label: 'Choose a role', disabled: true },
        ...(data?.items ?? []).map(({ id, name }) => ({ value: id, label: `Everybody who is ${name}` })),
      ]}
      value={value}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

function WebhookSelect({ label, value, error, onChange }: SelectProps) {
  const { data } = useQuery(webhooksQuery);
  const listening = data?.items.filter(({ id, events }) => events.includes('alert.notified') || id === value) ?? [];
  return (
    <NativeSelect
      aria-label={`${label}: webhook`}
      leftSection={<Webhook size={15} aria-hidden />}
      description={data && listening.length === 0 ? 'No webhook listens for alert.notified yet.' : undefined}
      data={[
        { value: '', label: 'Choose a webhook', disabled: true },
        ...listening.map(({ id, name }) => ({ value: id, label: name })),
      ]}
      value={value}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
