import { expect, test } from 'bun:test';
import { identifyCaller } from './caller.ts';
import { createNetworks, isNetwork, neighbourOf, readAddress } from './network.ts';

const PROXY = '10.0.0.1';
const trusted = createNetworks(['10.0.0.0/8', 'fd00::/8', '192.0.2.7']);
const from = (peer: string, headers: Record<string, string> = {}) =>
  identifyCaller(new Request('https://lovely.example.com/', { headers }), peer, trusted);
const addressFrom = (peer: string, headers: Record<string, string>) => from(peer, headers).address;

test('an address has one spelling, whatever the socket calls it', () => {
  expect(readAddress('::ffff:192.0.2.1')).toBe('192.0.2.1');
  expect(readAddress('2001:DB8:0:0::1')).toBe('2001:db8::1');
  for (const text of ['', 'unknown', '_hidden', '1.2.3', 'fe80::1%eth0', '1.2.3.4.5'])
    expect(readAddress(text)).toBe(undefined);
});

test('a stranger is who the connection says, whatever the headers say', () => {
  expect(from('203.0.113.5', { 'x-forwarded-for': '198.51.100.1' })).toEqual({
    address: '203.0.113.5',
    isForwarded: true,
  });
  expect(from('::ffff:203.0.113.5')).toEqual({ address: '203.0.113.5', isForwarded: false });
});

test('behind proxies of ours, the caller is the rightmost address that is none of them', () => {
  expect(addressFrom(PROXY, { 'x-forwarded-for': '198.51.100.1' })).toBe('198.51.100.1');
  expect(addressFrom(PROXY, { 'x-forwarded-for': '1.1.1.1, 198.51.100.1, 192.0.2.7,10.9.9.9' })).toBe('198.51.100.1');
  expect(addressFrom('fd00::1', { forwarded: 'for=1.1.1.1, for="[2001:db8::17]:4711";proto=https' })).toBe(
    '2001:db8::17',
  );
  expect(addressFrom(PROXY, { 'x-forwarded-for': '198.51.100.1:4711' })).toBe('198.51.100.1');
  expect(addressFrom(PROXY, { 'x-forwarded-for': '10.0.0.3, 10.0.0.2' })).toBe('10.0.0.3');
});

test('nobody reaches an address of their choice: garbage and a second header of their own are not believed', () => {
  expect(addressFrom(PROXY, { 'x-forwarded-for': '198.51.100.1, nonsense' })).toBe(PROXY);
  expect(addressFrom(PROXY, { 'x-forwarded-for': '' })).toBe(PROXY);
  expect(addressFrom(PROXY, { forwarded: 'by=10.0.0.1' })).toBe(PROXY);
  expect(addressFrom(PROXY, { 'x-forwarded-for': '203.0.113.5', forwarded: 'for=198.51.100.1' })).toBe(PROXY);
  expect(addressFrom(PROXY, { 'x-forwarded-for': '203.0.113.5', forwarded: 'for=203.0.113.5' })).toBe('203.0.113.5');
});

test('a certificate is told by a trusted proxy only', () => {
  const told = (peer: string): string | null => {
    const request = new Request('https://lovely.example.com/', { headers: { 'client-cert': ':MII=:' } });
    identifyCaller(request, peer, trusted);
    return request.headers.get('client-cert');
  };
  expect(told(PROXY)).toBe(':MII=:');
  expect(told('203.0.113.5')).toBe(null);
});

test('a network of IPv6 is one neighbour, an address of IPv4 is one', () => {
  expect(neighbourOf('203.0.113.5')).toBe('203.0.113.5');
  expect(neighbourOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
  expect(neighbourOf('2001:db8:1:2::9')).toBe('2001:db8:1:2::/64');
  expect(neighbourOf('2001:db8::1')).toBe('2001:db8:0:0::/64');
  expect(neighbourOf('::1')).toBe('0:0:0:0::/64');
});

test('a network is an address with a length, or an address', () => {
  for (const text of ['10.0.0.0/8', '::/0', 'fd00::/8', '127.0.0.1', '::1']) expect(isNetwork(text)).toBe(true);
  for (const text of ['10.0.0.0/33', '::/129', 'localhost', '10.0.0.0/8/8', '/8', '', '10.0.0.0/'])
    expect(isNetwork(text)).toBe(false);
});
