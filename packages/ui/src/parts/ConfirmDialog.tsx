import { TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { FormDialog } from './FormDialog.tsx';

/** Asks before something that can't be taken back; `typed` is what must be typed first, where a slip would be dear. */
export function ConfirmDialog({
  title,
  children,
  submitLabel,
  typed,
  change,
  onConfirm,
  onClose,
}: {
  title: string;
  children: ReactNode;
  submitLabel: string;
  typed?: string;
  change: { isPending: boolean; error: unknown };
  onConfirm: () => void;
  onClose: () => void;
}) {
  const [text, setText] = useState('');
  return (
    <FormDialog
      title={title}
      submitLabel={submitLabel}
      change={change}
      isDanger
      isReady={typed === undefined || text.trim() === typed}
      onSubmit={onConfirm}
      onClose={onClose}
    >
      <p>{children}</p>
      {typed !== undefined && (
        <TextInput
          label={`Type “${typed}” to confirm`}
          autoComplete="off"
          data-autofocus
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      )}
    </FormDialog>
  );
}
