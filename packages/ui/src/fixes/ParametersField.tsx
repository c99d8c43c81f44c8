/** What whoever runs a fix may choose. */
import { FIX_PARAMETERS_MAX, type FixParameter } from '@lovely/api';
import { ActionIcon, Button, NativeSelect, TagsInput, TextInput } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import styles from './ParametersField.module.css';
import { valueOf } from './typed-value.ts';

const TYPES = [
  { value: 'text', label: 'Text' },
  { value: 'number', label: 'Number' },
  { value: 'boolean', label: 'Yes or no' },
  { value: 'choice', label: 'One of some' },
];

export function ParametersField({
  value,
  errorOf,
  isReadOnly,
  onChange,
}: {
  value: readonly FixParameter[];
  errorOf: (path: string) => string | undefined;
  isReadOnly: boolean;
  onChange: (parameters: FixParameter[]) => void;
}) {
  return (
    <div className={styles.parameters}>
      {value.length === 0 && <p className={styles.none}>Nothing: it always runs the same way.</p>}
      {value.map((parameter, index) => {
        const set = (part: Partial<FixParameter>): void => onChange(value.with(index, { ...parameter, ...part }));
        return (
          <section key={index} className={styles.parameter} aria-label={`Parameter ${index + 1}`}>
            <TextInput
              label="Name"
              placeholder="freeMb"
              value={parameter.name}
              error={errorOf(`${index}.name`)}
              disabled={isReadOnly}
              onChange={(event) => set({ name: event.currentTarget.value })}
            />
            <TextInput
              label="Asked for as"
              placeholder="Megabytes to free"
              value={parameter.title}
              error={errorOf(`${index}.title`)}
              disabled={isReadOnly}
              onChange={(event) => set({ title: event.currentTarget.value })}
            />
            <NativeSelect
              label="Type"
              data={TYPES}
              value={parameter.type}
              disabled={isReadOnly}
              onChange={(event) =>
                set({ type: event.currentTarget.value as FixParameter['type'], default: null, choices: [] })
              }
            />
            {parameter.type === 'choice' && (
              <TagsInput
                label="Choices"
                value={parameter.choices}
                error={errorOf(`${index}.choices`)}
                disabled={isReadOnly}
                onChange={(choices) => set({ choices })}
              />
            )}
            <TextInput
              label="Unless somebody chooses"
              placeholder="Must be chosen"
              value={parameter.default === null ? '' : String(parameter.default)}
              error={errorOf(`${index}.default`)}
              disabled={isReadOnly}
              onChange={(event) => set({ default: defaultOf(parameter.type, event.currentTarget.value) })}
            />
            {!isReadOnly && (
              <ActionIcon
                variant="subtle"
                color="gray"
                size="lg"
                aria-label={`Remove parameter ${index + 1}`}
                onClick={() => onChange(value.toSpliced(index, 1))}
              >
                <X size={16} aria-hidden />
              </ActionIcon>
            )}
          </section>
        );
      })}
      {!isReadOnly && value.length < FIX_PARAMETERS_MAX && (
        <Button
          variant="default"
          size="xs"
          leftSection={<Plus size={14} />}
          onClick={() => onChange([...value, { name: '', title: '', type: 'text', choices: [], default: null }])}
        >
          Add a choice
        </Button>
      )}
    </div>
  );
}

function defaultOf(type: FixParameter['type'], text: string): FixParameter['default'] {
  if (text === '') return null;
  return type === 'text' || type === 'choice' ? text : valueOf(text);
}
