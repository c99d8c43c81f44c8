import { createInvitation, type Grant } from '@lovely/api';
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { request } from '../api.ts';
import { FormDialog } from '../parts/FormDialog.tsx';
import { useChange } from '../parts/use-change.ts';
import { GrantsEditor, isComplete } from './GrantsEditor.tsx';
import { LinkDialog } from './LinkDialog.tsx';
import { invitationsQuery } from './people-queries.ts';

/** Asks whom to invite with which roles, and shows the link: this once. */
export function Invite({ onClose }: { onClose: () => void }) {
  const [email, setEmail] = useState('');
  const [grants, setGrants] = useState<Grant[]>([{ roleId: 'viewer', groupIds: null }]);
  const invite = useChange(() => request(createInvitation, { body: { email: email.trim(), grants } }), {
    outdated: [invitationsQuery.queryKey],
  });
  if (invite.data) return <LinkDialog title={`${invite.data.email} is invited`} made={invite.data} onClose={onClose} />;
  return (
    <FormDialog
      title="Invite somebody"
      submitLabel="Make the invitation"
      change={invite}
      isReady={email.trim() !== '' && isComplete(grants)}
      onSubmit={() => invite.mutate(undefined)}
      onClose={onClose}
      size="lg"
    >
      <TextInput
        label="E-mail"
        type="email"
        placeholder="name@example.com"
        data-autofocus
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <GrantsEditor value={grants} onChange={setGrants} />
    </FormDialog>
  );
}
