/** Certificate authorities: gateways with a client certificate of one are accepted by themselves. */
import { deleteCertificateAuthority, listCertificateAuthorities, type CertificateAuthority } from '@lovely/api';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { FileBadge, Trash2 } from 'lucide-react';
import { request } from '../api.ts';
import { useMay } from '../may.ts';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { Fingerprint } from '../parts/Fingerprint.tsx';
import { RemainingTime } from '../parts/RemainingTime.tsx';
import type { Column } from '../parts/Table.tsx';
import { useChange } from '../parts/use-change.ts';
import { ListPage } from '../shell/ListPage.tsx';
import { AddAuthority } from './AddAuthority.tsx';
import styles from './CertificatesPage.module.css';

const authoritiesQuery = queryOptions({
  queryKey: ['certificate-authorities'],
  queryFn: ({ signal }) => request(listCertificateAuthorities, {}, signal),
});

export function CertificatesPage() {
  const query = useQuery(authoritiesQuery);
  const may = useMay();
  return (
    <ListPage
      title="Certificates"
      detail="A gateway with a client certificate of one of these authorities is accepted by itself."
      query={query}
      rows={query.data?.items}
      columns={columns}
      // Its gateways are accepted by themselves, so who adds one must be able to accept.
      make={
        may('device.accept') && {
          label: 'Add an authority',
          dialog: (onClose) => <AddAuthority outdated={[authoritiesQuery.queryKey]} onClose={onClose} />,
        }
      }
      actions={[
        {
          label: 'Remove…',
          icon: Trash2,
          isDanger: true,
          dialog: (authority, onClose) => <RemoveAuthority authority={authority} onClose={onClose} />,
        },
      ]}
      empty={{
        icon: FileBadge,
        title: 'No authority yet',
        detail: 'Add the certificate of your factory’s authority, and its gateways need no acceptance.',
      }}
    />
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
