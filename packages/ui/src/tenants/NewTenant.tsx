import { createTenant } from '@lovely/api';
import { Button, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { request } from '../api.ts';
import { FormDialog } from '../parts/FormDialog.tsx';
import { RemainingTime } from '../parts/RemainingTime.tsx';
import { SecretLine } from '../parts/SecretLine.tsx';
import { useChange } from '../parts/use-change.ts';
import { LimitsFields } from './LimitsFields.tsx';
import { limitsOf, NO_LIMITS } from './tenant-limits.ts';
import { TENANTS_KEY } from './tenants-queries.ts';
import styles from './TenantsPage.module.css';

/** Makes an organisation, and shows the link by which its first administrator comes in. */
export function NewTenant({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const [administrator, setAdministrator] = useState('');
  const [limits, setLimits] = useState(NO_LIMITS);
  const create = useChange(
    () =>
      request(createTenant, {
        body: { name: name.trim(), administrator: administrator.trim(), limits: limitsOf(limits) },
      }),
    { outdated: [TENANTS_KEY] },
  );
  if (create.data) {
    const { tenant, invitation } = create.data;
    return (
      <Modal opened onClose={onClose} title={`${tenant.name} is made`} size="lg">
        <div className={styles.result}>
          <p>
            Send this link to {administrator.trim()}. It works once (<RemainingTime time={invitation.expiresAt} />
            ), and is not shown again.
          </p>
          <SecretLine label="Invitation link" value={invitation.url} />
          <div className={styles.actions}>
            <Button onClick={onClose}>Done</Button>
          </div>
        </div>
      </Modal>
    );
  }
  return (
    <FormDialog
      title="New organisation"
      submitLabel="Make it"
      change={create}
      isReady={name.trim() !== '' && administrator.trim() !== ''}
      onSubmit={() => create.mutate(undefined)}
      onClose={onClose}
    >
      <TextInput label="Name" data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <TextInput
        label="E-mail of its first administrator"
        type="email"
        value={administrator}
        onChange={(event) => setAdministrator(event.currentTarget.value)}
      />
      <LimitsFields value={limits} onChange={setLimits} />
    </FormDialog>
  );
}
