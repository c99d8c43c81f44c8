import type { ConfigurationField } from '@lovely/api';
import { ActionIcon, NativeSelect, Switch, Textarea, TextInput } from '@mantine/core';
import { ArrowDown, ArrowUp, Trash2 } from 'lucide-react';
import { DurationField } from '../parts/DurationField.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { FIELD_TYPES } from './schema-draft.ts';
import styles from './SchemaEditor.module.css';

/** One setting of a schema: what it is called, what is good, and what the house does without it. */
export function SchemaFieldForm({
  field,
  index,
  isFirst,
  isLast,
  isReadOnly,
  errorOf,
  onChange,
  onMove,
  onRemove,
}: {
  field: ConfigurationField;
  index: number;
  isFirst: boolean;
  isLast: boolean;
  isReadOnly: boolean;
  errorOf: (member: string) => string | undefined;
  onChange: (part: Partial<ConfigurationField>) => void;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
}) {
  const name = field.title === '' ? `setting ${index + 1}` : field.title;
  const isNumber = field.type === 'integer' || field.type === 'number';
  return (
    <section className={styles.field} aria-label={name}>
      <TextInput
        label="Key"
        placeholder="port"
        value={field.key}
        error={errorOf('key')}
        disabled={isReadOnly}
        onChange={(event) => onChange({ key: event.currentTarget.value.trim() })}
      />
      <TextInput
        label="Shown as"
        placeholder="Port of the web page"
        value={field.title}
        error={errorOf('title')}
        disabled={isReadOnly}
        onChange={(event) => onChange({ title: event.currentTarget.value })}
      />
      <NativeSelect
        label="Type"
        data={FIELD_TYPES.map(({ value, label }) => ({ value, label }))}
        value={field.type}
        disabled={isReadOnly}
        onChange={(event) =>
          onChange({
            type: event.currentTarget.value as ConfigurationField['type'],
            default: null,
            min: null,
            max: null,
          })
        }
      />
      <Textarea
        className={styles.wide ?? ''}
        label="Explanation"
        autosize
        minRows={1}
        value={field.description}
        disabled={isReadOnly}
        onChange={(event) => onChange({ description: event.currentTarget.value })}
      />
      {(isNumber || field.type === 'duration') && (
        <>
          <Limit
            label="Least"
            field={field}
            value={field.min}
            isReadOnly={isReadOnly}
            error={errorOf('min')}
            onChange={(min) => onChange({ min })}
          />
          <Limit
            label="Most"
            field={field}
            value={field.max}
            isReadOnly={isReadOnly}
            error={errorOf('max')}
            onChange={(max) => onChange({ max })}
          />
        </>
      )}
      {isNumber && (
        <TextInput
          label="Unit"
          placeholder="°C"
          value={field.unit}
          disabled={isReadOnly}
          onChange={(event) => onChange({ unit: event.currentTarget.value })}
        />
      )}
      {field.type === 'text' && (
        <>
          <NumberField
            label="Characters at most"
            value={field.lengthMax ?? Number.NaN}
            isWhole
            isDisabled={isReadOnly}
            onChange={(length) => onChange({ lengthMax: Number.isNaN(length) ? null : length })}
          />
          <TextInput
            label="Pattern"
            placeholder="[a-z]+"
            value={field.pattern}
            error={errorOf('pattern')}
            disabled={isReadOnly}
            onChange={(event) => onChange({ pattern: event.currentTarget.value })}
          />
        </>
      )}
      {field.type === 'choice' && (
        <Textarea
          className={styles.wide ?? ''}
          label="Choices"
          description="One a line: the value, and after = what it is shown as."
          autosize
          minRows={2}
          defaultValue={field.choices
            .map(({ value, title }) => (title === '' ? value : `${value} = ${title}`))
            .join('\n')}
          error={errorOf('choices')}
          disabled={isReadOnly}
          onChange={(event) => onChange({ choices: choicesOf(event.currentTarget.value) })}
        />
      )}
      <Default
        field={field}
        error={errorOf('default')}
        isReadOnly={isReadOnly}
        onChange={(value) => onChange({ default: value })}
      />
      <Switch
        label="Counts after a restart"
        checked={field.needsRestart}
        disabled={isReadOnly}
        onChange={(event) => onChange({ needsRestart: event.currentTarget.checked })}
      />
      {!isReadOnly && (
        <div className={styles.tools}>
          <ActionIcon
            variant="subtle"
            color="gray"
            disabled={isFirst}
            aria-label={`Move ${name} up`}
            onClick={() => onMove(-1)}
          >
            <ArrowUp size={16} aria-hidden />
          </ActionIcon>
          <ActionIcon
            variant="subtle"
            color="gray"
            disabled={isLast}
            aria-label={`Move ${name} down`}
            onClick={() => onMove(1)}
          >
            <ArrowDown size={16} aria-hidden />
          </ActionIcon>
          <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${name}`} onClick={onRemove}>
            <Trash2 size={16} aria-hidden />
          </ActionIcon>
        </div>
      )}
    </section>
  );
}

/** What the house does when nobody sets it, as its type has it. */
function Default({
  field,
  error,
  isReadOnly,
  onChange,
}: {
  field: ConfigurationField;
  error: string | undefined;
  isReadOnly: boolean;
  onChange: (value: ConfigurationField['default']) => void;
}) {
  const label = 'Unless it is set';
  const { type, default: value } = field;
  switch (type) {
    case 'integer':
    case 'number':
    case 'duration':
      return (
        <Limit
          label={label}
          field={field}
          value={typeof value === 'number' ? value : null}
          error={error}
          isReadOnly={isReadOnly}
          onChange={onChange}
        />
      );
    case 'boolean':
      return (
        <NativeSelect
          label={label}
          data={[
            { value: '', label: 'not known' },
            { value: 'true', label: 'yes' },
            { value: 'false', label: 'no' },
          ]}
          value={value === null ? '' : String(value)}
          error={error}
          disabled={isReadOnly}
          onChange={({ currentTarget }) => onChange(currentTarget.value === '' ? null : currentTarget.value === 'true')}
        />
      );
    default:
      return (
        <TextInput
          label={label}
          value={value === null ? '' : String(value)}
          error={error}
          disabled={isReadOnly}
          onChange={({ currentTarget }) => onChange(currentTarget.value === '' ? null : currentTarget.value)}
        />
      );
  }
}

function Limit({
  label,
  field,
  value,
  error,
  isReadOnly,
  onChange,
}: {
  label: string;
  field: ConfigurationField;
  value: number | null;
  error: string | undefined;
  isReadOnly: boolean;
  onChange: (value: number | null) => void;
}) {
  const set = (next: number): void => onChange(Number.isNaN(next) ? null : next);
  const shown = value ?? Number.NaN;
  return field.type === 'duration' ? (
    <DurationField label={label} value={shown} error={error} isDisabled={isReadOnly} onChange={set} />
  ) : (
    <NumberField
      label={label}
      value={shown}
      error={error}
      isWhole={field.type === 'integer'}
      isDisabled={isReadOnly}
      onChange={set}
    />
  );
}

function choicesOf(text: string): ConfigurationField['choices'] {
  return text
    .split('\n')
    .map((line) => {
      const [value = '', ...title] = line.split('=');
      return { value: value.trim(), title: title.join('=').trim() };
    })
    .filter(({ value }) => value !== '');
}
