/** Saved filters and scopes of devices as conditions on the table `devices`. */
import { sql, type RawBuilder } from 'kysely';
import type { DeviceCondition, DeviceFilter } from '@lovely/api';
import type { DeviceGroup, DeviceScope } from '../domain/device-scope.ts';
import { LovelyError } from '../errors.ts';

type Condition = RawBuilder<boolean>;

/** Which of the rows of `devices` are in the scope. */
export function withinScope(scope: DeviceScope): Condition {
  return scope.kind === 'all' ? sql`true` : inGroups(scope.groups);
}

/** Which of the rows of `devices` are in the group. */
export function inGroup(group: DeviceGroup): Condition {
  return inGroups([group]);
}

/** All static groups are one condition, which PostgreSQL can read from either side: by the group or by the device. */
function inGroups(groups: readonly DeviceGroup[]): Condition {
  const ids = groups.filter((group) => group.kind === 'static').map((group) => group.id);
  const filters = groups.flatMap((group) => (group.kind === 'dynamic' ? [compileFilter(group.filter)] : []));
  const inStatic: Condition = sql`exists (select from group_devices
    where group_devices.device_id = devices.id and group_devices.group_id = any(${ids}::uuid[]))`;
  const conditions = ids.length > 0 ? [inStatic, ...filters] : filters;
  return conditions.length === 0 ? sql`false` : sql`(${sql.join(conditions, sql` or `)})`;
}

/** Which of the rows of `devices` pass the filter. Throws 'bad-input' for a value that doesn't fit its type. */
export function compileFilter(filter: DeviceFilter): Condition {
  return sql`(${sql.join(filter.all.map(compile), sql` and `)})`;
}

function compile(condition: DeviceCondition): Condition {
  const { scope, attribute, type } = condition;
  if (scope === 'system' && attribute === 'group') return compileGroup(condition);
  const value = attributeOf(scope, attribute);
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
      return isWanted(condition) ? sql`(${value} is not null)` : sql`(${value} is null)`;
    case '$regex': {
      const regex = regexOf(condition);
      return anyText(value, (text) => sql`${text} ~ ${regex}`);
    }
    default:
      return compileOrder(value, type, condition);
  }
}

/** An attribute as jsonb: a text, or a list of texts. The tag `floor=2` is the attribute floor; `cellar` is its own value. */
export function attributeOf(scope: DeviceCondition['scope'], attribute: string): RawBuilder<unknown> {
  if (scope === 'inventory') return sql`(devices.inventory -> ${attribute}::text)`;
  if (scope === 'tags')
    return sql`(select to_jsonb(case when tag = ${attribute}::text then tag else substr(tag, length(${attribute}::text) + 2) end)
      from unnest(devices.tags) as tag where tag = ${attribute}::text or starts_with(tag, ${attribute}::text || '=') limit 1)`;
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
  const bound = textOf(condition);
  const operator = OPERATORS[type];
  if (new RegExp(NUMBER).test(bound))
    return anyText(
      value,
      (text) => sql`case when ${text} ~ ${NUMBER} then (${text})::numeric ${operator} ${bound}::numeric else false end`,
    );
  return anyText(value, (text) => sql`${text} collate "C" ${operator} ${bound}`);
}

/** Whether the text, or one text of the list, passes. Lists are taken apart only where there is one: that is slow. */
function anyText(value: RawBuilder<unknown>, passes: (text: RawBuilder<unknown>) => Condition): Condition {
  return sql`(case jsonb_typeof(${value})
    when 'array' then exists (select from jsonb_array_elements_text(${value}) as one(text) where ${passes(sql`one.text`)})
    when 'string' then ${passes(sql`(${value} #>> '{}')`)}
    else false end)`;
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
      return isWanted(condition) ? inAny : sql`not ${inAny}`;
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

function isWanted({ type, value }: DeviceCondition): boolean {
  if (typeof value !== 'boolean') throw new LovelyError('bad-input', `${type} takes true or false.`);
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
