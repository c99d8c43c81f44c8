/** Where a bus listens (D-Bus specification, "Server Addresses"); only local sockets, as only those tell who calls. */
import { ClientError } from '../error.ts';

/** The system bus, unless the environment says otherwise. */
export const SYSTEM_BUS = 'unix:path=/run/dbus/system_bus_socket';

/** The path to connect to; an abstract socket's begins with a zero byte. Throws ClientError 'bad-setting'. */
export function socketPathOf(address: string): string {
  for (const one of address.split(';')) {
    const [transport, ...rest] = one.split(':');
    if (transport !== 'unix') continue;
    const keys = new Map(rest.join(':').split(',').map(keyAndValue));
    const path = keys.get('path');
    if (path) return path;
    const abstract = keys.get('abstract');
    if (abstract) return `\0${abstract}`;
  }
  throw new ClientError('bad-setting', `${address} names no local socket: unix:path=… or unix:abstract=…`);
}

function keyAndValue(text: string): [key: string, value: string] {
  const at = text.indexOf('=');
  return [text.slice(0, at), unescape(text.slice(at + 1))];
}

function unescape(text: string): string {
  const bytes = text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
