/** What Mender's programs said of artifacts and deployments, captured from the wire, said once more to the real server. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { TestServer } from '../harness/server.ts';
import { until } from '../harness/wait.ts';
import { joinDevice, type JoinedDevice } from './joined-device.ts';
import { readVectors, replay, testWithVectors, type CapturedExchange } from './vectors.ts';

const ARTIFACTS = '/v1/deployments/artifacts';
const DEPLOYMENTS = '/v1/deployments/deployments';
const CAPTURED_ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

const resources = new AsyncDisposableStack();
let server: TestServer;
beforeAll(async () => {
  server = resources.use(await TestServer.start());
}, 60_000);
afterAll(() => resources.disposeAsync());

const exchange = (name: string): CapturedExchange => readVectors().http[name]!;

describe('mender-cli', () => {
  testWithVectors('uploads an artifact, finds it in the list as Mender’s server has it, and deletes it', async () => {
    const upload = exchange('cli_artifacts_upload') as unknown as Omit<CapturedExchange, 'body'> & {
      body: { hex: string };
    };
    const made = await server.fetch(upload.url, {
      method: 'POST',
      headers: { 'content-type': upload.headers['content-type']!, authorization: `Bearer ${await server.token()}` },
      body: inTwo(Buffer.from(upload.body.hex, 'hex')),
    });
    expect([made.status, await made.text()]).toEqual([201, '']);
    const id = made.headers.get('location')!.split('/').at(-1)!;

    const authorization = `Bearer ${await server.token()}`;
    const answer = await replay(server, exchange('cli_artifacts_list'), authorization);
    const [listed] = (await answer.json()) as object[];
    const captured = firstOf(exchange('cli_artifacts_list').resp);
    // The captured server looked into the header only.
    const { updates: _, ...rest } = captured;
    expect(listed).toMatchObject({
      ...rest,
      id,
      description: 'hello desc',
      modified: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(Object.keys(listed!)).toEqual(Object.keys(captured));
    expect(listed).toMatchObject({
      updates: [
        {
          type_info: { type: 'script' },
          files: [
            { name: expect.any(String), checksum: expect.stringMatching(/^[0-9a-f]{64}$/), size: expect.any(Number) },
          ],
          meta_data: [],
        },
      ],
    });

    const captive = exchange('cli_artifacts_delete');
    const gone = await replay(server, { ...captive, url: captive.url.replace(CAPTURED_ID, id) }, authorization);
    expect([gone.status, await gone.text()]).toEqual([204, '']);
    expect(await (await server.management('GET', ARTIFACTS)).json()).toEqual([]);
  });
});

describe('mender-client', () => {
  let device: JoinedDevice;
  let bytes: Buffer;
  beforeAll(async () => {
    if (testWithVectors === test.skip) return;
    device = await joinDevice(server);
    bytes = Buffer.from(readVectors().artifacts['script-1']!.base64, 'base64');
    await upload(bytes);
  });

  testWithVectors('is told of a deployment in all three ways, with the same members in the same order', async () => {
    const deployment = await deploy({});
    for (const name of ['next_v2_post_200', 'next_v1_post_204', 'next_v1_get_200']) {
      const answer = await replay(server, exchange(name), `Bearer ${device.token}`);
      expect([name, answer.status]).toEqual([name, 200]);
      const { update_control_map: _, ...told } = (await answer.json()) as Record<string, unknown>;
      const captured = JSON.parse(exchange('next_v2_post_200').resp) as object;
      expect(orderOf(told)).toEqual(orderOf(captured));
      expect(told).toMatchObject({
        id: deployment,
        artifact: {
          artifact_name: 'script-1.0',
          device_types_compatible: ['research-box'],
          source: {
            uri: expect.stringContaining(`${server.url}/api/devices/v1/`),
            expire: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
          },
        },
      });
    }
    await end(deployment);
  });

  testWithVectors('downloads without a token: all of it, or what was missing', async () => {
    const deployment = await deploy({});
    const told = await replay(server, exchange('next_v2_post_200'), `Bearer ${device.token}`);
    const { uri } = ((await told.json()) as { artifact: { source: { uri: string } } }).artifact.source;
    const ask = (headers: Record<string, string>) =>
      server.fetch(uri.slice(server.url.length), { headers: { 'accept-encoding': 'gzip', ...headers } });
    const whole = await ask({});
    expect([whole.status, whole.headers.get('content-length'), whole.headers.get('content-encoding')]).toEqual([
      200,
      String(bytes.length),
      null,
    ]);
    expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true);
    const rest = await ask({ range: 'bytes=2560-' });
    expect([rest.status, rest.headers.get('content-range')]).toEqual([
      206,
      `bytes 2560-${bytes.length - 1}/${bytes.length}`,
    ]);
    expect(Buffer.from(await rest.arrayBuffer()).equals(bytes.subarray(2560))).toBe(true);
    expect((await server.fetch(`${uri.slice(server.url.length)}x`)).status).toBe(403);
    await end(deployment);
  });

  testWithVectors('is given the control map that was asked for, with the offer and as long as it asks', async () => {
    const captured = JSON.parse(exchange('update_control_map_get').resp) as { update_control_map: object };
    const deployment = await deploy({ update_control_map: captured.update_control_map });
    const told = await replay(server, exchange('next_v2_post_200_with_update_control_map'), `Bearer ${device.token}`);
    const expected = exchange('update_control_map_get').resp.replace(CAPTURED_ID, deployment);
    const { update_control_map } = (await told.json()) as { update_control_map: object };
    expect(JSON.stringify({ update_control_map })).toBe(expected);
    const again = await replay(server, ofDeployment('update_control_map_get', deployment), `Bearer ${device.token}`);
    expect([again.status, await again.text()]).toEqual([200, expected]);
    await end(deployment);
    const gone = await replay(server, ofDeployment('update_control_map_get', deployment), `Bearer ${device.token}`);
    expect(gone.status).toBe(404);
  });

  testWithVectors('tells every kind of status and gets the bare 204, and 409 once it is aborted', async () => {
    const deployment = await deploy({});
    await replay(server, exchange('next_v2_post_200'), `Bearer ${device.token}`);
    for (const name of [
      'status_put_plain',
      'status_put_substate',
      'status_put_empty_status_after_power_loss',
      'status_put_paused',
    ]) {
      const answer = await replay(server, ofDeployment(name, deployment), `Bearer ${device.token}`);
      expect([name, answer.status, await answer.text()]).toEqual([name, 204, '']);
    }
    const [listed] = (await (
      await server.management('GET', `${DEPLOYMENTS}/${deployment}/devices/list`)
    ).json()) as object[];
    expect(listed).toMatchObject({ id: device.id, status: 'pause_before_installing', log: false });
    await end(deployment);
    const refused = await replay(server, ofDeployment('status_put_409_aborted', deployment), `Bearer ${device.token}`);
    expect(refused.status).toBe(409);
    const unknown = await replay(server, exchange('status_put_plain'), `Bearer ${device.token}`);
    expect(unknown.status).toBe(404);
  });

  testWithVectors('sends a log that holds anything, and people read it line by line', async () => {
    const deployment = await deploy({});
    await replay(server, exchange('next_v2_post_200'), `Bearer ${device.token}`);
    const put = async (what: string, body: object): Promise<number> => {
      const path = `/api/devices/v1/deployments/device/deployments/${deployment}/${what}`;
      const headers = { authorization: `Bearer ${device.token}` };
      return (await server.fetch(path, { method: 'PUT', headers, body: JSON.stringify(body) })).status;
    };
    expect(await put('status', { status: 'failure' })).toBe(204);
    const messages = [
      { level: 'info', message: 'Running Mender client version: 3.4.0', timestamp: '2026-11-22T15:41:36Z' },
      { level: 'error', message: 'half \ud83c and \0 and für 漢字', timestamp: '2026-11-22T15:41:37+01:00' },
    ];
    expect(await put('log', { messages })).toBe(204);
    const log = await server.management('GET', `${DEPLOYMENTS}/${deployment}/devices/${device.id}/log`);
    expect(log.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(await log.text()).toBe(
      '2026-11-22 15:41:36 +0000 UTC info: Running Mender client version: 3.4.0\n' +
        '2026-11-22 14:41:37 +0000 UTC error: half \ufffd and \ufffd and für 漢字\n',
    );
  });

  testWithVectors('of another house learns nothing of it, and can say nothing', async () => {
    const deployment = await deploy({});
    const stranger = await joinDevice(server);
    for (const name of ['status_put_plain', 'update_control_map_get'])
      expect((await replay(server, ofDeployment(name, deployment), `Bearer ${stranger.token}`)).status).toBe(404);
    expect((await replay(server, exchange('next_v2_post_200'), `Bearer ${stranger.token}`)).status).toBe(204);
    await end(deployment);
  });

  async function deploy(more: object): Promise<string> {
    const wish = { name: 'wire', artifact_name: 'script-1.0', devices: [device.id], force_installation: true, ...more };
    const made = await server.management('POST', '/v2/deployments/deployments', wish);
    expect([made.status, await made.text()]).toEqual([201, '']);
    const id = made.headers.get('location')!.split('/').at(-1)!;
    await until('it is its turn', async () => {
      const told = await replay(server, exchange('next_v2_post_200'), `Bearer ${device.token}`);
      return told.status === 200 && ((await told.json()) as { id: string }).id === id;
    });
    return id;
  }

  async function end(deployment: string): Promise<void> {
    const answer = await server.management('PUT', `${DEPLOYMENTS}/${deployment}/status`, { status: 'aborted' });
    expect(answer.status).toBe(204);
  }
});

/** The first object of a list that was captured up to somewhere in its middle. */
function firstOf(text: string): Record<string, unknown> {
  return JSON.parse(text.slice(1, text.indexOf('},{"id"') + 1)) as Record<string, unknown>;
}

function ofDeployment(name: string, deployment: string): CapturedExchange {
  const captured = exchange(name);
  return { ...captured, url: captured.url.replace(CAPTURED_ID, deployment) };
}

/** The names of all members, in their order. */
function orderOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return Object.entries(value).map(([key, member]) => [key, orderOf(member)]);
}

async function upload(bytes: Uint8Array): Promise<void> {
  const form = new FormData();
  form.set('size', String(bytes.length));
  form.set('artifact', new Blob([new Uint8Array(bytes)]), 'script-1.mender');
  const answer = await server.fetch('/api/management/v1/deployments/artifacts', {
    method: 'POST',
    headers: { authorization: `Bearer ${await server.token()}` },
    body: form,
  });
  expect([answer.status, await answer.text()]).toEqual([201, '']);
}

/** So that there is no length to tell beforehand. */
function inTwo(bytes: Uint8Array): ReadableStream<Uint8Array> {
  const middle = Math.floor(bytes.length / 2);
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes.subarray(0, middle));
      controller.enqueue(bytes.subarray(middle));
      controller.close();
    },
  });
}
