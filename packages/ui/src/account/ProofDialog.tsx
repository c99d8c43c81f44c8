/** Asks again who it is, before a second factor changes. */
import type { Proof } from '@lovely/api';
import { PasswordInput, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { FormDialog } from '../parts/FormDialog.tsx';

export function ProofDialog({
  title,
  submitLabel,
  isDanger = false,
  hasPassword,
  change,
  onProof,
  onClose,
  children,
}: {
  title: string;
  submitLabel: string;
  isDanger?: boolean;
  /** Who signs in through another system only has none, and types a code. */
  hasPassword: boolean;
  change: { isPending: boolean; error: unknown };
  onProof: (proof: Proof) => void;
  onClose: () => void;
  children: ReactNode;
}) {
  const [text, setText] = useState('');
  const field = {
    required: true,
    withAsterisk: false,
    'data-autofocus': true,
    value: text,
    onChange: (event: { currentTarget: { value: string } }) => setText(event.currentTarget.value),
  };
  return (
    <FormDialog
      title={title}
      submitLabel={submitLabel}
      change={change}
      isDanger={isDanger}
      isReady={text.trim() !== ''}
      onSubmit={() => onProof(hasPassword ? { password: text } : { code: text.trim() })}
      onClose={onClose}
    >
      <p>{children}</p>
      {hasPassword ? (
        <PasswordInput label="Your password" autoComplete="current-password" {...field} />
      ) : (
        <TextInput label="A code of your app, or a recovery code" autoComplete="one-time-code" {...field} />
      )}
    </FormDialog>
  );
}
