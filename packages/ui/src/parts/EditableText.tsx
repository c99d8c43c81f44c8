import { ActionIcon, TextInput, UnstyledButton } from '@mantine/core';
import { Check, Pencil, X } from 'lucide-react';
import { useState, type KeyboardEvent } from 'react';
import { errorText } from './error-text.ts';
import styles from './EditableText.module.css';

interface EditableTextProps {
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  readonly isRequired?: boolean;
  /** For people who may see it only. */
  readonly isReadOnly?: boolean;
  readonly onSave: (value: string) => Promise<unknown>;
}

/** A text that turns into a field when it is pressed. Enter saves, Escape leaves it as it was. */
export function EditableText({
  label,
  value,
  placeholder = '',
  isRequired = false,
  isReadOnly = false,
  onSave,
}: EditableTextProps) {
  const [draft, setDraft] = useState<string>();
  const [error, setError] = useState<unknown>();

  const text = value === '' ? <span className={styles.placeholder}>{placeholder}</span> : value;
  if (isReadOnly) return text;
  if (draft === undefined) {
    return (
      <UnstyledButton className={styles.text} onClick={() => setDraft(value)}>
        <span className="visually-hidden">{label}, edit: </span>
        {text}
        <Pencil size={14} aria-hidden />
      </UnstyledButton>
    );
  }

  const stop = (): void => {
    setDraft(undefined);
    setError(undefined);
  };
  const save = async (): Promise<void> => {
    const typed = draft.trim();
    if (typed === value || (isRequired && typed === '')) return stop();
    try {
      await onSave(typed);
      stop();
    } catch (refusal) {
      setError(refusal);
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') stop();
  };
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <TextInput
        aria-label={label}
        placeholder={placeholder}
        value={draft}
        onChange={(event) => setDraft(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        error={error === undefined ? undefined : errorText(error)}
        ref={focusOnce}
        size="sm"
      />
      <ActionIcon type="submit" size="lg" aria-label="Save">
        <Check size={16} />
      </ActionIcon>
      <ActionIcon variant="default" size="lg" aria-label="Cancel" onClick={stop}>
        <X size={16} />
      </ActionIcon>
    </form>
  );
}

function focusOnce(field: HTMLInputElement | null): void {
  field?.focus();
  field?.select();
}
