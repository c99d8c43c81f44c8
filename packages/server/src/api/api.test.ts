import { afterAll, beforeAll, expect, test } from 'bun:test';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
}, 60_000);
afterAll(() => api[Symbol.asyncDispose]());

test('no browser and no proxy keeps what the api says, good or bad', async () => {
  const paths = ['/api/v1/setup', '/api/v1/devices', '/api/management/v2/devauth/devices', '/api/nothing'];
  for (const path of paths) {
    const answer = await api.call(null, 'GET', path);
    expect([path, answer.headers.get('cache-control')]).toEqual([path, 'no-store']);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  }
});
