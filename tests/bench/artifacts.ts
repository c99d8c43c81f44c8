/**
 * An artifact up and down: throughput, CPU and memory of our server, which checks, hashes and stores it twice (its parts while
 * they arrive, the whole once it is good), beside a bare Bun server that writes a file.
 *
 *     npm run bench -- --with artifacts          1 GB
 *     bun tests/bench/artifacts.ts 4             4 GB, the size of the budget
 */
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { mkdtemp, stat } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createUpload, getUpload, PATHS } from '@lovely/api';
import { writeArtifact } from '@lovely/artifact';
import { startProcess } from '../harness/process.ts';
import { TestServer } from '../harness/server.ts';
import { cpuSeconds } from './proc.ts';
import { compare, printTable } from './table.ts';

const BLOCK_BYTES = 1024 * 1024;
const SAMPLE_MS = 50;
const BUDGET_BYTES = 150e6;

const gigabytes = Number(process.argv[2] ?? 1);
if (!(gigabytes > 0 && gigabytes <= 64)) throw new Error('see the top of this file');

interface Figures {
  readonly bytesPerSecond: number;
  readonly cpuSeconds: number;
  /** The most that was resident at any look. */
  readonly residentBytes: number;
}

const folder = await mkdtemp(join(tmpdir(), 'lovely-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true }));
await run();

async function run(): Promise<void> {
  const path = join(folder, 'release.mender');
  await makeArtifact(path, gigabytes * 1e9);
  const { size } = await stat(path);
  await using server = await TestServer.start();
  const pemFile = join(server.dataDir, 'tls/server.pem');
  const ca = readFileSync(server.caFile, 'utf8');
  const rival = startProcess([
    process.execPath,
    join(import.meta.dir, 'file-server.ts'),
    pemFile,
    join(folder, 'rival'),
  ]);
  try {
    const [, rivalUrl] = await rival.line(/^ready (https:\S+)$/m);
    const pid = server.process.pid;
    const rest = residentBytes(pid);
    const send = async (url: string, method: string, headers: Record<string, string>): Promise<void> => {
      const answer = await fetch(url, {
        method,
        headers,
        body: Bun.file(path),
        tls: { ca, rejectUnauthorized: false },
      });
      if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
    };
    const receive = async (url: string, headers: Record<string, string>): Promise<void> => {
      const answer = await fetch(url, { headers, tls: { ca, rejectUnauthorized: false } });
      let received = 0;
      for await (const chunk of answer.body!) received += chunk.length;
      if (received !== size) throw new Error(`${received} of ${size} bytes came from ${url}`);
    };
    const authorization = `Bearer ${await server.token()}`;
    const { id } = await server.call(createUpload, {
      body: { kind: 'artifact', name: '', description: '', bytes: size },
    });
    const partHeaders = { authorization, 'content-type': 'application/octet-stream', 'upload-offset': '0' };
    const ourUpload = await measure(pid, size, () =>
      send(server.url + PATHS.uploadParts.replace('{id}', id), 'PATCH', partHeaders),
    );
    let artifactId: string | null = null;
    const storing = await measure(pid, size, async () => {
      for (;;) {
        const upload = await server.call(getUpload, { params: { id } });
        if (upload.state === 'refused') throw new Error(upload.reason ?? 'refused');
        artifactId = upload.artifactId;
        if (upload.state === 'done') return;
        await Bun.sleep(100);
      }
    });
    const rivalUpload = await measure(rival.pid, size, () => send(rivalUrl!, 'PUT', {}));
    const ourPath = PATHS.artifactContent.replace('{id}', artifactId!);
    const ourDownload = await measure(pid, size, () => receive(server.url + ourPath, { authorization }));
    const rivalDownload = await measure(rival.pid, size, () => receive(rivalUrl!, {}));

    const [cpu] = cpus();
    console.log(
      `\n${new Date().toISOString().slice(0, 16)}Z, ${cpus().length} × ${cpu?.model.trim()}, Bun ${Bun.version}`,
    );
    console.log(`an artifact of ${megabytes(size)}, not compressed, over TLS; our process holds all roles`);
    const peak = Math.max(ourUpload.residentBytes, storing.residentBytes, ourDownload.residentBytes);
    printTable('upload', [
      compare('until it has arrived, checked', ourUpload.bytesPerSecond, rivalUpload.bytesPerSecond, rate),
      compare('then until it is an artifact', storing.bytesPerSecond, undefined, rate),
      compare('CPU for a gigabyte', perGigabyte(ourUpload, size), perGigabyte(rivalUpload, size), seconds),
      compare('CPU for a gigabyte, storing', perGigabyte(storing, size), undefined, seconds),
    ]);
    printTable('download', [
      compare('throughput', ourDownload.bytesPerSecond, rivalDownload.bytesPerSecond, rate),
      compare('CPU for a gigabyte', perGigabyte(ourDownload, size), perGigabyte(rivalDownload, size), seconds),
    ]);
    printTable('memory, resident at most', [
      compare('before', rest, undefined, megabytes),
      compare('uploading', ourUpload.residentBytes, rivalUpload.residentBytes, megabytes),
      compare('storing', storing.residentBytes, undefined, megabytes),
      compare('downloading', ourDownload.residentBytes, rivalDownload.residentBytes, megabytes),
      compare('more than before', Math.max(0, peak - rest), undefined, megabytes, {
        text: '≤ 150 MB',
        isKept: peak - rest <= BUDGET_BYTES,
      }),
    ]);
  } finally {
    await rival.stop();
  }
}

/** Content that no compression makes smaller, written as it is. */
async function makeArtifact(path: string, bytes: number): Promise<void> {
  const block = crypto.getRandomValues(new Uint8Array(BLOCK_BYTES).subarray(0, 65_536));
  const piece = Buffer.alloc(BLOCK_BYTES, block);
  const blocks = Math.round(bytes / BLOCK_BYTES);
  async function* content(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < blocks; at++) {
      piece.writeUInt32LE(at);
      yield await Promise.resolve(piece);
    }
  }
  const file = openSync(path, 'w');
  const artifact = writeArtifact({
    name: 'bench',
    group: undefined,
    deviceTypes: ['gateway'],
    dependsOnNames: [],
    dependsOnGroups: [],
    scripts: [],
    compression: 'none',
    payloads: [
      {
        type: 'rootfs-image',
        provides: {},
        depends: {},
        clearsProvides: undefined,
        metaData: {},
        files: [{ name: 'image.bin', size: blocks * BLOCK_BYTES, open: content }],
      },
    ],
  });
  for await (const chunk of artifact) writeSync(file, chunk);
  closeSync(file);
}

async function measure(pid: number, bytes: number, run: () => Promise<void>): Promise<Figures> {
  let most = residentBytes(pid);
  const sampling = setInterval(() => (most = Math.max(most, residentBytes(pid))), SAMPLE_MS);
  const [cpuBefore, began] = [cpuSeconds(pid), performance.now()];
  try {
    await run();
  } finally {
    clearInterval(sampling);
  }
  const tookSeconds = (performance.now() - began) / 1000;
  return { bytesPerSecond: bytes / tookSeconds, cpuSeconds: cpuSeconds(pid) - cpuBefore, residentBytes: most };
}

function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

function perGigabyte({ cpuSeconds: spent }: Figures, bytes: number): number {
  return spent / (bytes / 1e9);
}

function rate(value: number): string {
  return `${(value / 1e6).toFixed(0)} MB/s`;
}

function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}

function megabytes(value: number): string {
  return `${(value / 1e6).toFixed(0)} MB`;
}
