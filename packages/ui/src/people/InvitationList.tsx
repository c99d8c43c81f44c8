/** Invitations that nobody has accepted yet. */
import { deleteInvitation, renewInvitation, type Invitation } from '@lovely/api';
import { Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { RotateCw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { request } from '../api.ts';
import { useMay } from '../may.ts';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { ListCard } from '../parts/ListCard.tsx';
import { RemainingTime } from '../parts/RemainingTime.tsx';
import { RowMenu } from '../parts/RowMenu.tsx';
import { Table, type Column } from '../parts/Table.tsx';
import { toastError } from '../parts/toast.ts';
import { useChange } from '../parts/use-change.ts';
import { GrantChips } from './GrantChips.tsx';
import { LinkDialog } from './LinkDialog.tsx';
import { invitationsQuery } from './people-queries.ts';
import styles from './PeoplePage.module.css';

export function InvitationList() {
  const query = useQuery(invitationsQuery);
  const may = useMay();
  const [revoking, setRevoking] = useState<Invitation>();
  const outdated = [invitationsQuery.queryKey];
  const renew = useChange((id: string) => request(renewInvitation, { params: { id } }), { outdated });
  const revoke = useChange((id: string) => request(deleteInvitation, { params: { id } }), {
    outdated,
    done: 'The invitation is taken back.',
  });
  // Nothing is worth a card of its own.
  if (query.data?.items.length === 0 || query.isPending) return null;
  const actions: Column<Invitation> = {
    header: '',
    align: 'right',
    cell: (invitation) => (
      <RowMenu label={`Actions for the invitation of ${invitation.email}`}>
        <Menu.Item
          leftSection={<RotateCw size={15} />}
          onClick={() =>
            renew.mutate(invitation.id, { onError: (error) => void toastError('No new link was made', error) })
          }
        >
          Make a new link
        </Menu.Item>
        <Menu.Item leftSection={<Trash2 size={15} />} color="red" onClick={() => setRevoking(invitation)}>
          Take back…
        </Menu.Item>
      </RowMenu>
    ),
  };
  return (
    <>
      <ListCard title="Open invitations" query={query} items={query.data?.items} empty={null}>
        {(items) => (
          <Table
            label="Open invitations"
            rows={items}
            rowKey={({ id }) => id}
            columns={may('people.write') ? [...columns, actions] : columns}
          />
        )}
      </ListCard>
      {renew.data && (
        <LinkDialog title={`A new link for ${renew.data.email}`} made={renew.data} onClose={() => renew.reset()} />
      )}
      {revoking && (
        <ConfirmDialog
          title={`Take back the invitation of ${revoking.email}?`}
          submitLabel="Take back"
          change={revoke}
          onConfirm={() => revoke.mutate(revoking.id, { onSuccess: () => setRevoking(undefined) })}
          onClose={() => setRevoking(undefined)}
        >
          Its link stops working.
        </ConfirmDialog>
      )}
    </>
  );
}

const columns: Column<Invitation>[] = [
  { header: 'E-mail', cell: ({ email }) => <span className={styles.email}>{email}</span> },
  { header: 'Roles', cell: ({ grants }) => <GrantChips grants={grants} /> },
  { header: 'Invited by', isWideOnly: true, cell: ({ invitedBy }) => invitedBy },
  { header: 'Link', cell: ({ expiresAt }) => <RemainingTime time={expiresAt} /> },
];
