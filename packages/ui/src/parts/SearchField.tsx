import { CloseButton, Kbd, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { Search } from 'lucide-react';
import { useState } from 'react';
import { TYPING_PAUSE_MS } from '../limits.ts';
import styles from './SearchField.module.css';

/** A search above a list; `onChange` is called after a pause in typing. The key `/` leads into it. */
export function SearchField({
  label,
  placeholder,
  value,
  onChange,
}: {
  label: string;
  placeholder?: string;
  value: string;
  onChange: (search: string) => void;
}) {
  const [text, setText] = useState(value);
  const [reported, setReported] = useState(value);
  const [seen, setSeen] = useState(value);
  const report = useDebouncedCallback((search: string) => {
    setReported(search);
    onChange(search);
  }, TYPING_PAUSE_MS);
  if (value !== seen) {
    setSeen(value);
    // Changed from elsewhere, e.g. by "Clear the filter" or the back button.
    if (value !== reported) setText(value);
  }
  return (
    <TextInput
      className={styles.search}
      aria-label={label}
      placeholder={placeholder ?? label}
      data-filter
      leftSection={<Search size={16} />}
      rightSection={
        text === '' ? (
          <Kbd className={styles.key}>/</Kbd>
        ) : (
          <CloseButton
            size="sm"
            aria-label="Clear the search"
            onClick={() => {
              setText('');
              onChange('');
            }}
          />
        )
      }
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        report(event.currentTarget.value.trim());
      }}
    />
  );
}
