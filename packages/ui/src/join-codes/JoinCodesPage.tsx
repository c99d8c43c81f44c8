/** Join codes: what an installer types on a gateway so that it comes into this organisation. */
import { deleteJoinCode, type JoinCode } from '@lovely/api';
import { useQuery } from '@tanstack/react-query';
import { CircleCheck, CircleSlash, QrCode, Trash2 } from 'lucide-react';
import { request } from '../api.ts';
import { count } from '../format/number.ts';
import { GroupName } from '../groups/GroupName.tsx';
import { Chip } from '../parts/Chip.tsx';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { RemainingTime } from '../parts/RemainingTime.tsx';
import type { Column } from '../parts/Table.tsx';
import { Tags } from '../parts/Tags.tsx';
import { useChange } from '../parts/use-change.ts';
import { ListPage } from '../shell/ListPage.tsx';
import { joinCodesQuery } from './join-code-queries.ts';
import { NewJoinCode } from './NewJoinCode.tsx';
import styles from './JoinCodesPage.module.css';

export function JoinCodesPage() {
  const query = useQuery(joinCodesQuery);
  return (
    <ListPage
      title="Join codes"
      detail="An installer types one on a gateway, or scans it; then the gateway knows where it belongs."
      query={query}
      rows={query.data?.items}
      columns={columns}
      make={{ label: 'New join code', dialog: (onClose) => <NewJoinCode onClose={onClose} /> }}
      actions={[
        {
          label: 'Revoke…',
          icon: Trash2,
          isDanger: true,
          dialog: (joinCode, onClose) => <Revoke joinCode={joinCode} onClose={onClose} />,
        },
      ]}
      empty={{
        icon: QrCode,
        title: 'No join code yet',
        detail: 'Make one for an installer: it works for a while, for as many gateways as you say.',
      }}
    />
  );
}

const columns: Column<JoinCode>[] = [
  {
    header: 'Name',
    cell: ({ name, tags }) => (
      <>
        <span className={styles.name}>{name}</span> <Tags tags={tags} />
      </>
    ),
  },
  { header: 'State', cell: (joinCode) => <StateOf joinCode={joinCode} /> },
  {
    header: 'Used',
    cell: ({ uses, usesMax }) => (
      <span className="numeric">{usesMax === null ? `${count(uses)}×` : `${count(uses)} of ${count(usesMax)}`}</span>
    ),
  },
  { header: 'Gateways', cell: ({ accept }) => (accept ? 'accepted at once' : 'wait for acceptance') },
  {
    header: 'Into group',
    isWideOnly: true,
    cell: ({ groupId }) => (groupId === null ? '–' : <GroupName id={groupId} />),
  },
];

function StateOf({ joinCode: { usable, expiresAt, uses, usesMax } }: { joinCode: JoinCode }) {
  if (usable)
    return (
      <Chip tone="ok" icon={CircleCheck}>
        {expiresAt === null ? 'Works' : <RemainingTime time={expiresAt} />}
      </Chip>
    );
  return (
    <Chip tone="offline" icon={CircleSlash}>
      {usesMax !== null && uses >= usesMax ? 'Used up' : 'Over'}
    </Chip>
  );
}

function Revoke({ joinCode, onClose }: { joinCode: JoinCode; onClose: () => void }) {
  const revoke = useChange(() => request(deleteJoinCode, { params: { id: joinCode.id } }), {
    outdated: [joinCodesQuery.queryKey],
    done: `${joinCode.name} is revoked.`,
  });
  return (
    <ConfirmDialog
      title={`Revoke ${joinCode.name}?`}
      submitLabel="Revoke"
      change={revoke}
      onConfirm={() => revoke.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      No gateway joins by it any more. Those that did stay.
    </ConfirmDialog>
  );
}
