/** A person's account, and what those who look after people can do with it. */
import {
  createPasswordReset,
  deleteUser,
  deleteUserFactors,
  deleteUserLogins,
  updateUser,
  type UserAccount,
} from '@lovely/api';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { KeyRound, LogOut, ShieldOff, Trash2, UserRoundCheck, UserRoundX } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { meQuery, request } from '../api.ts';
import { useMay } from '../may.ts';
import { Card } from '../parts/Card.tsx';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { toastError } from '../parts/toast.ts';
import { useChange } from '../parts/use-change.ts';
import { paths } from '../paths.ts';
import { ROLES_KEY } from '../roles/role-queries.ts';
import { LinkDialog } from './LinkDialog.tsx';
import { USERS_KEY } from './people-queries.ts';
import styles from './PersonPage.module.css';

type Asked = 'disable' | 'factors' | 'logins' | 'delete';

export function PersonAccount({ person }: { person: UserAccount }) {
  const { data: me } = useQuery(meQuery);
  const may = useMay();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<Asked>();
  const params = { id: person.id };
  const close = { onSuccess: () => setAsked(undefined) };
  const outdated = [USERS_KEY];
  const setDisabled = useChange((disabled: boolean) => request(updateUser, { params, body: { disabled } }), {
    outdated,
    done: (_, disabled) => `${person.name} ${disabled ? 'is disabled and signed out' : 'can sign in again'}.`,
  });
  const reset = useChange(() => request(createPasswordReset, { params }), { outdated: [] });
  const endLogins = useChange(() => request(deleteUserLogins, { params }), {
    outdated,
    done: `${person.name} is signed out everywhere.`,
  });
  const removeFactors = useChange(() => request(deleteUserFactors, { params }), {
    outdated,
    done: `${person.name} signs in with the password only.`,
  });
  const remove = useChange(() => request(deleteUser, { params }), {
    outdated: [[...USERS_KEY, 'list'], ROLES_KEY],
    done: `${person.name} is deleted.`,
  });
  const isSelf = me?.id === person.id;
  return (
    <Card title="Account">
      <dl className={styles.facts}>
        <Fact name="Last seen">
          {person.lastLoginAt === null ? 'never' : <RelativeTime time={person.lastLoginAt} />}
        </Fact>
        <Fact name="Second factor">{person.hasSecondFactor ? 'on' : 'off'}</Fact>
        <Fact name="Member since">
          <RelativeTime time={person.createdAt} />
        </Fact>
      </dl>
      {may('people.write') && !isSelf && (
        <div className={styles.buttons}>
          <Button
            variant="default"
            leftSection={<KeyRound size={15} />}
            loading={reset.isPending}
            onClick={() => reset.mutate(undefined, { onError: (error) => void toastError('No link was made', error) })}
          >
            Make a password link
          </Button>
          <Button variant="default" leftSection={<LogOut size={15} />} onClick={() => setAsked('logins')}>
            Sign out everywhere…
          </Button>
          {person.hasSecondFactor && (
            <Button variant="default" leftSection={<ShieldOff size={15} />} onClick={() => setAsked('factors')}>
              Remove second factors…
            </Button>
          )}
          {person.disabledAt === null ? (
            <Button variant="default" leftSection={<UserRoundX size={15} />} onClick={() => setAsked('disable')}>
              Disable…
            </Button>
          ) : (
            <Button
              variant="default"
              leftSection={<UserRoundCheck size={15} />}
              loading={setDisabled.isPending}
              onClick={() =>
                setDisabled.mutate(false, { onError: (error) => void toastError('Still disabled', error) })
              }
            >
              Enable
            </Button>
          )}
          <Button variant="default" color="red" leftSection={<Trash2 size={15} />} onClick={() => setAsked('delete')}>
            Delete…
          </Button>
        </div>
      )}
      {isSelf && <p>This is you. Your own password and second factor are under Personal.</p>}
      {reset.data && (
        <LinkDialog
          title={`A link for ${person.name} to set a password`}
          made={reset.data}
          onClose={() => reset.reset()}
        />
      )}
      {asked === 'logins' && (
        <ConfirmDialog
          title={`Sign ${person.name} out everywhere?`}
          submitLabel="Sign out everywhere"
          change={endLogins}
          onConfirm={() => endLogins.mutate(undefined, close)}
          onClose={() => setAsked(undefined)}
        >
          Their browsers, tokens of tools and open terminals end at once. They can sign in again.
        </ConfirmDialog>
      )}
      {asked === 'factors' && (
        <ConfirmDialog
          title={`Remove the second factors of ${person.name}?`}
          submitLabel="Remove them"
          change={removeFactors}
          onConfirm={() => removeFactors.mutate(undefined, close)}
          onClose={() => setAsked(undefined)}
        >
          For somebody who lost their phone. Be sure that it is really them who asks.
        </ConfirmDialog>
      )}
      {asked === 'disable' && (
        <ConfirmDialog
          title={`Disable ${person.name}?`}
          submitLabel="Disable"
          change={setDisabled}
          onConfirm={() => setDisabled.mutate(true, close)}
          onClose={() => setAsked(undefined)}
        >
          They are signed out at once and can’t sign in until somebody enables the account.
        </ConfirmDialog>
      )}
      {asked === 'delete' && (
        <ConfirmDialog
          title={`Delete ${person.name}?`}
          submitLabel="Delete"
          typed={person.email}
          change={remove}
          onConfirm={() => remove.mutate(undefined, { onSuccess: () => void navigate(paths.people()) })}
          onClose={() => setAsked(undefined)}
        >
          The account is gone for good and all of its sign-ins end at once. The audit log keeps what they did.
        </ConfirmDialog>
      )}
    </Card>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
