import { updateTenant, type Tenant } from '@lovely/api';
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { requestVersion } from '../api.ts';
import { FormDialog } from '../parts/FormDialog.tsx';
import { useChange } from '../parts/use-change.ts';
import { LimitsFields } from './LimitsFields.tsx';
import { draftOf, limitsOf } from './tenant-limits.ts';
import { TENANTS_KEY } from './tenants-queries.ts';

/** Renames an organisation, and changes what it may use. */
export function TenantLimitsForm({ tenant, onClose }: { tenant: Tenant; onClose: () => void }) {
  const [name, setName] = useState(tenant.name);
  const [limits, setLimits] = useState(() => draftOf(tenant.limits));
  const save = useChange(
    () =>
      requestVersion(
        updateTenant,
        { params: { id: tenant.id }, body: { name: name.trim(), limits: limitsOf(limits) } },
        tenant.version,
      ),
    { outdated: [TENANTS_KEY], done: 'Saved.' },
  );
  return (
    <FormDialog
      title={tenant.name}
      submitLabel="Save"
      change={save}
      isReady={name.trim() !== ''}
      onSubmit={() => save.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <LimitsFields value={limits} onChange={setLimits} />
    </FormDialog>
  );
}
