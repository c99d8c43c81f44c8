import { expect, test } from 'bun:test';
import { isPublicAddress, problemOfWebhookUrl } from './webhook-url.ts';

test('addresses that only this server could reach are not public', () => {
  for (const address of [
    '127.0.0.1',
    '127.255.255.254',
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '192.0.2.1',
    '198.19.0.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:10.0.0.1',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd00:ec2::254',
    'ff02::1',
    '2001:0:7f00:1::',
    '2001:db8::1',
    '2002:7f00:1::',
    'no address',
    '',
  ])
    expect([address, isPublicAddress(address)]).toEqual([address, false]);
});

test('other addresses are', () => {
  for (const address of ['1.1.1.1', '8.8.8.8', '100.63.255.255', '172.32.0.1', '223.255.255.255', '2606:4700::1111'])
    expect([address, isPublicAddress(address)]).toEqual([address, true]);
});

test('a URL is https, names nobody, and leads out, however its host is spelled', () => {
  for (const url of [
    'https://hooks.example.com/a?b=c',
    'https://hooks.example.com:8443',
    'https://1.1.1.1/',
    'https://[2606:4700::1111]/',
  ])
    expect([url, problemOfWebhookUrl(url, false)]).toEqual([url, undefined]);
  for (const url of [
    'http://hooks.example.com/',
    'ftp://hooks.example.com/',
    'hooks.example.com',
    'https://user@hooks.example.com/',
    'https://user:password@hooks.example.com/',
    'https://localhost/',
    'https://localhost./',
    'https://a.localhost/',
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f.0.0.1/',
    'https://0/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://169.254.169.254/latest/meta-data/',
  ])
    expect([url, typeof problemOfWebhookUrl(url, false)]).toEqual([url, 'string']);
});

test('one’s own network and plain HTTP are open where the settings say so, to names and passwords never', () => {
  for (const url of ['http://127.0.0.1:9000/', 'https://10.0.0.1/', 'http://hooks.internal/'])
    expect(problemOfWebhookUrl(url, true)).toBeUndefined();
  for (const url of ['http://user@10.0.0.1/', 'file:///etc/passwd'])
    expect(problemOfWebhookUrl(url, true)).toBeString();
});
