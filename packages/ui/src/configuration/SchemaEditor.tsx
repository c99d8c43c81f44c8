/** The form of a schema: what it is of, and its settings in the order in which they are shown. */
import { SENSOR_KINDS, type ConfigurationSchemaDraft, type ConfigurationSchemaOf } from '@lovely/api';
import { Button, Input, SegmentedControl, Switch, TagsInput, TextInput } from '@mantine/core';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useFilterValues } from '../groups/group-queries.ts';
import { Card } from '../parts/Card.tsx';
import { FormError } from '../parts/FormError.tsx';
import { BLANK_FIELD, schemaErrors } from './schema-draft.ts';
import { SchemaFieldForm } from './SchemaFieldForm.tsx';
import styles from './SchemaEditor.module.css';

export function SchemaEditor({
  initial,
  isBuiltIn = false,
  isReadOnly,
  submitLabel,
  change,
  onSubmit,
}: {
  initial: ConfigurationSchemaDraft;
  isBuiltIn?: boolean;
  isReadOnly: boolean;
  submitLabel: string;
  change: { readonly isPending: boolean; readonly error: unknown };
  onSubmit: (schema: ConfigurationSchemaDraft) => void;
}) {
  const [draft, setDraft] = useState(initial);
  // What is typed stays with its setting when the order changes.
  const [ids, setIds] = useState(() => initial.fields.map(() => crypto.randomUUID()));
  const errors = schemaErrors(change.error);
  const set = (part: Partial<ConfigurationSchemaDraft>): void => setDraft({ ...draft, ...part });
  const { fields } = draft;
  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit(draft);
      }}
    >
      <Card title="What it is for">
        <div className={styles.head}>
          <TextInput
            label="Title"
            placeholder="Gateway of the second generation"
            value={draft.title}
            error={errors.get('title')}
            disabled={isReadOnly}
            onChange={(event) => set({ title: event.currentTarget.value })}
          />
          <Of
            value={draft.of}
            isFixed={isBuiltIn || isReadOnly}
            isReadOnly={isReadOnly}
            onChange={(of) => set({ of })}
          />
          <Switch
            label="Other settings may be set too"
            description="Without it, a key that no schema names is refused."
            checked={draft.takesUnknown}
            disabled={isReadOnly}
            onChange={(event) => set({ takesUnknown: event.currentTarget.checked })}
          />
        </div>
      </Card>
      <Card title="Settings">
        {fields.map((field, index) => (
          <SchemaFieldForm
            key={ids[index]}
            field={field}
            index={index}
            isFirst={index === 0}
            isLast={index === fields.length - 1}
            isReadOnly={isReadOnly}
            errorOf={(member) => errors.get(`${index}/${member}`)}
            onChange={(part) => set({ fields: fields.with(index, { ...field, ...part }) })}
            onMove={(by) => {
              setIds(ids.with(index, ids[index + by]!).with(index + by, ids[index]!));
              set({ fields: fields.with(index, fields[index + by]!).with(index + by, field) });
            }}
            onRemove={() => {
              setIds(ids.toSpliced(index, 1));
              set({ fields: fields.toSpliced(index, 1) });
            }}
          />
        ))}
        {!isReadOnly && (
          <Button
            variant="default"
            leftSection={<Plus size={14} />}
            onClick={() => {
              setIds([...ids, crypto.randomUUID()]);
              set({ fields: [...fields, BLANK_FIELD] });
            }}
          >
            Add a setting
          </Button>
        )}
      </Card>
      <FormError error={change.error} />
      {!isReadOnly && (
        <div className={styles.end}>
          <Button type="submit" loading={change.isPending}>
            {submitLabel}
          </Button>
        </div>
      )}
    </form>
  );
}

function Of({
  value,
  isFixed,
  isReadOnly,
  onChange,
}: {
  value: ConfigurationSchemaOf;
  isFixed: boolean;
  isReadOnly: boolean;
  onChange: (of: ConfigurationSchemaOf) => void;
}) {
  const types = useFilterValues('inventory', 'device_type');
  if (value.kind === 'client') return <p className={styles.client}>The client on every gateway.</p>;
  return (
    <>
      <Input.Wrapper label="For" labelElement="div" className={styles.choice ?? ''}>
        <SegmentedControl
          aria-label="For"
          data={[
            { value: 'gateway', label: 'Gateways' },
            { value: 'sensors', label: 'Sensors' },
          ]}
          value={value.kind}
          disabled={isFixed}
          onChange={(kind) =>
            onChange(kind === 'gateway' ? { kind, deviceTypes: [] } : { kind: 'sensors', kinds: [], models: [] })
          }
        />
      </Input.Wrapper>
      {value.kind === 'gateway' ? (
        <TagsInput
          label="Types of gateways"
          description="None: all of them."
          data={types}
          value={value.deviceTypes}
          disabled={isReadOnly}
          onChange={(deviceTypes) => onChange({ ...value, deviceTypes })}
        />
      ) : (
        <>
          <TagsInput
            label="Kinds of sensors"
            description="None: all of them."
            data={Object.keys(SENSOR_KINDS)}
            value={value.kinds}
            disabled={isReadOnly}
            onChange={(kinds) => onChange({ ...value, kinds })}
          />
          <TagsInput
            label="Models of sensors"
            description="None: all of them."
            value={value.models}
            disabled={isReadOnly}
            onChange={(models) => onChange({ ...value, models })}
          />
        </>
      )}
    </>
  );
}
