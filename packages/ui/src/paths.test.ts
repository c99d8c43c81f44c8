import { expect, test } from 'bun:test';
import { deviceConnectUrl, liveUrl, paths, safeNext } from './paths.ts';

test('the live channel is a secure WebSocket of the same origin', () => {
  expect(liveUrl('https://localhost:8443')).toBe('wss://localhost:8443/api/v1/live');
  expect(liveUrl('http://127.0.0.1:8080')).toBe('ws://127.0.0.1:8080/api/v1/live');
});

test('the terminal of a device is at Mender’s path', () => {
  expect(deviceConnectUrl('a/b', 'https://example.com')).toBe(
    'wss://example.com/api/management/v1/deviceconnect/devices/a%2Fb/connect',
  );
});

test('a device path names its tab', () => {
  expect(paths.device('7', 'terminal')).toEqual({ to: '/devices/$id/terminal', params: { id: '7' } });
  expect(paths.device('7')).toEqual({ to: '/devices/$id', params: { id: '7' } });
});

test('sign-in leads back to this application only', () => {
  expect(safeNext('/devices?health=offline')).toBe('/devices?health=offline');
  for (const next of [
    undefined,
    '',
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
  ]) {
    expect(safeNext(next)).toBe('/');
  }
});
