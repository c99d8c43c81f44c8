/** The introspection document of an interface, written from its table. */
import { INTERFACE, METHODS, PROPERTIES, SIGNALS, type Arguments } from '../local/interface.ts';

export interface InterfaceTable {
  readonly name: string;
  readonly methods: { readonly [name: string]: { readonly takes: Arguments; readonly gives: Arguments } };
  readonly signals: { readonly [name: string]: Arguments };
  readonly properties: { readonly [name: string]: string };
}

export const CLIENT_INTERFACE: InterfaceTable = {
  name: INTERFACE,
  methods: METHODS,
  signals: SIGNALS,
  properties: PROPERTIES,
};

/** The document for an object with this interface; deploy/dbus/ holds it as a file, for programs that generate code. */
export function introspectionOf({ name, methods, signals, properties }: InterfaceTable): string {
  const lines = [
    ...Object.entries(methods).flatMap(([method, { takes, gives }]) =>
      member('method', method, [...argumentsOf(takes, 'in'), ...argumentsOf(gives, 'out')]),
    ),
    ...Object.entries(signals).flatMap(([signal, told]) => member('signal', signal, argumentsOf(told))),
    ...Object.entries(properties).map(
      ([property, type]) => `    <property name="${property}" type="${type}" access="read"/>`,
    ),
  ];
  return [DOCTYPE, '<node>', `  <interface name="${name}">`, ...lines, '  </interface>', STANDARD, '</node>', ''].join(
    '\n',
  );
}

const DOCTYPE = `<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">`;

/** What every object answers besides (D-Bus specification, "Standard Interfaces"). */
const STANDARD = `  <interface name="org.freedesktop.DBus.Introspectable">
    <method name="Introspect">
      <arg name="document" type="s" direction="out"/>
    </method>
  </interface>
  <interface name="org.freedesktop.DBus.Peer">
    <method name="Ping"/>
  </interface>
  <interface name="org.freedesktop.DBus.Properties">
    <method name="Get">
      <arg name="interface" type="s" direction="in"/>
      <arg name="property" type="s" direction="in"/>
      <arg name="value" type="v" direction="out"/>
    </method>
    <method name="GetAll">
      <arg name="interface" type="s" direction="in"/>
      <arg name="properties" type="a{sv}" direction="out"/>
    </method>
    <signal name="PropertiesChanged">
      <arg name="interface" type="s"/>
      <arg name="changed" type="a{sv}"/>
      <arg name="invalidated" type="as"/>
    </signal>
  </interface>`;

function member(kind: 'method' | 'signal', name: string, args: readonly string[]): string[] {
  return args.length === 0
    ? [`    <${kind} name="${name}"/>`]
    : [`    <${kind} name="${name}">`, ...args, `    </${kind}>`];
}

function argumentsOf(args: Arguments, direction?: 'in' | 'out'): string[] {
  const suffix = direction === undefined ? '' : ` direction="${direction}"`;
  return Object.entries(args).map(([name, type]) => `      <arg name="${name}" type="${type}"${suffix}/>`);
}
