/** The first start: makes the first administrator with the one-time code that the server printed. */
import { ApiError, createSetup } from '@lovely/api';
import { Button, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState, type ChangeEvent } from 'react';
import { keys, request, setupQuery } from '../api.ts';
import { FormError } from '../parts/FormError.tsx';
import { LinkButton } from '../parts/LinkButton.tsx';
import { paths } from '../paths.ts';
import { EntryFrame } from '../shell/EntryFrame.tsx';
import { codeFromHash } from './code-from-hash.ts';
import { NewPassword } from './NewPassword.tsx';
import { isStrongEnough } from './strength.ts';

const route = getRouteApi('/setup');

export function SetupPage() {
  const { needed } = route.useLoaderData();
  return needed ? <SetupForm /> : <SetupDone />;
}

function SetupForm() {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [codeGiven] = useState(() => codeFromHash(location.hash));
  const [form, setForm] = useState({ code: codeGiven, name: '', email: '', password: '' });
  const field = (name: keyof typeof form) => ({
    value: form[name],
    required: true,
    withAsterisk: false,
    onChange: (event: ChangeEvent<HTMLInputElement>) => {
      const { value } = event.currentTarget;
      setForm((before) => ({ ...before, [name]: value }));
    },
  });
  const knownWords = [form.name, form.email];

  const setUp = useMutation({
    mutationFn: () => request(createSetup, { body: { ...form, code: form.code.trim(), email: form.email.trim() } }),
    onSuccess: async (user) => {
      queryClient.setQueryData(keys.me, user);
      queryClient.setQueryData(setupQuery.queryKey, { needed: false });
      await navigate(paths.connect());
    },
  });
  const isCodeWrong = setUp.error instanceof ApiError && setUp.error.problem.code === 'bad-setup-code';

  return (
    <EntryFrame title="Set up your system" detail="Make the first administrator. It takes a minute.">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setUp.mutate();
        }}
      >
        <FormError error={setUp.error} />
        {(codeGiven === '' || isCodeWrong) && (
          <TextInput
            label="One-time code"
            description="The server printed it when it started."
            autoComplete="off"
            spellCheck={false}
            {...field('code')}
          />
        )}
        <TextInput label="Your name" autoComplete="name" {...field('name')} />
        <TextInput label="E-mail" type="email" autoComplete="username" {...field('email')} />
        <NewPassword
          value={form.password}
          onChange={(password) => setForm((before) => ({ ...before, password }))}
          knownWords={knownWords}
        />
        <Button type="submit" size="md" loading={setUp.isPending} disabled={!isStrongEnough(form.password, knownWords)}>
          Make administrator
        </Button>
      </form>
    </EntryFrame>
  );
}

function SetupDone() {
  return (
    <EntryFrame title="All set up" detail="The first administrator exists already.">
      <form>
        <LinkButton {...paths.signIn()} size="md">
          Sign in
        </LinkButton>
      </form>
    </EntryFrame>
  );
}
