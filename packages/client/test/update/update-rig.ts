/** Updates on a sandbox folder: real modules, scripts, files and downloads, and a machine whose starts are a number in a file. */
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeArtifact, type NewArtifact, type NewFile } from '@lovely/artifact';
import {
  updateLog,
  updateOffer,
  updateProvides,
  updateState,
  type Frame,
  type UpdateOffer,
  type UpdateReport,
} from '@lovely/protocol';
import { systemClock } from '../../src/clock.ts';
import { bunDownload } from '../../src/http/bun.ts';
import { silentLog } from '../../src/log.ts';
import { CheckedFile } from '../../src/update/checked-file.ts';
import { HostSteps, type HostStepsOptions, type UpdatePlan } from '../../src/update/host-steps.ts';
import { recordKeeper } from '../../src/update/record-keeper.ts';
import { providesStore } from '../../src/update/provides.ts';
import { fileUpdateLog } from '../../src/update/update-log.ts';
import type { UpdateRecord } from '../../src/update/update-record.ts';
import { Updates, type UpdatesOptions } from '../../src/update/updates.ts';
import { until } from '../until.ts';

export const DEBIAN_MODULES = '/usr/share/mender/modules/v3';
export const DEVICE_TYPE = 'house-gateway';

export interface Rig {
  readonly folder: string;
  readonly updates: Updates;
  /** All that was submitted, in order. */
  readonly frames: Frame[];
}

export interface RigOptions {
  readonly folder: string;
  readonly server: URL;
  readonly host?: Partial<HostStepsOptions>;
  readonly updates?: Partial<UpdatesOptions>;
}

/** Opens the updates of the sandbox, as a start of the client does; `start` must be called. */
export function openRig({ folder, server, host, updates: more }: RigOptions): Rig {
  const home = join(folder, 'update');
  for (const name of ['update', 'modules', 'scripts', 'target']) mkdirSync(join(folder, name), { recursive: true });
  const frames: Frame[] = [];
  const plan = new CheckedFile<UpdatePlan>(join(home, 'artifact'));
  const provides = providesStore(new CheckedFile(join(home, 'provides')), {
    artifactInfoFile: join(folder, 'artifact_info'),
    deviceTypeFile: join(folder, 'device_type'),
    deviceType: DEVICE_TYPE,
  });
  const bootId = (): string => bootOf(folder);
  const updates = new Updates({
    isAllowed: true,
    record: recordKeeper(new CheckedFile<UpdateRecord>(join(home, 'state')), plan),
    ended: new CheckedFile(join(home, 'ended')),
    provides,
    updateLog: fileUpdateLog(join(home, 'log'), () => Date.now()),
    steps: async (providesChanged) =>
      new HostSteps({
        folder: home,
        server,
        download: bunDownload({ authorities: undefined, proxy: undefined }),
        plan,
        provides,
        providesChanged,
        handlers: new Map(),
        artifactKeys: [],
        moduleDir: join(folder, 'modules'),
        scriptDir: join(folder, 'scripts'),
        rebootCommand: '/bin/false',
        environment: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', SANDBOX: folder },
        moduleTimes: { timeoutMs: 60_000, silenceMs: 60_000 },
        scriptTimes: { timeoutMs: 60_000, retryMs: 10, retriesMs: 10_000 },
        bootId,
        clock: systemClock,
        random: Math.random,
        ...host,
      }),
    bootId,
    submit: (make) => void frames.push(make(frames.length + 1)),
    nowMs: () => Date.now(),
    clock: systemClock,
    log: silentLog,
    ...more,
  });
  return { folder, updates, frames };
}

/** A start of the machine. */
export function bootAgain(folder: string): void {
  writeFileSync(join(folder, 'boot'), String(Number(bootOf(folder)) + 1));
}

function bootOf(folder: string): string {
  const path = join(folder, 'boot');
  return existsSync(path) ? readFileSync(path, 'utf8') : '0';
}

export function offerTo({ updates }: Rig, offer: UpdateOffer): void {
  updates.handle(updateOffer.frame({}, offer), { send: () => undefined, sendEncoded: () => undefined, isFull: false });
}

export function reportsOf({ frames }: Rig): UpdateReport[] {
  return frames.filter((frame) => updateState.is(frame)).map((frame) => updateState.read(frame).body);
}

export function logOf({ frames }: Rig): string[] {
  return frames
    .filter((frame) => updateLog.is(frame))
    .flatMap((frame) => updateLog.read(frame).body.lines.map(({ message }) => message));
}

/** What was told last of what is provided. */
export function providedOf({ frames }: Rig): { readonly [key: string]: string } | undefined {
  const last = frames.findLast((frame) => updateProvides.is(frame));
  return last && updateProvides.read(last).body.values;
}

/** States with their substates in brackets. */
export function statesOf(rig: Rig): string[] {
  return reportsOf(rig).map(({ state, substate }) => (substate === undefined ? state : `${state}[${substate}]`));
}

/** The report that ends the attempt. */
export async function endOf(rig: Rig): Promise<UpdateReport> {
  const isLast = ({ state, substate }: UpdateReport): boolean =>
    substate === undefined && (state === 'success' || state === 'failure' || state === 'already-installed');
  await until(
    () => reportsOf(rig).some(isLast),
    () => statesOf(rig).join(', '),
  );
  await rig.updates.close();
  return reportsOf(rig).findLast(isLast)!;
}

/** Puts one of Debian's modules into the sandbox. */
export function copyDebianModule(folder: string, name: string): void {
  copyFileSync(join(DEBIAN_MODULES, name), join(folder, 'modules', name));
}

/** Puts a program for /bin/sh somewhere. */
export function writeProgram(path: string, content: string): void {
  writeFileSync(path, `#!/bin/sh\n${content}`);
  chmodSync(path, 0o755);
}

export function fileOf(name: string, content: string | Uint8Array): NewFile {
  const bytes = Buffer.from(content as Uint8Array);
  return { name, size: bytes.length, open: () => new Blob([bytes]).stream() };
}

type Payload = NewArtifact['payloads'][number];

export function payloadOf(type: string, files: readonly NewFile[], more: Partial<Payload> = {}): Payload {
  return {
    type,
    provides: { [`${type}.version`]: '2' },
    depends: {},
    clearsProvides: [`${type}.*`],
    metaData: {},
    files,
    ...more,
  };
}

/** A file for Debian's `single-file`. */
export function singleFile(target: string, name: string, content: string | Uint8Array): Payload {
  return payloadOf('single-file', [
    fileOf('dest_dir', target),
    fileOf('filename', name),
    fileOf('permissions', '644'),
    fileOf(name, content),
  ]);
}

export async function artifactOf(
  name: string,
  payloads: readonly Payload[],
  more: Partial<NewArtifact> = {},
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const artifact: NewArtifact = {
    name,
    group: undefined,
    deviceTypes: [DEVICE_TYPE],
    dependsOnNames: [],
    dependsOnGroups: [],
    scripts: [],
    payloads,
    compression: 'gzip',
    ...more,
  };
  for await (const chunk of writeArtifact(artifact)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
