/** Saved filters and scopes of devices as conditions on the table `devices`. */
import { sql, type RawBuilder } from 'kysely';
import type { DeviceCondition, DeviceFilter } from '@lovely/api';
import type { DeviceGroup, DeviceScope } from '../domain/device-scope.ts';
import { LovelyError } from '../errors.ts';

type Condition = RawBuilder<boolean>;

/** Which of the rows of `devices` are in the scope. */
export function withinScope(scope: DeviceScope): Condition {
  return scope.kind === 'all' ? sql`true` : anyOf(scope.groups.map(inGroup));
}

/** Which of the rows of `devices` are in the group. */
export function inGroup(group: DeviceGroup): Condition {
  return group.kind === 'dynamic'
    ? compileFilter(group.filter)
    : sql`exists (select from group_devices
        where group_devices.device_id = devices.id and group_devices.group_id = ${group.id}::uuid)`;
}

/** Which of the rows of `devices` pass the filter. Throws 'bad-input' for a value that doesn't fit its type. */
export function compileFilter(filter: DeviceFilter): Condition {
  return sql`(${sql.join(filter.all.map(compile), sql` and `)})`;
}

function compile(condition: DeviceCondition): Condition {
  const { scope, attribute, type } = condition;
  if (scope === 'system' && attribute === 'group') return compileGroup(condition);
  const value = valueOf(scope, attribute);
  switch (type) {
    case '$eq':
      return holds(value, [textOf(condition)]);
    case '$ne':
      return sql`not ${holds(value, [textOf(condition)])}`;
    case '$in':
      return holds(value, listOf(condition));
    case '$nin':
      return sql`not ${holds(value, listOf(condition))}`;
    case '$exists':
      return condition.value === false ? sql`(${value} is null)` : sql`(${value} is not null)`;
    case '$regex':
      return sql`coalesce(${value} #>> '{}' ~ ${regexOf(condition)}, false)`;
    default:
      return compileOrder(value, type, condition);
  }
}

/** An attribute as jsonb: a text, or a list of texts. */
function valueOf(scope: DeviceCondition['scope'], attribute: string): RawBuilder<unknown> {
  if (scope === 'inventory') return sql`(devices.inventory -> ${attribute}::text)`;
  if (scope === 'tags')
    return sql`(case when ${attribute}::text = any(devices.tags) then to_jsonb(${attribute}::text) end)`;
  if (scope === 'identity')
    return attribute === 'status' ? sql`to_jsonb(devices.status)` : sql`(devices.identity -> ${attribute}::text)`;
  const column = SYSTEM[attribute];
  if (!column)
    throw new LovelyError(
      'bad-input',
      `system has no "${attribute}": ${[...Object.keys(SYSTEM), 'group'].join(', ')}.`,
    );
  return column;
}

const SYSTEM: Readonly<Record<string, RawBuilder<unknown>>> = {
  name: sql`to_jsonb(devices.name)`,
  address: sql`to_jsonb(devices.address)`,
  health: sql`to_jsonb(devices.health)`,
  created_ts: sql`to_jsonb(to_char(devices.created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))`,
  updated_ts: sql`to_jsonb(to_char(devices.updated_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))`,
};

/** Whether the text, or one text of the list, is one of `texts`. */
function holds(value: RawBuilder<unknown>, texts: readonly string[]): Condition {
  return sql`coalesce(${value} ?| ${[...texts]}::text[], false)`;
}

const NUMBER = '^-?[0-9]{1,30}([.][0-9]{1,30})?$';
const OPERATORS = { $gt: sql`>`, $gte: sql`>=`, $lt: sql`<`, $lte: sql`<=` } as const;

function compileOrder(value: RawBuilder<unknown>, type: keyof typeof OPERATORS, condition: DeviceCondition): Condition {
  const text = textOf(condition);
  const attribute = sql`(${value} #>> '{}')`;
  if (new RegExp(NUMBER).test(text))
    return sql`(case when ${attribute} ~ ${NUMBER} then ${attribute}::numeric ${OPERATORS[type]} ${text}::numeric else false end)`;
  return sql`coalesce(${attribute} collate "C" ${OPERATORS[type]} ${text}, false)`;
}

/** A static group by its name, as Mender's tools ask for it. */
function compileGroup(condition: DeviceCondition): Condition {
  const inOne = (names: readonly string[]): Condition => sql`exists (select from group_devices
    join groups on groups.id = group_devices.group_id
    where group_devices.device_id = devices.id and groups.name = any(${[...names]}::text[]))`;
  const inAny: Condition = sql`exists (select from group_devices where group_devices.device_id = devices.id)`;
  switch (condition.type) {
    case '$eq':
      return inOne([textOf(condition)]);
    case '$ne':
      return sql`not ${inOne([textOf(condition)])}`;
    case '$in':
      return inOne(listOf(condition));
    case '$nin':
      return sql`not ${inOne(listOf(condition))}`;
    case '$exists':
      return condition.value === false ? sql`not ${inAny}` : inAny;
    default:
      throw new LovelyError('bad-input', `A group can't be compared by ${condition.type}.`);
  }
}

function textOf({ type, value }: DeviceCondition): string {
  if (Array.isArray(value)) throw new LovelyError('bad-input', `${type} takes one value, not a list.`);
  return String(value);
}

function listOf({ type, value }: DeviceCondition): string[] {
  if (!Array.isArray(value)) throw new LovelyError('bad-input', `${type} takes a list of texts.`);
  return value;
}

/** What JavaScript takes, PostgreSQL nearly always takes too; the rest is found out when the query is tried. */
function regexOf(condition: DeviceCondition): string {
  const text = textOf(condition);
  try {
    new RegExp(text);
  } catch (cause) {
    throw new LovelyError('bad-input', `"${text}" is not a regular expression.`, { cause });
  }
  return text;
}

function anyOf(conditions: readonly Condition[]): Condition {
  return conditions.length === 0 ? sql`false` : sql`(${sql.join(conditions, sql` or `)})`;
}
