import { changePassword } from '@lovely/api';
import { Button, PasswordInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { meQuery, request } from '../api.ts';
import { Card } from '../parts/Card.tsx';
import { FormDialog } from '../parts/FormDialog.tsx';
import { useChange } from '../parts/use-change.ts';
import { NewPassword } from '../setup/NewPassword.tsx';
import { isStrongEnough } from '../setup/strength.ts';
import styles from './AccountPage.module.css';
import { loginsQuery } from './queries.ts';

export function Password() {
  const [isOpen, setOpen] = useState(false);
  return (
    <Card title="Password">
      <div className={styles.row}>
        <p className={styles.text}>A few words that nobody else would put together are best.</p>
        <Button variant="default" onClick={() => setOpen(true)}>
          Change password…
        </Button>
      </div>
      {isOpen && <ChangePassword onClose={() => setOpen(false)} />}
    </Card>
  );
}

function ChangePassword({ onClose }: { onClose: () => void }) {
  const { data: me } = useQuery(meQuery);
  const [currentPassword, setCurrentPassword] = useState('');
  const [password, setPassword] = useState('');
  const change = useChange(() => request(changePassword, { body: { currentPassword, password } }), {
    outdated: [loginsQuery.queryKey],
    done: 'Your password is changed, and you are signed out everywhere else.',
  });
  const knownWords = [me?.name ?? '', me?.email ?? ''];
  return (
    <FormDialog
      title="Change password"
      submitLabel="Change password"
      change={change}
      isReady={currentPassword !== '' && isStrongEnough(password, knownWords)}
      onSubmit={() => change.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      {/* For password managers, which ask whose password it is. */}
      <input type="email" autoComplete="username" value={me?.email ?? ''} readOnly hidden />
      <PasswordInput
        label="Current password"
        autoComplete="current-password"
        required
        withAsterisk={false}
        data-autofocus
        value={currentPassword}
        onChange={(event) => setCurrentPassword(event.currentTarget.value)}
      />
      <NewPassword label="New password" value={password} onChange={setPassword} knownWords={knownWords} />
    </FormDialog>
  );
}
