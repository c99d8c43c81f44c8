/** A filter of devices while a person writes it: one line for each condition, every value a text. */
import type { DeviceCondition, DeviceFilter } from '@lovely/api';

export const OPERATORS = [
  { value: 'is', label: 'is', type: '$eq' },
  { value: 'is-not', label: 'is not', type: '$ne' },
  { value: 'one-of', label: 'is one of', type: '$in' },
  { value: 'none-of', label: 'is none of', type: '$nin' },
  { value: 'more', label: 'is more than', type: '$gt' },
  { value: 'at-least', label: 'is at least', type: '$gte' },
  { value: 'less', label: 'is less than', type: '$lt' },
  { value: 'at-most', label: 'is at most', type: '$lte' },
  { value: 'matches', label: 'matches the pattern', type: '$regex' },
  { value: 'there', label: 'is known', type: '$exists' },
  { value: 'missing', label: 'is not known', type: '$exists' },
] as const satisfies readonly { value: string; label: string; type: DeviceCondition['type'] }[];
export type Operator = (typeof OPERATORS)[number]['value'];

export interface ConditionDraft {
  /** `tag`, or scope and attribute, as `inventory/kernel`. */
  readonly field: string;
  readonly operator: Operator;
  readonly value: string;
}

/** Tags are conditions on their own existence, which people read as "Tag is …". */
export const TAG_FIELD = 'tag';
export const TAG_OPERATORS: readonly Operator[] = ['is', 'is-not'];

export const EMPTY_CONDITION: ConditionDraft = { field: TAG_FIELD, operator: 'is', value: '' };

const SYSTEM_LABELS: Readonly<Record<string, string>> = {
  'identity/status': 'Status',
  'system/health': 'Health',
  'system/name': 'Name',
  'system/address': 'Address',
  'system/created_ts': 'Joined at',
  'system/updated_ts': 'Changed at',
  'system/group': 'Static group',
};

/** How a field is called: those that we make have names of their own. */
export function fieldLabel(field: string): string {
  if (field === TAG_FIELD) return 'Tag';
  return SYSTEM_LABELS[field] ?? field.slice(field.indexOf('/') + 1);
}

export function takesValue(operator: Operator): boolean {
  return operator !== 'there' && operator !== 'missing';
}

/** The filter that the lines stand for; undefined while one of them is not complete. */
export function filterOf(drafts: readonly ConditionDraft[]): DeviceFilter | undefined {
  const all = drafts.map(conditionOf);
  return all.length > 0 && all.every((condition) => condition !== undefined) ? { all } : undefined;
}

export function draftsOf({ all }: DeviceFilter): ConditionDraft[] {
  return all.map((condition) => {
    const { scope, attribute, type, value } = condition;
    if (scope === 'tags' && type === '$exists')
      return { field: TAG_FIELD, operator: value === false ? 'is-not' : 'is', value: attribute };
    const field = `${scope}/${attribute}`;
    if (type === '$exists') return { field, operator: value === false ? 'missing' : 'there', value: '' };
    const operator = OPERATORS.find((candidate) => candidate.type === type)?.value ?? 'is';
    return { field, operator, value: Array.isArray(value) ? value.join(', ') : String(value) };
  });
}

/** A filter in words, e.g. "Tag is milan and kernel is at least 5". */
export function filterText(filter: DeviceFilter): string {
  return draftsOf(filter)
    .map(({ field, operator, value }) => {
      const label = OPERATORS.find((candidate) => candidate.value === operator)?.label ?? '';
      return `${fieldLabel(field)} ${label}${value === '' ? '' : ` ${value}`}`;
    })
    .join(' and ');
}

function conditionOf({ field, operator, value }: ConditionDraft): DeviceCondition | undefined {
  const text = value.trim();
  if (field === '' || (takesValue(operator) && text === '')) return undefined;
  if (field === TAG_FIELD) return { scope: 'tags', attribute: text, type: '$exists', value: operator !== 'is-not' };
  const slash = field.indexOf('/');
  const scope = field.slice(0, slash) as DeviceCondition['scope'];
  const attribute = field.slice(slash + 1);
  const type = OPERATORS.find((candidate) => candidate.value === operator)?.type ?? '$eq';
  switch (type) {
    case '$exists':
      return { scope, attribute, type, value: operator === 'there' };
    case '$in':
    case '$nin': {
      const texts = text.split(',').map((part) => part.trim());
      return { scope, attribute, type, value: texts.filter((part) => part !== '') };
    }
    default:
      return { scope, attribute, type, value: text };
  }
}
