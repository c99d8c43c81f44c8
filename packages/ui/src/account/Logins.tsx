/** Where the account is open, and closing it there. */
import { endLogin, endOtherLogins, type Login } from '@lovely/api';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { CircleCheck, Monitor, Smartphone, SquareTerminal } from 'lucide-react';
import { useState } from 'react';
import { request } from '../api.ts';
import { Chip } from '../parts/Chip.tsx';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { FormError } from '../parts/FormError.tsx';
import { ListCard } from '../parts/ListCard.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { useChange } from '../parts/use-change.ts';
import { loginsQuery } from './queries.ts';
import styles from './Rows.module.css';

const METHODS: Readonly<Record<Login['method'], string>> = {
  password: 'password',
  passkey: 'passkey',
  oidc: 'another system',
  invitation: 'invitation',
  setup: 'set-up',
};

export function Logins() {
  const query = useQuery(loginsQuery);
  const [isAsking, setAsking] = useState(false);
  const endOthers = useChange(() => request(endOtherLogins), {
    outdated: [loginsQuery.queryKey],
    done: 'You are signed out everywhere else.',
  });
  const items = query.data?.items;
  return (
    <>
      <ListCard
        title="Where you are signed in"
        aside={
          items?.some(({ isCurrent }) => !isCurrent) && (
            <Button size="xs" variant="default" onClick={() => setAsking(true)}>
              Sign out others…
            </Button>
          )
        }
        query={query}
        items={items}
        empty={null}
      >
        {(logins) => (
          <ul className={styles.rows}>
            {logins.map((login) => (
              <LoginRow key={login.id} login={login} />
            ))}
          </ul>
        )}
      </ListCard>
      {isAsking && (
        <ConfirmDialog
          title="Sign out everywhere else?"
          submitLabel="Sign out there"
          change={endOthers}
          onConfirm={() => endOthers.mutate(undefined, { onSuccess: () => setAsking(false) })}
          onClose={() => setAsking(false)}
        >
          Pages and terminals that are open there close at once. Here you stay signed in.
        </ConfirmDialog>
      )}
    </>
  );
}

function LoginRow({ login }: { login: Login }) {
  const end = useChange(() => request(endLogin, { params: { id: login.id } }), {
    outdated: [loginsQuery.queryKey],
    done: `Signed out of ${login.browser}.`,
  });
  return (
    <li>
      <BrowserIcon browser={login.browser} />
      <div className={styles.what}>
        <b>{login.browser}</b>
        <span>
          {login.address !== null && `${login.address} · `}since <RelativeTime time={login.createdAt} /> · by{' '}
          {METHODS[login.method]}
          {login.hasSecondFactor && login.method === 'password' && ' and code'}
        </span>
        <FormError error={end.error} />
      </div>
      {login.isCurrent ? (
        <span className={styles.when}>
          <Chip tone="ok" icon={CircleCheck}>
            This one
          </Chip>
        </span>
      ) : (
        <>
          <span className={styles.when}>
            used <RelativeTime time={login.lastUsedAt} />
          </span>
          <Button
            size="xs"
            variant="default"
            loading={end.isPending}
            aria-label={`Sign out of ${login.browser}`}
            onClick={() => end.mutate(undefined)}
          >
            Sign out
          </Button>
        </>
      )}
    </li>
  );
}

function BrowserIcon({ browser }: { browser: string }) {
  if (/android|iphone|ipad|ios/i.test(browser)) return <Smartphone size={18} aria-hidden />;
  return / on /.test(browser) ? <Monitor size={18} aria-hidden /> : <SquareTerminal size={18} aria-hidden />;
}
