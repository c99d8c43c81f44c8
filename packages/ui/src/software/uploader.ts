/**
 * The uploads of this tab. They go on while other pages are looked at, wait while there is no connection, and go on from what
 * the server has; after a reload the same file, chosen again, goes on too.
 */
import { ApiError, createUpload, deleteUpload, getUpload, type Upload } from '@lovely/api';
import { request } from '../api.ts';
import { UPLOAD_LOOK_MS, UPLOAD_REQUEST_BYTES, UPLOAD_RETRY_MS } from '../limits.ts';
import { sendPart } from './part-request.ts';

export interface RunningUpload {
  /** Of this tab. */
  readonly key: string;
  readonly name: string;
  readonly bytes: number;
  readonly sentBytes: number;
  /** waiting: for the connection, or for another one of them. storing: all of it is there. */
  readonly state: 'waiting' | 'sending' | 'paused' | 'storing' | 'done' | 'refused';
  /** Why it was refused, or what it waits for. */
  readonly reason: string | null;
  readonly upload: Upload | null;
}

interface Entry extends RunningUpload {
  readonly file: File;
  readonly kind: 'artifact' | 'file';
}

type Listener = () => void;

let entries: readonly Entry[] = [];
const listeners = new Set<Listener>();
const stops = new Map<string, AbortController>();
const ended = new Map<string, PromiseWithResolvers<Upload>>();
let keysMade = 0;

export function subscribeToUploads(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function runningUploads(): readonly RunningUpload[] {
  return entries;
}

/** Begins with a file, or goes on with an upload of it that broke off. Resolves when it is over. */
export function startUpload(file: File, kind: 'artifact' | 'file', earlier?: Upload): Promise<Upload> {
  const key = String(++keysMade);
  const sentBytes = earlier?.offset ?? 0;
  const entry: Entry = {
    key,
    name: file.name,
    bytes: file.size,
    sentBytes,
    state: 'waiting',
    reason: null,
    upload: earlier ?? null,
    file,
    kind,
  };
  entries = [entry, ...entries];
  const over = Promise.withResolvers<Upload>();
  // Shown in the list; who waits for it is told as well.
  over.promise.catch(() => undefined);
  ended.set(key, over);
  void run(key);
  return over.promise;
}

export function pauseUpload(key: string): void {
  stops.get(key)?.abort(new Error('paused'));
  change(key, { state: 'paused', reason: null });
}

export function resumeUpload(key: string): void {
  void run(key);
}

/** Forgets it, and gives it up on the server where it isn't over. */
export function removeUpload(key: string): void {
  const entry = find(key);
  stops.get(key)?.abort(new Error('removed'));
  entries = entries.filter((one) => one.key !== key);
  tell();
  if (!entry || entry.state === 'done' || entry.state === 'refused') return;
  ended.get(key)?.reject(new Error('The upload was given up.'));
  if (entry.upload) void request(deleteUpload, { params: { id: entry.upload.id } }).catch(() => undefined);
}

async function run(key: string): Promise<void> {
  const stop = new AbortController();
  stops.set(key, stop);
  for (;;) {
    try {
      change(key, { state: 'sending', reason: null });
      const upload = await send(key, stop.signal);
      const isDone = upload.state === 'done';
      change(key, { state: isDone ? 'done' : 'refused', reason: upload.reason, upload, sentBytes: upload.bytes });
      return settle(key, upload);
    } catch (error) {
      if (stop.signal.aborted || !find(key)) return;
      if (error instanceof ApiError && !PASSING.has(error.problem.code) && error.problem.status < 500) {
        const reason = error.problem.detail ?? error.problem.title;
        change(key, { state: 'refused', reason });
        ended.get(key)?.reject(error);
        return;
      }
      change(key, { state: 'waiting', reason: (error as Error).message });
      await pause(UPLOAD_RETRY_MS, stop.signal);
      if (stop.signal.aborted) return;
    }
  }
}

/** The offset is asked for again, and it goes on from there. */
const PASSING: ReadonlySet<string> = new Set(['upload-offset', 'upload-busy', 'too-many-requests']);

async function send(key: string, signal: AbortSignal): Promise<Upload> {
  const { file, kind, upload: known } = find(key)!;
  let upload = known
    ? await request(getUpload, { params: { id: known.id } }, signal)
    : await request(createUpload, { body: { kind, name: file.name, bytes: file.size, description: '' } }, signal);
  while (upload.state === 'arriving') {
    const { id, offset } = upload;
    change(key, { upload, sentBytes: offset });
    const body = file.slice(offset, offset + UPLOAD_REQUEST_BYTES);
    upload = await sendPart({ id, offset, body }, (sent) => change(key, { sentBytes: offset + sent }), signal);
  }
  change(key, { state: 'storing', upload, sentBytes: upload.bytes });
  return await untilEnded(upload, signal);
}

/** Asks until the server is done with it. */
export async function untilEnded(upload: Upload, signal?: AbortSignal): Promise<Upload> {
  let latest = upload;
  while (latest.state === 'storing' || latest.state === 'making') {
    await pause(UPLOAD_LOOK_MS, signal);
    signal?.throwIfAborted();
    latest = await request(getUpload, { params: { id: upload.id } }, signal);
  }
  return latest;
}

function settle(key: string, upload: Upload): void {
  const over = ended.get(key);
  if (upload.state === 'done') over?.resolve(upload);
  else over?.reject(new Error(upload.reason ?? 'It was refused.'));
}

function pause(forMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, forMs);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function find(key: string): Entry | undefined {
  return entries.find((entry) => entry.key === key);
}

function change(key: string, changes: Partial<Entry>): void {
  entries = entries.map((entry) => (entry.key === key ? { ...entry, ...changes } : entry));
  tell();
}

function tell(): void {
  for (const listener of listeners) listener();
}
