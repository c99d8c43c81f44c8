/**
 * Examples made from schemas, the same each time: a value that the schema names, else one that its member's name suggests,
 * else the simplest that fits. Where that doesn't read well, `EXAMPLES` of @lovely/api says it better.
 */
import { createHash } from 'node:crypto';
import { resolve, type JsonSchema, type Schemas } from './schemas.ts';

const DEPTH_MAX = 8;

/** What people expect to see under a name, where it fits the schema. */
const SUGGESTIONS: Readonly<Record<string, unknown>> = {
  name: 'Lindenweg 12',
  deviceName: 'Lindenweg 12',
  address: 'Lindenweg 12, 79098 Freiburg',
  email: 'ada@example.com',
  latitude: 47.99,
  longitude: 7.85,
  tags: ['south'],
  fingerprint: '3f:9a:b2:c1:0d:44:87:1e',
  keyType: 'ed25519',
  client: 'nice-smart-client 0.1.0',
  rule: 'disk-almost-full',
  source: '/data',
  title: 'A disk is almost full',
  description: '/data is 97 % full.',
  cause: 'Old files were not deleted.',
  suggestion: ['Delete what is not needed any more.'],
  country: 'DE',
  population: 230_000,
  version: 7,
  url: 'https://hooks.example.com/lovely',
  publicUrl: 'https://lovely.example.com',
  search: 'lindenweg',
  box: '7.7,47.9,8.0,48.1',
  cursor: 'WyJjcmVhdGVkQXQiXQ',
  next: null,
  limit: 50,
  status: 'accepted',
  action: 'device.accept',
  result: 'success',
  hash: 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
  code: '123456',
  password: 'correct horse battery staple',
  currentPassword: 'correct horse battery staple',
  newPassword: 'a dozen purple lighthouses sing',
  publicKey:
    '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n',
  timeZone: 'Europe/Berlin',
  from: '22:00',
  to: '07:00',
  issuer: 'https://login.example.com',
  clientId: 'lovely',
  clientSecret: 'Zb2q8vJ0nM',
  emailDomain: 'example.com',
  redirectUri: 'https://lovely.example.com/api/v1/login/oidc-callback/3c1ed6d6-6d3b-4c0e-8a54-f2a09f5ea0b1',
  roleForNewPeople: 'viewer',
  roleId: 'operator',
  role: 'Operator',
  allows: 'See houses, their status and their alerts',
  browser: 'Firefox on Linux',
  sn: 'SN-00004711',
  objectType: 'device',
  attribute: 'device_type',
  message: 'The gateway answered.',
  link: 'https://lovely.example.com/invite#f3yC0pXnQm7Rk2',
  secret: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD',
};

const TIME = '2026-11-22T12:00:00.000Z';

export function exampleOf(schema: JsonSchema, components: Schemas['components'], name = '', depth = 0): unknown {
  const own = resolve(schema, components);
  const within = (inner: JsonSchema, innerName: string): unknown => exampleOf(inner, components, innerName, depth + 1);
  if (own.const !== undefined) return own.const;
  const suggested = SUGGESTIONS[name];
  if (suggested !== undefined && fits(suggested, own, components)) return suggested;
  if (own.enum) return own.enum[0];
  if (own.default !== undefined) return own.default;
  const choices = own.anyOf ?? own.oneOf;
  if (choices) return within(choices.find((one) => one.type !== 'null') ?? {}, name);
  if (own.allOf) return Object.assign({}, ...own.allOf.map((part) => within(part, name))) as unknown;
  switch (typeof own.type === 'object' ? own.type[0] : own.type) {
    case 'object':
      return exampleObject(own, within, depth);
    case 'array': {
      if (own.prefixItems) return own.prefixItems.map((item) => within(item, name));
      if (depth > DEPTH_MAX && !own.minItems) return [];
      return Array.from({ length: Math.max(1, own.minItems ?? 0) }, () =>
        within(own.items ?? {}, name.replace(/s$/, '')),
      );
    }
    case 'integer':
    case 'number':
      return Math.max(own.minimum ?? 1, own.exclusiveMinimum === undefined ? 1 : own.exclusiveMinimum + 1);
    case 'boolean':
      return true;
    case 'null':
      return null;
    case 'string':
      return exampleText(own, name);
    default:
      return 'anything';
  }
}

function exampleObject(
  { properties = {}, propertyNames, additionalProperties }: JsonSchema,
  within: (schema: JsonSchema, name: string) => unknown,
  depth: number,
): object {
  const members = Object.entries(properties).map(([key, member]) => [key, within(member, key)] as const);
  const isOpen = typeof additionalProperties === 'object' && depth <= DEPTH_MAX;
  const keys = (propertyNames?.enum ?? ['sn']) as string[];
  const others = isOpen ? keys.map((key) => [key, within(additionalProperties, key)] as const) : [];
  return Object.fromEntries([...members, ...others]);
}

function exampleText({ format, minLength = 0 }: JsonSchema, name: string): string {
  switch (format) {
    case 'uuid':
      return uuidOf(name);
    case 'date-time':
      return TIME;
    case 'email':
      return 'ada@example.com';
    case 'uri':
      return 'https://lovely.example.com/';
    default:
      return (name || 'text').padEnd(minLength, '.');
  }
}

/** A UUID that stays the same for a name. */
function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Whether a suggestion is of the right kind; the test of all examples finds the rest out. */
function fits(value: unknown, schema: JsonSchema, components: Schemas['components']): boolean {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.some((one) => fits(value, resolve(one, components), components));
  if (schema.enum) return schema.enum.includes(value);
  if (schema.format !== undefined && schema.format !== 'email' && schema.format !== 'uri') return false;
  const kind = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  if (kind === 'string') {
    const { length } = value as string;
    const isLong = length > (schema.maxLength ?? Infinity) || length < (schema.minLength ?? 0);
    if (isLong || (schema.pattern !== undefined && !new RegExp(schema.pattern).test(value as string))) return false;
  }
  if (kind === 'array')
    return (
      schema.type === 'array' &&
      (value as unknown[]).every((one) => fits(one, resolve(schema.items ?? {}, components), components))
    );
  return schema.type === kind || (kind === 'number' && schema.type === 'integer' && Number.isInteger(value));
}
