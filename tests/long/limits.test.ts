/** Every endpoint with every kind of garbage that mender/limits.test.ts sends some of. */
import { expect, test } from 'bun:test';
import { TestServer } from '../harness/server.ts';
import { listBadRequests } from '../mender/bad-requests.ts';
import { joinDevice } from '../mender/joined-device.ts';
import { findUnexpected } from '../mender/probe.ts';

test('every endpoint refuses or survives everything bad that can be sent', async () => {
  await using server = await TestServer.start({ env: { LOVELY_LIMIT_FACTOR: '100' } });
  const caller = { server, device: await joinDevice(server) };
  for (const [what, { probes, isExpected }] of Object.entries(listBadRequests()))
    expect([what, await findUnexpected(caller, probes, isExpected)]).toEqual([what, []]);
}, 600_000);
