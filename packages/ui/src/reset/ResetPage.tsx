/** What the link to a new password opens. */
import { completePasswordReset } from '@lovely/api';
import { Button, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { request } from '../api.ts';
import { LinkState } from '../invite/LinkState.tsx';
import { FormError } from '../parts/FormError.tsx';
import { paths } from '../paths.ts';
import { toast } from '../parts/toast.ts';
import { codeFromHash } from '../setup/code-from-hash.ts';
import { NewPassword } from '../setup/NewPassword.tsx';
import { isStrongEnough } from '../setup/strength.ts';
import { EntryFrame } from '../shell/EntryFrame.tsx';
import { passwordResetQuery } from './queries.ts';

export function ResetPage() {
  const [code] = useState(() => codeFromHash(location.hash));
  const query = useQuery({ ...passwordResetQuery(code), enabled: code !== '' });
  if (code === '' || !query.data) {
    return (
      <LinkState
        title="A new password"
        query={query}
        isEmpty={code === ''}
        advice="It may have been used, or be older than an hour. Ask for another one."
      />
    );
  }
  return <ResetForm code={code} email={query.data.email} />;
}

function ResetForm({ code, email }: { code: string; email: string }) {
  const navigate = useNavigate();
  const [password, setPassword] = useState('');
  const complete = useMutation({
    mutationFn: () => request(completePasswordReset, { body: { code, password } }),
    onSuccess: async () => {
      await navigate({ ...paths.signIn(), replace: true });
      await toast('Your password is changed. Sign in with it.');
    },
  });
  return (
    <EntryFrame title="A new password" detail="You are signed out everywhere once you set it.">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          complete.mutate();
        }}
      >
        <FormError error={complete.error} />
        <TextInput label="E-mail" type="email" autoComplete="username" readOnly value={email} />
        <NewPassword label="New password" value={password} onChange={setPassword} knownWords={[email]} />
        <Button type="submit" size="md" loading={complete.isPending} disabled={!isStrongEnough(password, [email])}>
          Set the password
        </Button>
      </form>
    </EntryFrame>
  );
}
