/** Network addresses as text: one spelling for each, networks that contain them, and who counts as one neighbour. */
import { BlockList, isIP } from 'node:net';

const MAPPED = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

/** The canonical spelling of an IP address, an IPv4 address inside IPv6 as IPv4; undefined when it is none. */
export function readAddress(text: string): string | undefined {
  const kind = isIP(text);
  if (kind === 0 || text.includes('%')) return undefined;
  if (kind === 4) return text;
  const address = new URL(`http://[${text}]`).hostname.slice(1, -1);
  const [, high, low] = MAPPED.exec(address) ?? [];
  if (high === undefined || low === undefined) return address;
  const bytes = [parseInt(high, 16), parseInt(low, 16)].flatMap((pair) => [pair >> 8, pair & 255]);
  return bytes.join('.');
}

/**
 * What limits count by: an IPv4 address, and of IPv6 the /64, as a subscriber gets at least that many addresses
 * (RFC 6177) and could use a fresh one for every request.
 */
export function neighbourOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  const all = [...groups, ...Array<string>(missing).fill('0'), ...(tail ? tail.split(':') : [])];
  return `${all.slice(0, 4).join(':')}::/64`;
}

/** The network that an address belongs to, so wide that it is one provider's mostly: /16 of IPv4, /32 of IPv6. */
export function networkOf(address: string): string | undefined {
  const canonical = readAddress(address);
  if (canonical === undefined) return undefined;
  if (!canonical.includes(':')) return `${canonical.split('.').slice(0, 2).join('.')}.0.0/16`;
  const [first = '0', second = '0'] = neighbourOf(canonical).split(':');
  return `${first}:${second}::/32`;
}

export interface Networks {
  has(address: string): boolean;
}

/** @param list networks as `10.0.0.0/8`, `fd00::/8`, or single addresses; see `isNetwork` */
export function createNetworks(list: readonly string[]): Networks {
  const block = new BlockList();
  for (const text of list) {
    const { address, prefix } = readNetwork(text)!;
    block.addSubnet(address, prefix, familyOf(address));
  }
  return { has: (address) => isIP(address) !== 0 && block.check(address, familyOf(address)) };
}

export function isNetwork(text: string): boolean {
  return readNetwork(text) !== undefined;
}

function readNetwork(text: string): { address: string; prefix: number } | undefined {
  const [, host = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = readAddress(host);
  if (address === undefined) return undefined;
  const bitsMax = address.includes(':') ? 128 : 32;
  const prefix = bits === undefined ? bitsMax : Number(bits);
  return prefix <= bitsMax ? { address, prefix } : undefined;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}
