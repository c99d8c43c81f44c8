/** Asks what a token is for and what it may do, makes it, and shows it: this once. */
import { createToken, PERMISSION_NAMES, PERMISSIONS, type Permission } from '@lovely/api';
import { Button, Checkbox, Modal, NativeSelect, TextInput } from '@mantine/core';
import { TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { request } from '../api.ts';
import { useMay } from '../may.ts';
import { FormDialog } from '../parts/FormDialog.tsx';
import { Notice } from '../parts/Notice.tsx';
import { SecretLine } from '../parts/SecretLine.tsx';
import { useChange } from '../parts/use-change.ts';
import { useReturnFocus } from '../parts/use-return-focus.ts';
import { tokensQuery } from './queries.ts';
import styles from './NewToken.module.css';

const LIVES = [
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
];

export function NewToken({ onClose }: { onClose: () => void }) {
  useReturnFocus();
  const may = useMay();
  const [name, setName] = useState('');
  const [days, setDays] = useState('30');
  const [permissions, setPermissions] = useState<readonly Permission[]>(['fleet.read']);
  const create = useChange(
    () =>
      request(createToken, {
        body: { name: name.trim(), expiresInDays: Number(days), permissions: permissions.filter(may) },
      }),
    { outdated: [tokensQuery.queryKey] },
  );
  if (create.data) return <MadeToken name={create.data.name} secret={create.data.secret} onClose={onClose} />;
  return (
    <FormDialog
      title="New access token"
      submitLabel="Make the token"
      size="lg"
      change={create}
      isReady={name.trim() !== '' && permissions.some(may)}
      onSubmit={() => create.mutate(undefined)}
      onClose={onClose}
    >
      <div className={styles.line}>
        <TextInput
          label="What it is for"
          placeholder="Nightly report"
          autoComplete="off"
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NativeSelect
          label="Works for"
          data={LIVES}
          value={days}
          onChange={(event) => setDays(event.currentTarget.value)}
        />
      </div>
      <fieldset className={styles.permissions}>
        <legend>What it may do</legend>
        {PERMISSION_NAMES.filter(may).map((permission) => (
          <Checkbox
            key={permission}
            label={PERMISSIONS[permission].allows}
            checked={permissions.includes(permission)}
            onChange={(event) =>
              setPermissions(
                event.currentTarget.checked
                  ? [...permissions, permission]
                  : permissions.filter((other) => other !== permission),
              )
            }
          />
        ))}
      </fieldset>
    </FormDialog>
  );
}

function MadeToken({ name, secret, onClose }: { name: string; secret: string; onClose: () => void }) {
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Your token “${name}”`}
      size="lg"
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
    >
      <div className={styles.made}>
        <SecretLine label="Access token" value={secret} />
        <Notice icon={TriangleAlert} tone="warn" title="Copy it now; it is not shown again.">
          Keep it like a password. Programs send it as “Authorization: Bearer …”.
        </Notice>
        <Button onClick={onClose}>Done</Button>
      </div>
    </Modal>
  );
}
