import { expect, test } from 'bun:test';
import { poolOptions } from './smtp.ts';

test('a URL says where the mail server is and who signs in there, also with characters that a URL can’t hold', () => {
  expect(poolOptions('smtps://lovely%40example.com:p%40ss%3A%2F@mail.example.com')).toMatchObject({
    host: 'mail.example.com',
    port: 465,
    secure: true,
    auth: { user: 'lovely@example.com', pass: 'p@ss:/' },
  });
  expect(poolOptions('smtp://[::1]:2525')).toMatchObject({ host: '::1', port: 2525, secure: false });
  expect(poolOptions('smtp://mail.example.com')).not.toHaveProperty('auth');
});

test('a password goes over a network only through TLS', () => {
  expect(poolOptions('smtp://user:password@mail.example.com').requireTLS).toBe(true);
  expect(poolOptions('smtp://user:password@127.0.0.1.example.com').requireTLS).toBe(true);
  expect(poolOptions('smtp://user:password@127.0.0.1').requireTLS).toBe(false);
  expect(poolOptions('smtp://mail.example.com').requireTLS).toBe(false);
});
