import type { User } from '@lovely/api';
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { browserSupportsWebAuthn } from '@simplewebauthn/browser';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { setupQuery } from '../api.ts';
import { focusOnce } from '../parts/focus-once.ts';
import { paths } from '../paths.ts';
import { EntryFrame } from '../shell/EntryFrame.tsx';
import { usePasskeyOffer } from './passkey.ts';
import { providerErrorFromHash } from './provider-error.ts';
import { Providers } from './Providers.tsx';
import type { Credentials } from './SignInPage.tsx';
import styles from './SignInPage.module.css';
import { TryError } from './TryError.tsx';
import { useWait } from './wait.ts';

interface Try {
  readonly isPending: boolean;
  readonly error: unknown;
  readonly mutate: () => void;
  readonly reset: () => void;
}

export function PasswordStep({
  credentials: { email, password },
  onChange,
  check,
  passkey,
  onUser,
}: {
  credentials: Credentials;
  onChange: (credentials: Credentials) => void;
  check: Try;
  passkey: Try;
  onUser: (user: User) => void;
}) {
  const { data: setup } = useQuery(setupQuery);
  const [offerError, setOfferError] = useState<unknown>();
  const [providerError, setProviderError] = useState(() => providerErrorFromHash(location.hash));
  usePasskeyOffer(onUser, setOfferError);
  const error = check.error ?? passkey.error ?? offerError ?? providerError;
  const wait = useWait(error);
  const forget = (): void => {
    check.reset();
    passkey.reset();
    setOfferError(undefined);
    setProviderError(undefined);
  };
  return (
    <EntryFrame title="Sign in" detail="Welcome back.">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (wait.isOver) {
            forget();
            check.mutate();
          }
        }}
      >
        <TryError error={error} wait={wait} />
        <TextInput
          label="E-mail"
          type="email"
          autoComplete="username webauthn"
          required
          withAsterisk={false}
          value={email}
          onChange={(event) => onChange({ email: event.currentTarget.value, password })}
          ref={focusOnce}
        />
        <div className={styles.password}>
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={password}
            onChange={(event) => onChange({ email, password: event.currentTarget.value })}
          />
          <Link {...paths.forgot()} className={styles.forgot}>
            Forgot your password?
          </Link>
        </div>
        <Button type="submit" size="md" loading={check.isPending} disabled={!wait.isOver}>
          Sign in
        </Button>
        <div className={styles.or}>or</div>
        {browserSupportsWebAuthn() && (
          <Button
            variant="default"
            size="md"
            leftSection={<KeyRound size={17} aria-hidden />}
            loading={passkey.isPending}
            onClick={() => {
              forget();
              passkey.mutate();
            }}
          >
            Sign in with a passkey
          </Button>
        )}
        <Providers email={email} />
        {setup?.needed && <Link {...paths.setup()}>Make the first administrator</Link>}
      </form>
    </EntryFrame>
  );
}
