import type { FixValue } from '@lovely/api';
import { ActionIcon, Button, Input, TextInput } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import { useId, useState } from 'react';
import { valueOf } from './typed-value.ts';
import styles from './ValuesField.module.css';

/** Names and values, one pair a line. */
export function ValuesField({
  label,
  description,
  value,
  error,
  isReadOnly,
  onChange,
}: {
  label: string;
  description?: string;
  value: Readonly<Record<string, FixValue>>;
  error?: string | undefined;
  isReadOnly: boolean;
  onChange: (values: Record<string, FixValue>) => void;
}) {
  const id = useId();
  // Kept as typed: two lines may have one name for a moment, and "0." is on its way to 0.5.
  const [lines, setLines] = useState(() => Object.entries(value).map(([name, each]) => ({ name, text: String(each) })));
  const set = (next: typeof lines): void => {
    setLines(next);
    onChange(Object.fromEntries(next.filter(({ name }) => name !== '').map(({ name, text }) => [name, valueOf(text)])));
  };
  return (
    <Input.Wrapper label={label} description={description} error={error} labelElement="div" id={id}>
      <ul className={styles.lines} aria-labelledby={`${id}-label`}>
        {lines.map((line, index) => (
          <li key={index}>
            <TextInput
              aria-label={`Name ${index + 1}`}
              placeholder="name"
              value={line.name}
              disabled={isReadOnly}
              onChange={(event) => set(lines.with(index, { ...line, name: event.currentTarget.value.trim() }))}
            />
            <TextInput
              aria-label={`Value ${index + 1}`}
              placeholder="value"
              value={line.text}
              disabled={isReadOnly}
              onChange={(event) => set(lines.with(index, { ...line, text: event.currentTarget.value }))}
            />
            {!isReadOnly && (
              <ActionIcon
                variant="subtle"
                color="gray"
                size="lg"
                aria-label={`Remove ${line.name === '' ? `line ${index + 1}` : line.name}`}
                onClick={() => set(lines.toSpliced(index, 1))}
              >
                <X size={16} aria-hidden />
              </ActionIcon>
            )}
          </li>
        ))}
      </ul>
      {!isReadOnly && (
        <Button
          variant="default"
          size="xs"
          leftSection={<Plus size={14} />}
          onClick={() => setLines([...lines, { name: '', text: '' }])}
        >
          Add a value
        </Button>
      )}
    </Input.Wrapper>
  );
}
