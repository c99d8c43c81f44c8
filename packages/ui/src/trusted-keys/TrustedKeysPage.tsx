/** Trusted keys: who may sign software, and whether it must be signed. */
import { deleteTrustedKey, updateOwnTenant, updateTrustedKey, type OwnTenant, type TrustedKey } from '@lovely/api';
import { Switch, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { KeySquare, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { request, requestVersion } from '../api.ts';
import { plural } from '../format/number.ts';
import { useMay } from '../may.ts';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { Fingerprint } from '../parts/Fingerprint.tsx';
import { FormDialog } from '../parts/FormDialog.tsx';
import { FormError } from '../parts/FormError.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import type { Column } from '../parts/Table.tsx';
import { useChange } from '../parts/use-change.ts';
import { ListPage } from '../shell/ListPage.tsx';
import { trustedKeysQuery } from '../software/software-queries.ts';
import { ownTenantQuery } from '../tenant/tenant-queries.ts';
import { AddKey } from './AddKey.tsx';
import styles from './TrustedKeysPage.module.css';

export function TrustedKeysPage() {
  const query = useQuery(trustedKeysQuery);
  const { data: tenant } = useQuery(ownTenantQuery);
  const mayWrite = useMay()('tenant.write');
  return (
    <ListPage
      title="Trusted keys"
      detail="Public keys by which your software is signed. Gateways check signatures by themselves, with the keys they hold."
      query={query}
      rows={query.data?.items}
      columns={columns}
      filters={tenant && <MustBeSigned tenant={tenant} isReadOnly={!mayWrite} />}
      make={mayWrite && { label: 'Trust a key', dialog: (onClose) => <AddKey onClose={onClose} /> }}
      actions={
        mayWrite
          ? [
              {
                label: 'Rename…',
                icon: Pencil,
                dialog: (key, onClose) => <RenameKey trusted={key} onClose={onClose} />,
              },
              {
                label: 'Trust no longer…',
                icon: Trash2,
                isDanger: true,
                dialog: (key, onClose) => <RemoveKey trusted={key} onClose={onClose} />,
              },
            ]
          : []
      }
      empty={{
        icon: KeySquare,
        title: 'No key is trusted yet',
        detail: 'Add the public half of the key that your builds are signed with.',
      }}
    />
  );
}

const columns: Column<TrustedKey>[] = [
  { header: 'Key', cell: ({ name }) => <span className={styles.name}>{name}</span> },
  { header: 'Kind', cell: ({ algorithm }) => ALGORITHMS[algorithm] },
  { header: 'Fingerprint', cell: ({ fingerprint }) => <Fingerprint value={fingerprint} /> },
  { header: 'Signed', cell: ({ artifacts }) => plural(artifacts, 'artifact') },
  { header: 'Added', align: 'right', cell: ({ createdAt }) => <RelativeTime time={createdAt} /> },
];

const ALGORITHMS = { rsa: 'RSA', ecdsa: 'ECDSA, P-256', ed25519: 'Ed25519' } as const;

function MustBeSigned({ tenant, isReadOnly }: { tenant: OwnTenant; isReadOnly: boolean }) {
  const save = useChange(
    (requireSignedArtifacts: boolean) =>
      requestVersion(updateOwnTenant, { body: { settings: { requireSignedArtifacts } } }, tenant.version),
    { outdated: [ownTenantQuery.queryKey], done: 'Saved.' },
  );
  return (
    <div className={styles.must}>
      <Switch
        label="Take signed software only"
        description="Artifacts that none of these keys has signed are refused when they are uploaded."
        checked={tenant.settings.requireSignedArtifacts}
        disabled={isReadOnly || save.isPending}
        onChange={(event) => save.mutate(event.currentTarget.checked)}
      />
      <FormError error={save.error} />
    </div>
  );
}

function RenameKey({ trusted: { id, name, version }, onClose }: { trusted: TrustedKey; onClose: () => void }) {
  const [text, setText] = useState(name);
  const rename = useChange(
    () => requestVersion(updateTrustedKey, { params: { id }, body: { name: text.trim() } }, version),
    { outdated: [trustedKeysQuery.queryKey], done: 'Renamed.' },
  );
  return (
    <FormDialog
      title={`Rename ${name}`}
      submitLabel="Rename"
      change={rename}
      isReady={text.trim() !== ''}
      onSubmit={() => rename.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <TextInput label="Name" data-autofocus value={text} onChange={(event) => setText(event.currentTarget.value)} />
    </FormDialog>
  );
}

function RemoveKey({ trusted: { id, name, artifacts }, onClose }: { trusted: TrustedKey; onClose: () => void }) {
  const remove = useChange(() => request(deleteTrustedKey, { params: { id } }), {
    outdated: [trustedKeysQuery.queryKey],
    done: `${name} is trusted no longer.`,
  });
  return (
    <ConfirmDialog
      title={`Trust ${name} no longer?`}
      submitLabel="Trust no longer"
      change={remove}
      onConfirm={() => remove.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      {artifacts === 0
        ? 'No artifact is signed by it.'
        : `${plural(artifacts, 'artifact')} of it stay, signed by nobody trusted.`}{' '}
      Keys that gateways hold are not changed by this.
    </ConfirmDialog>
  );
}
