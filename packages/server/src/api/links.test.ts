import { expect, test } from 'bun:test';
import { linkTo } from './links.ts';

const from = (origin: string): Request => new Request('https://localhost/', { headers: { origin } });

test('a link has the public address, wherever the request says it came from', () => {
  const context = { publicUrl: 'https://lovely.example.com', origins: new Set(['http://localhost:8080']) };
  for (const request of [undefined, from('http://localhost:8080'), from('https://evil.example.com')])
    expect(linkTo(context, 'invite', 'code', request)).toBe('https://lovely.example.com/invite#code');
});

test('a system that only this machine can reach shows the address that the browser knows, and mails its own', () => {
  const context = { publicUrl: 'https://localhost:8443', origins: new Set(['http://localhost:8080']) };
  expect(linkTo(context, 'reset', 'code', from('http://localhost:8080'))).toBe('http://localhost:8080/reset#code');
  expect(linkTo(context, 'reset', 'code', from('https://evil.example.com'))).toBe('https://localhost:8443/reset#code');
  expect(linkTo(context, 'reset', 'code')).toBe('https://localhost:8443/reset#code');
});
