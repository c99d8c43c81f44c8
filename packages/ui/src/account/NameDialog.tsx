import { TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { FormDialog } from '../parts/FormDialog.tsx';

/** Asks for a name. */
export function NameDialog({
  title,
  submitLabel,
  name,
  placeholder,
  change,
  onName,
  onClose,
  children,
}: {
  title: string;
  submitLabel: string;
  name: string;
  placeholder?: string;
  change: { isPending: boolean; error: unknown };
  onName: (name: string) => void;
  onClose: () => void;
  children?: ReactNode;
}) {
  const [text, setText] = useState(name);
  return (
    <FormDialog
      title={title}
      submitLabel={submitLabel}
      change={change}
      isReady={text.trim() !== ''}
      onSubmit={() => onName(text.trim())}
      onClose={onClose}
    >
      {children}
      <TextInput
        label="Name"
        autoComplete="off"
        data-autofocus
        value={text}
        {...(placeholder === undefined ? {} : { placeholder })}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
