/** What the link of an invitation opens: who invites whom to what, and the form that makes the account. */
import { acceptInvitation } from '@lovely/api';
import { Button, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { keys, request } from '../api.ts';
import { focusOnce } from '../parts/focus-once.ts';
import { FormError } from '../parts/FormError.tsx';
import { paths } from '../paths.ts';
import { codeFromHash } from '../setup/code-from-hash.ts';
import { NewPassword } from '../setup/NewPassword.tsx';
import { isStrongEnough } from '../setup/strength.ts';
import { EntryFrame } from '../shell/EntryFrame.tsx';
import { LinkState } from './LinkState.tsx';
import { invitationQuery } from './queries.ts';

export function InvitePage() {
  const [code] = useState(() => codeFromHash(location.hash));
  const query = useQuery({ ...invitationQuery(code), enabled: code !== '' });
  if (code === '' || !query.data) {
    return (
      <LinkState
        title="Your invitation"
        query={query}
        isEmpty={code === ''}
        advice="It may have been used, taken back, or be older than a week. Ask whoever sent it for a new one. If you have an account already, just sign in."
      />
    );
  }
  return <InviteForm code={code} {...query.data} />;
}

function InviteForm({
  code,
  email,
  invitedBy,
  tenantName,
}: {
  code: string;
  email: string;
  invitedBy: string;
  tenantName: string;
}) {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const knownWords = [name, email, tenantName];
  const accept = useMutation({
    mutationFn: () => request(acceptInvitation, { body: { code, name, password } }),
    onSuccess: async (user) => {
      // Whoever was signed in here before is not any more.
      queryClient.clear();
      queryClient.setQueryData(keys.me, user);
      // The link is used up: it need not stay in the browser's history.
      await navigate({ ...paths.map(), replace: true });
    },
  });
  return (
    <EntryFrame
      title={`Join ${tenantName}`}
      detail={`${invitedBy} invites you. Choose a name and a password, and you are in.`}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          accept.mutate();
        }}
      >
        <FormError error={accept.error} />
        <TextInput label="E-mail" type="email" autoComplete="username" readOnly value={email} />
        <TextInput
          label="Your name"
          autoComplete="name"
          required
          withAsterisk={false}
          ref={focusOnce}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NewPassword value={password} onChange={setPassword} knownWords={knownWords} />
        <Button type="submit" size="md" loading={accept.isPending} disabled={!isStrongEnough(password, knownWords)}>
          Join
        </Button>
      </form>
    </EntryFrame>
  );
}
