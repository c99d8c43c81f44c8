import { expect, test } from 'bun:test';
import { createOperations } from './operations.ts';

const HERE = { address: '127.0.0.1', isForwarded: false };
const URL_HERE = 'https://localhost:8443/metrics';
const TOKEN = 'a-token-of-sixteen-or-more';

function read(metricsToken: string | undefined, caller = HERE, url = URL_HERE, token?: string): Promise<Response> {
  const { answer } = createOperations({ parts: [], metricsToken, hosts: new Set(['localhost', 'lovely.example.com']) });
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return answer(new Request(url, { headers }), caller)!;
}

test('without a token, metrics are read on this machine, under a name of ours', async () => {
  expect((await read(undefined)).status).toBe(200);
  expect((await read(undefined, HERE, 'https://lovely.example.com/metrics')).status).toBe(200);
  expect((await read(undefined, { address: '192.0.2.1', isForwarded: false })).status).toBe(403);
  expect((await read(undefined, HERE, 'http://rebound.example.net/metrics')).status).toBe(403);
});

test('what a proxy on this machine forwards does not come from this machine', async () => {
  expect((await read(undefined, { address: '127.0.0.1', isForwarded: true })).status).toBe(403);
});

test('with a token, it is what counts', async () => {
  const far = { address: '192.0.2.1', isForwarded: true };
  expect((await read(TOKEN, far, URL_HERE, TOKEN)).status).toBe(200);
  for (const token of [undefined, '', `${TOKEN}x`, TOKEN.slice(1)])
    expect((await read(TOKEN, HERE, URL_HERE, token)).status).toBe(403);
});
