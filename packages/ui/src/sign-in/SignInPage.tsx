import { createLogin } from '@lovely/api';
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { keys, request, setupQuery } from '../api.ts';
import { FormError } from '../parts/FormError.tsx';
import { paths, safeNext } from '../paths.ts';
import { EntryFrame } from '../shell/EntryFrame.tsx';

const route = getRouteApi('/sign-in');

export function SignInPage() {
  const { next } = route.useSearch();
  const router = useRouter();
  const queryClient = useQueryClient();
  const { data: setup } = useQuery(setupQuery);
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');

  const signIn = useMutation({
    mutationFn: () => request(createLogin, { body: { email: email.trim(), password } }),
    onSuccess: (user) => {
      queryClient.setQueryData(keys.me, user);
      router.history.push(safeNext(next));
    },
    onError: () => setPassword(''),
  });

  return (
    <EntryFrame title="Sign in" detail="Welcome back.">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          signIn.mutate();
        }}
      >
        <FormError error={signIn.error} />
        <TextInput
          label="E-mail"
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          data-autofocus
        />
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" size="md" loading={signIn.isPending}>
          Sign in
        </Button>
        {setup?.needed && <Link {...paths.setup()}>Make the first administrator</Link>}
      </form>
    </EntryFrame>
  );
}
