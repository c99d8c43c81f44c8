/** Asks for the link to a new password. What it says is the same whether there is such an account or not. */
import { requestPasswordReset } from '@lovely/api';
import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { MailCheck, MailX } from 'lucide-react';
import { useState } from 'react';
import { request } from '../api.ts';
import { EmptyState } from '../parts/EmptyState.tsx';
import { focusOnce } from '../parts/focus-once.ts';
import { LinkButton } from '../parts/LinkButton.tsx';
import { paths } from '../paths.ts';
import { EntryFrame } from '../shell/EntryFrame.tsx';
import { TryError } from '../sign-in/TryError.tsx';
import { useWait } from '../sign-in/wait.ts';

export function ForgotPage() {
  const [email, setEmail] = useState('');
  const ask = useMutation({
    mutationFn: () => request(requestPasswordReset, { body: { email: email.trim() } }),
  });
  const wait = useWait(ask.error);
  if (ask.data) {
    return (
      <EntryFrame title="Forgot your password?">
        <output>
          {ask.data.isMailConfigured ? (
            <EmptyState
              icon={MailCheck}
              tone="ok"
              title="Look into your mail"
              detail={`If there is an account for ${email.trim()}, a link is on its way. It works once, within an hour.`}
            >
              <LinkButton {...paths.signIn()} variant="default">
                Back to sign-in
              </LinkButton>
            </EmptyState>
          ) : (
            <EmptyState
              icon={MailX}
              title="Ask an administrator"
              detail="This system sends no mail. An administrator can make a link for you: Settings, People, your name, “Reset password”."
            >
              <LinkButton {...paths.signIn()} variant="default">
                Back to sign-in
              </LinkButton>
            </EmptyState>
          )}
        </output>
      </EntryFrame>
    );
  }
  return (
    <EntryFrame title="Forgot your password?" detail="It happens. We send you a link to set a new one.">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (wait.isOver) ask.mutate();
        }}
      >
        <TryError error={ask.error} wait={wait} />
        <TextInput
          label="E-mail"
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          ref={focusOnce}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <Button type="submit" size="md" loading={ask.isPending} disabled={!wait.isOver}>
          Send the link
        </Button>
        <Link {...paths.signIn()}>Back to sign-in</Link>
      </form>
    </EntryFrame>
  );
}
