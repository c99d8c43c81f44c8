/** Sign-in: with a password and, where it is turned on, a code; with a passkey; or through another system. */
import { ApiError, createLogin, type User } from '@lovely/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { keys, request } from '../api.ts';
import { safeNext } from '../paths.ts';
import { CodeStep } from './CodeStep.tsx';
import { signInWithPasskey } from './passkey.ts';
import { PasswordStep } from './PasswordStep.tsx';

const route = getRouteApi('/sign-in');

/** What somebody typed so far; kept while the code is asked for, and nowhere but here. */
export interface Credentials {
  readonly email: string;
  readonly password: string;
}

export function SignInPage() {
  const { next } = route.useSearch();
  const router = useRouter();
  const queryClient = useQueryClient();
  const [credentials, setCredentials] = useState<Credentials>({ email: '', password: '' });
  const [step, setStep] = useState<'password' | 'code'>('password');

  const enter = (user: User): void => {
    queryClient.setQueryData(keys.me, user);
    router.history.push(safeNext(next));
  };
  const check = useMutation({
    mutationFn: () => request(createLogin, { body: trimmed(credentials) }),
    onSuccess: enter,
    onError: (error) => {
      if (isCodeNeeded(error)) setStep('code');
      else setCredentials({ ...credentials, password: '' });
    },
  });
  const checkCode = useMutation({
    mutationFn: (code: string) => request(createLogin, { body: { ...trimmed(credentials), code } }),
    onSuccess: enter,
    onError: () => undefined,
  });
  const passkey = useMutation({ mutationFn: signInWithPasskey, onSuccess: enter, onError: () => undefined });

  if (step === 'code') {
    return (
      <CodeStep
        check={checkCode}
        passkey={passkey}
        onBack={() => {
          for (const { reset } of [check, checkCode, passkey]) reset();
          setCredentials({ ...credentials, password: '' });
          setStep('password');
        }}
      />
    );
  }
  return (
    <PasswordStep credentials={credentials} onChange={setCredentials} check={check} passkey={passkey} onUser={enter} />
  );
}

function trimmed({ email, password }: Credentials): Credentials {
  return { email: email.trim(), password };
}

function isCodeNeeded(error: unknown): boolean {
  return error instanceof ApiError && error.problem.code === 'second-factor-needed';
}
