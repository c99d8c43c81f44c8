/** Certificate authorities: gateways with a client certificate of one are accepted by themselves. */
import { deleteCertificateAuthority, listCertificateAuthorities, type CertificateAuthority } from '@lovely/api';
import { Button, Menu } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { FileBadge, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { request } from '../api.ts';
import { useMay } from '../may.ts';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { Fingerprint } from '../parts/Fingerprint.tsx';
import { ListCard } from '../parts/ListCard.tsx';
import { RemainingTime } from '../parts/RemainingTime.tsx';
import { RowMenu } from '../parts/RowMenu.tsx';
import { Table, type Column } from '../parts/Table.tsx';
import { useChange } from '../parts/use-change.ts';
import { PageHeader } from '../shell/PageHeader.tsx';
import { AddAuthority } from './AddAuthority.tsx';
import styles from './CertificatesPage.module.css';

const authoritiesQuery = queryOptions({
  queryKey: ['certificate-authorities'],
  queryFn: ({ signal }) => request(listCertificateAuthorities, {}, signal),
});

export function CertificatesPage() {
  const query = useQuery(authoritiesQuery);
  const may = useMay();
  const [isAdding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<CertificateAuthority>();
  // Its gateways are accepted by themselves, so who adds one must be able to accept.
  const add = may('device.accept') && (
    <Button leftSection={<Plus size={16} />} onClick={() => setAdding(true)}>
      Add an authority
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Certificates"
        detail="A gateway with a client certificate of one of these authorities is accepted by itself."
        actions={add}
      />
      <ListCard
        query={query}
        items={query.data?.items}
        empty={
          <EmptyState
            icon={FileBadge}
            title="No authority yet"
            detail="Add the certificate of your factory’s authority, and its gateways need no acceptance."
          >
            {add}
          </EmptyState>
        }
      >
        {(items) => (
          <Table
            label="Certificate authorities"
            rows={items}
            rowKey={({ id }) => id}
            columns={[
              ...columns,
              {
                header: '',
                align: 'right',
                cell: (authority) => (
                  <RowMenu label={`Actions for ${authority.name}`}>
                    <Menu.Item leftSection={<Trash2 size={15} />} color="red" onClick={() => setRemoving(authority)}>
                      Remove…
                    </Menu.Item>
                  </RowMenu>
                ),
              },
            ]}
          />
        )}
      </ListCard>
      {isAdding && <AddAuthority outdated={[authoritiesQuery.queryKey]} onClose={() => setAdding(false)} />}
      {removing && <RemoveAuthority authority={removing} onClose={() => setRemoving(undefined)} />}
    </>
  );
}

const columns: Column<CertificateAuthority>[] = [
  {
    header: 'Authority',
    cell: ({ name, subject }) => (
      <>
        <span className={styles.name}>{name}</span>
        {subject !== name && <div className={styles.subject}>{subject}</div>}
      </>
    ),
  },
  { header: 'Fingerprint', cell: ({ fingerprint }) => <Fingerprint value={fingerprint} /> },
  { header: 'Valid', align: 'right', cell: ({ notAfter }) => <RemainingTime time={notAfter} /> },
];

function RemoveAuthority({ authority, onClose }: { authority: CertificateAuthority; onClose: () => void }) {
  const remove = useChange(() => request(deleteCertificateAuthority, { params: { id: authority.id } }), {
    outdated: [authoritiesQuery.queryKey],
    done: `${authority.name} is removed.`,
  });
  return (
    <ConfirmDialog
      title={`Remove ${authority.name}?`}
      submitLabel="Remove"
      change={remove}
      onConfirm={() => remove.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      No new gateway is accepted by it. Those that are stay until they are rejected.
    </ConfirmDialog>
  );
}
