import { beforeEach, expect, test } from 'bun:test';
import { pino } from 'pino';
import { ERRORS, LovelyError, type ErrorCode } from '../errors.ts';
import { errorResponse } from './problem.ts';

const OURS = '/api/v1/devices';
const MENDERS = '/api/devices/v1/authentication/auth_requests';

let logged: string[];
beforeEach(() => {
  logged = [];
});
const log = pino(
  { serializers: { error: pino.stdSerializers.err } },
  { write: (line: string) => void logged.push(line) },
);
const answer = (error: unknown, path: string) => errorResponse(error, 'request-1', path, log);

test('on our API an error is problem+json with its code, and leads to its description', async () => {
  const response = answer(new LovelyError('bad-input', 'name: too long', { pointer: '/name' }), OURS);
  expect(response.status).toBe(422);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(await response.json()).toEqual({
    type: '/docs/errors#bad-input',
    title: ERRORS['bad-input'][1],
    status: 422,
    code: 'bad-input',
    detail: 'name: too long',
    requestId: 'request-1',
    pointer: '/name',
  });
});

test('on Mender’s paths it has Mender’s shape and request id', async () => {
  const response = answer(new LovelyError('not-accepted'), MENDERS);
  expect(response.status).toBe(401);
  expect(response.headers.get('x-men-requestid')).toBe('request-1');
  expect(await response.json()).toEqual({
    error: ERRORS['not-accepted'][1],
    request_id: 'request-1',
    code: 'not-accepted',
  });
});

test('who must wait is told how long', () => {
  const error = new LovelyError('too-many-requests', undefined, { retryAfterSeconds: 7 });
  for (const path of [OURS, MENDERS]) expect(answer(error, path).headers.get('retry-after')).toBe('7');
});

test('a bug is logged once with its request id, and nothing of it leaks', async () => {
  for (const path of [OURS, MENDERS]) {
    logged = [];
    const response = answer(new Error('password=hunter2 at /srv/lovely'), path);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('hunter2');
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain('request-1');
    expect(logged[0]).toContain('hunter2');
  }
});

test('what a caller did wrong is logged once by its code, and its cause stays inside', async () => {
  const response = answer(new LovelyError('bad-token', undefined, { cause: new Error('signature of key 7') }), OURS);
  expect(await response.text()).not.toContain('key 7');
  expect(logged).toHaveLength(1);
  expect(JSON.stringify(logged)).toContain('bad-token');
  expect(JSON.stringify(logged)).not.toContain('key 7');
});

test('every code makes a response of its status in both shapes', async () => {
  for (const code of Object.keys(ERRORS) as ErrorCode[])
    for (const path of [OURS, MENDERS]) {
      const response = answer(new LovelyError(code), path);
      expect(response.status).toBe(ERRORS[code][0]);
      expect(await response.json()).toMatchObject({ code });
    }
});
