/** Writes a filter of devices line by line, and shows at once what it finds. */
import { FILTER_CONDITIONS_MAX } from '@lovely/api';
import { ActionIcon, Autocomplete, Button, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import {
  EMPTY_CONDITION,
  fieldLabel,
  OPERATORS,
  TAG_FIELD,
  TAG_OPERATORS,
  takesValue,
  type ConditionDraft,
  type Operator,
} from './filter-draft.ts';
import { FilterPreview } from './FilterPreview.tsx';
import { filterAttributesQuery } from './group-queries.ts';
import styles from './FilterBuilder.module.css';

const SCOPES = [
  { scope: 'system', label: 'Known here' },
  { scope: 'identity', label: 'Identity' },
  { scope: 'inventory', label: 'Inventory' },
] as const;

export function FilterBuilder({
  value,
  onChange,
}: {
  value: readonly ConditionDraft[];
  onChange: (drafts: ConditionDraft[]) => void;
}) {
  return (
    <fieldset className={styles.builder}>
      <legend>Houses where all of this holds</legend>
      {value.map((draft, index) => (
        <ConditionLine
          key={index}
          draft={draft}
          number={index + 1}
          onChange={(changed) => onChange(value.with(index, changed))}
          onRemove={() => onChange(value.toSpliced(index, 1))}
        />
      ))}
      {value.length < FILTER_CONDITIONS_MAX && (
        <Button
          variant="default"
          size="xs"
          leftSection={<Plus size={14} />}
          onClick={() => onChange([...value, EMPTY_CONDITION])}
        >
          Add a condition
        </Button>
      )}
      <FilterPreview drafts={value} />
    </fieldset>
  );
}

function ConditionLine({
  draft,
  number,
  onChange,
  onRemove,
}: {
  draft: ConditionDraft;
  number: number;
  onChange: (draft: ConditionDraft) => void;
  onRemove: () => void;
}) {
  const { fields, values } = useFields(draft.field);
  const isTag = draft.field === TAG_FIELD;
  const operators = isTag ? OPERATORS.filter(({ value }) => TAG_OPERATORS.includes(value)) : OPERATORS;
  return (
    <div className={styles.line}>
      <NativeSelect
        aria-label={`What condition ${number} is about`}
        data={fields}
        value={draft.field}
        onChange={({ currentTarget: { value } }) =>
          onChange({ field: value, operator: value === TAG_FIELD || isTag ? 'is' : draft.operator, value: '' })
        }
      />
      <NativeSelect
        aria-label={`How condition ${number} compares`}
        data={operators.map(({ value, label }) => ({ value, label }))}
        value={draft.operator}
        onChange={(event) => onChange({ ...draft, operator: event.currentTarget.value as Operator })}
      />
      {takesValue(draft.operator) ? (
        <Autocomplete
          aria-label={`Value of condition ${number}`}
          placeholder={draft.operator.endsWith('-of') ? 'one, another' : 'Value'}
          data={values}
          value={draft.value}
          onChange={(value) => onChange({ ...draft, value })}
        />
      ) : (
        <span />
      )}
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Remove condition ${number}`} onClick={onRemove}>
        <X size={16} aria-hidden />
      </ActionIcon>
    </div>
  );
}

/** The fields to choose from, also the one that was chosen when no device has it any more, and values that it has. */
function useFields(chosen: string) {
  const { data } = useQuery(filterAttributesQuery);
  const attributes = data?.items ?? [];
  const groups = SCOPES.map(({ scope, label }) => ({
    group: label,
    items: attributes
      .filter((attribute) => attribute.scope === scope)
      .map(({ attribute }) => `${scope}/${attribute}`)
      .map((field) => ({ value: field, label: fieldLabel(field) })),
  })).filter(({ items }) => items.length > 0);
  const isKnown = chosen === TAG_FIELD || groups.some(({ items }) => items.some(({ value }) => value === chosen));
  const values =
    chosen === TAG_FIELD
      ? attributes.filter(({ scope }) => scope === 'tags').map(({ attribute }) => attribute)
      : (attributes.find(({ scope, attribute }) => `${scope}/${attribute}` === chosen)?.values ?? []);
  return {
    fields: [
      { value: TAG_FIELD, label: 'Tag' },
      ...(isKnown ? [] : [{ value: chosen, label: fieldLabel(chosen) }]),
      ...groups,
    ],
    values: [...new Set(values)],
  };
}
