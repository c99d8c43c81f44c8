/**
 * Where webhooks may go. Whoever may make one must not reach what only this server can: its own machine, its network, the
 * metadata service of its cloud.
 */
import { createNetworks, readAddress } from '../network.ts';

/** What is not for everybody: IANA's special-purpose registries for IPv4 and IPv6, and multicast. */
const PRIVATE = createNetworks([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  // Tunnels and documentation; the rest of IPv6 that is not for everybody lies outside of 2000::/3.
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
]);
const GLOBAL_V6 = createNetworks(['2000::/3']);

/** Whether anybody on the internet could reach this IP address. */
export function isPublicAddress(text: string): boolean {
  const address = readAddress(text);
  if (address === undefined || PRIVATE.has(address)) return false;
  return !address.includes(':') || GLOBAL_V6.has(address);
}

/**
 * What is wrong with a webhook's URL as far as the text says; undefined: nothing. What its name stands for is looked at
 * before each delivery.
 */
export function problemOfWebhookUrl(text: string, allowPrivate: boolean): string | undefined {
  const url = URL.parse(text);
  if (url?.protocol !== 'https:' && !(allowPrivate && url?.protocol === 'http:')) return 'It must begin with https://.';
  if (url.username || url.password) return 'It must not hold a user name or a password.';
  if (allowPrivate) return undefined;
  const host = hostOf(url);
  const isOwn = readAddress(host) === undefined ? /(^|\.)localhost\.?$/i.test(host) : !isPublicAddress(host);
  return isOwn ? 'It leads into a private network.' : undefined;
}

/** The name or address of a URL, an IPv6 address without brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}
