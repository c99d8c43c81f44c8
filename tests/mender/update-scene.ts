/** A server, devices of Mender's that take updates from it, and what was said between them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestServer } from '../harness/server.ts';
import { until } from '../harness/wait.ts';
import { startRecordingProxy, type RecordingProxy } from './recording-proxy.ts';
import { UpdateDevice, type UpdateDeviceOptions } from './update-device.ts';
import { writeMenderArtifact, type ArtifactWish } from './written-artifact.ts';

const DEPLOYMENTS = '/v1/deployments/deployments';
const OVER = ['success', 'failure', 'already-installed', 'noartifact', 'aborted'];
/** A device asks every second; its steps take a few more. */
const UPDATE_MS = 90_000;

/** A status that a device told, with what the server answered. */
export interface Told {
  readonly status: string;
  readonly substate?: string;
  readonly http: number;
}

export interface SceneDevice {
  readonly id: string;
  readonly device: UpdateDevice;
  readonly proxy: RecordingProxy;
  /** The statuses that it told of a deployment, in order. */
  told(deploymentId: string): Told[];
  /** The logs that it sent. */
  logs(deploymentId: string): { messages: { level: string; message: string; timestamp: string }[] }[];
}

export class UpdateScene implements AsyncDisposable {
  readonly server: TestServer;
  readonly folder: string;
  readonly #resources = new AsyncDisposableStack();
  #devices = 0;

  private constructor(server: TestServer, folder: string) {
    this.server = server;
    this.folder = folder;
    this.#resources.use(server);
  }

  static async start(env: Record<string, string> = {}): Promise<UpdateScene> {
    const server = await TestServer.start({ env });
    return new UpdateScene(server, await mkdtemp(join(tmpdir(), 'lovely-updates-')));
  }

  /** One that is accepted, and has asked for a deployment. */
  async addDevice(options: Partial<UpdateDeviceOptions> = {}): Promise<SceneDevice> {
    const mac = `02:00:00:00:01:${String(++this.#devices).padStart(2, '0')}`;
    const proxy = this.#resources.use(await startRecordingProxy(this.server));
    const device = this.#resources.use(
      await UpdateDevice.start({ url: proxy.url, caFile: this.server.caFile, mac, ...options }, async (pubkey) => {
        await this.management('POST', '/v2/devauth/devices', 201, { identity_data: { mac }, pubkey });
      }),
    );
    const { id } = await this.server.deviceWith(mac);
    await until(
      'it asks for a deployment',
      () => proxy.exchanges.some(({ path, status }) => path.includes('/next') && status === 204),
      UPDATE_MS,
    );
    const puts = (deploymentId: string, what: string) =>
      proxy.exchanges.filter(({ method, path }) => method === 'PUT' && path.endsWith(`/${deploymentId}/${what}`));
    return {
      id,
      device,
      proxy,
      told: (deploymentId) =>
        puts(deploymentId, 'status').map(({ body, status }) => ({ ...(JSON.parse(body) as Told), http: status })),
      logs: (deploymentId) => puts(deploymentId, 'log').map(({ body }) => JSON.parse(body) as never),
    };
  }

  /** Writes an artifact with mender-artifact and uploads it. */
  async addArtifact(wish: ArtifactWish): Promise<void> {
    await this.upload(await writeMenderArtifact(this.folder, wish));
  }

  /** Returns its id. */
  async upload(path: string, description = ''): Promise<string> {
    const file = Bun.file(path);
    const form = new FormData();
    form.set('size', String(file.size));
    form.set('description', description);
    form.set('artifact', file, 'some.mender');
    const answer = await this.server.fetch('/api/management/v1/deployments/artifacts', {
      method: 'POST',
      headers: { authorization: `Bearer ${await this.server.token()}` },
      body: form,
    });
    if (answer.status !== 201) throw new Error(`the upload is answered ${answer.status}: ${await answer.text()}`);
    return answer.headers.get('location')!.split('/').at(-1)!;
  }

  /** Returns the deployment's id. */
  async deploy(artifact: string, devices: readonly SceneDevice[], more: object = {}): Promise<string> {
    const body = { name: `${artifact} for a test`, artifact_name: artifact, devices: devices.map(({ id }) => id) };
    const answer = await this.management('POST', `/v2/deployments/deployments`, 201, { ...body, ...more });
    return answer.headers.get('location')!.split('/').at(-1)!;
  }

  /** What the server says of a device in a deployment. */
  async statusOf(deploymentId: string, { id }: SceneDevice): Promise<{ status: string; log: boolean }> {
    const answer = await this.management('GET', `${DEPLOYMENTS}/${deploymentId}/devices/list`, 200);
    const all = (await answer.json()) as { id: string; status: string; log: boolean }[];
    return all.find((one) => one.id === id)!;
  }

  async reaches(deploymentId: string, device: SceneDevice, status: string, timeoutMs = UPDATE_MS): Promise<void> {
    const now = await until(
      `the device is ${status}`,
      async () => {
        const now = (await this.statusOf(deploymentId, device)).status;
        return now === status || (OVER.includes(now) && OVER.includes(status)) ? now : undefined;
      },
      timeoutMs,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}:\n${device.device.log().slice(-3000)}`);
    });
    if (now !== status) throw new Error(`the device is ${now}, not ${status}:\n${device.device.log().slice(-3000)}`);
  }

  /** The device's log as the server shows it. */
  async logOf(deploymentId: string, { id }: SceneDevice): Promise<string> {
    return await (await this.management('GET', `${DEPLOYMENTS}/${deploymentId}/devices/${id}/log`, 200)).text();
  }

  async abort(deploymentId: string): Promise<void> {
    await this.management('PUT', `${DEPLOYMENTS}/${deploymentId}/status`, 204, { status: 'aborted' });
  }

  /** Throws unless the answer has this status. */
  async management(method: string, path: string, status: number, body?: unknown): Promise<Response> {
    const answer = await this.server.management(method, path, body);
    if (answer.status !== status)
      throw new Error(`${method} ${path} is answered ${answer.status}: ${await answer.text()}`);
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
    await rm(this.folder, { recursive: true, force: true });
  }
}
