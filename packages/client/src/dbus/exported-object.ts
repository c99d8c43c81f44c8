/** An object on the bus: answers what every object answers, and hands the rest to whoever exports it. */
import type { Type } from '../local/interface.ts';
import { LocalError } from '../local/local-error.ts';
import type { Bus, BusCall } from './bus.ts';
import { introspectionOf, type InterfaceTable } from './introspection.ts';
import { readArguments, signatureOf, variantOf, writeArguments } from './values.ts';

export interface ExportedObject {
  readonly busName: string;
  readonly path: string;
  readonly table: InterfaceTable;
  /** What `io.lovely.Client1.Error` is for the client's own interface. */
  readonly errorPrefix: string;
  properties(): { readonly [name: string]: unknown };
  /** Carries out a method of the table; throws LocalError for what can't be done, and anything for a fault of our own. */
  call(caller: BusProgram, method: string, taken: object, bytes: number): object;
}

/** A connection to the bus that calls us. */
export interface BusProgram {
  readonly uniqueName: string;
  readonly uid: number;
}

const PROPERTIES = 'org.freedesktop.DBus.Properties';
const INTROSPECTABLE = 'org.freedesktop.DBus.Introspectable';
const PEER = 'org.freedesktop.DBus.Peer';
const ERROR = 'org.freedesktop.DBus.Error';

/** Answers what needs no caller: introspection, properties, pings. False for a call that is none of these. */
export function answerStandard(bus: Bus, objects: readonly ExportedObject[], call: BusCall): boolean {
  const object = objects.find(({ path }) => path === call.path);
  const is = (interfaceName: string, member: string, signature: string): boolean =>
    call.member === member && call.signature === signature && ['', interfaceName].includes(call.interface);
  if (is(PEER, 'Ping', '')) bus.reply(call, '', []);
  else if (is(INTROSPECTABLE, 'Introspect', '')) introspect(bus, objects, object, call);
  else if (call.body === undefined) bus.refuse(call, `${ERROR}.LimitsExceeded`, 'the call is larger than allowed');
  else if (object === undefined) bus.refuse(call, `${ERROR}.UnknownObject`, `there is no object ${call.path}`);
  else if (is(PROPERTIES, 'Get', 'ss')) get(bus, object, call, call.body as [string, string]);
  else if (is(PROPERTIES, 'GetAll', 's')) getAll(bus, object, call, call.body[0] as string);
  else if (is(PROPERTIES, 'Set', 'ssv')) bus.refuse(call, `${ERROR}.PropertyReadOnly`, 'no property can be set');
  else if (!Object.hasOwn(object.table.methods, call.member) || !['', object.table.name].includes(call.interface))
    bus.refuse(call, `${ERROR}.UnknownMethod`, `there is no method ${call.member} of ${call.interface}`);
  else return false;
  return true;
}

/** Carries out a method of the object for somebody who is known, and answers. */
export function answerCall(bus: Bus, object: ExportedObject, call: BusCall, caller: BusProgram): void {
  const method = object.table.methods[call.member]!;
  try {
    const expected = signatureOf(method.takes);
    if (call.signature !== expected)
      throw new LocalError('InvalidArguments', `${call.member} takes "${expected}", not "${call.signature}"`);
    const taken = readArguments(method.takes, call.body!);
    const given = object.call(caller, call.member, taken, sizeOf(call.body!));
    bus.reply(call, signatureOf(method.gives), writeArguments(method.gives, given as never));
  } catch (error) {
    if (!(error instanceof LocalError)) throw error;
    bus.refuse(call, `${object.errorPrefix}.${error.code}`, error.message);
  }
}

/** Tells everybody of changed properties. */
export function tellProperties(bus: Bus, { path, table, properties }: ExportedObject): void {
  const changed = propertyVariants(table, properties());
  bus.signal(path, PROPERTIES, 'PropertiesChanged', 'sa{sv}as', [table.name, changed, []]);
}

function introspect(
  bus: Bus,
  objects: readonly ExportedObject[],
  object: ExportedObject | undefined,
  call: BusCall,
): void {
  const prefix = call.path === '/' ? '/' : `${call.path}/`;
  const below = objects.flatMap(({ path }) => (path.startsWith(prefix) ? [path.slice(prefix.length)] : []));
  const children = new Set(below.map((path) => path.split('/')[0]!));
  const nodes = [...children].map((name) => `<node name="${name}"/>`).join('');
  if (object) bus.reply(call, 's', [introspectionOf(object.table)]);
  else if (children.size > 0) bus.reply(call, 's', [`<node>${nodes}</node>\n`]);
  else bus.refuse(call, `${ERROR}.UnknownObject`, `there is no object ${call.path}`);
}

function get(bus: Bus, object: ExportedObject, call: BusCall, [interfaceName, name]: [string, string]): void {
  const { table } = object;
  if (!['', table.name].includes(interfaceName) || !Object.hasOwn(table.properties, name))
    return bus.refuse(call, `${ERROR}.UnknownProperty`, `there is no property ${name} of ${interfaceName}`);
  bus.reply(call, 'v', [variantOf(table.properties[name] as Type, object.properties()[name])]);
}

function getAll(bus: Bus, object: ExportedObject, call: BusCall, interfaceName: string): void {
  const { table } = object;
  bus.reply(call, 'a{sv}', [
    ['', table.name].includes(interfaceName) ? propertyVariants(table, object.properties()) : [],
  ]);
}

function propertyVariants(table: InterfaceTable, values: { readonly [name: string]: unknown }): unknown[] {
  return Object.entries(table.properties).map(([name, type]) => [name, variantOf(type as Type, values[name])]);
}

/** About how many bytes the arguments of a call are. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (value instanceof Uint8Array) return value.length;
  if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + sizeOf(each), 8);
  return typeof value === 'object' && value !== null && 'value' in value ? 8 + sizeOf(value.value) : 8;
}
