/** The second step of signing in: a code of the app, a recovery code, or a passkey instead. */
import { ApiError } from '@lovely/api';
import { Button, TextInput, UnstyledButton } from '@mantine/core';
import { browserSupportsWebAuthn } from '@simplewebauthn/browser';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { focusOnce } from '../parts/focus-once.ts';
import { EntryFrame } from '../shell/EntryFrame.tsx';
import styles from './SignInPage.module.css';
import { TryError } from './TryError.tsx';
import { useWait } from './wait.ts';

const CODE_DIGITS = 6;

export function CodeStep({
  check,
  passkey,
  onBack,
}: {
  check: { isPending: boolean; error: unknown; mutate: (code: string) => void; reset: () => void };
  passkey: { isPending: boolean; error: unknown; mutate: () => void; reset: () => void };
  onBack: () => void;
}) {
  const [code, setCode] = useState('');
  const [kind, setKind] = useState<'app' | 'recovery'>('app');
  const error = check.error ?? passkey.error;
  const wait = useWait(error);

  const send = (text: string): void => {
    if (!wait.isOver || check.isPending) return;
    passkey.reset();
    check.mutate(text);
    setCode('');
  };
  const type = (text: string): void => {
    setCode(text);
    // The last digit sends it: who reads a code from a phone has half a minute.
    const digits = text.replaceAll(/\s/g, '');
    if (kind === 'app' && new RegExp(`^\\d{${CODE_DIGITS}}$`).test(digits)) send(digits);
  };
  const change = (to: 'app' | 'recovery'): void => {
    check.reset();
    passkey.reset();
    setCode('');
    setKind(to);
  };

  return (
    <EntryFrame
      title="One more step"
      detail={
        kind === 'app'
          ? 'Type the six digits that your authenticator app shows.'
          : 'Type one of the recovery codes that you kept. Each works once.'
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          send(code.trim());
        }}
      >
        <TryError error={inWords(error)} wait={wait} />
        <TextInput
          key={kind}
          label={kind === 'app' ? 'Code' : 'Recovery code'}
          autoComplete={kind === 'app' ? 'one-time-code' : 'off'}
          inputMode={kind === 'app' ? 'numeric' : 'text'}
          spellCheck={false}
          required
          withAsterisk={false}
          size="md"
          classNames={{ input: styles.code! }}
          value={code}
          onChange={(event) => type(event.currentTarget.value)}
          ref={focusOnce}
        />
        <Button type="submit" size="md" loading={check.isPending} disabled={!wait.isOver}>
          Go on
        </Button>
        <div className={styles.others}>
          {browserSupportsWebAuthn() && (
            <UnstyledButton
              className={styles.other}
              disabled={passkey.isPending}
              onClick={() => {
                check.reset();
                passkey.mutate();
              }}
            >
              <KeyRound size={15} aria-hidden /> Use a passkey instead
            </UnstyledButton>
          )}
          <UnstyledButton className={styles.other} onClick={() => change(kind === 'app' ? 'recovery' : 'app')}>
            {kind === 'app' ? 'Use a recovery code' : 'Use a code of the app'}
          </UnstyledButton>
          <UnstyledButton className={styles.other} onClick={onBack}>
            Sign in as somebody else
          </UnstyledButton>
        </div>
      </form>
    </EntryFrame>
  );
}

/** Here the password was right, so what is refused is the code. */
function inWords(error: unknown): unknown {
  if (!(error instanceof ApiError) || error.problem.status !== 401) return error;
  return new Error('That code is wrong, or was used already. The app shows a new one every half minute.');
}
