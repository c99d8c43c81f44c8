/** Mender's management API: a file from or to a device (COMPAT section 3.5), as `mender-cli cp` asks for it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { spool } from '../../blobs/spool.ts';
import { BlobError } from '../../blobs/blobs.ts';
import { LovelyError } from '../../errors.ts';
import { DEVICE_FILE_BYTES_MAX, DEVICE_PATH_LENGTH_MAX } from '../../limits.ts';
import { requireDeviceFor } from '../change.ts';
import type { ApiContext, Person } from '../context.ts';
import { requirePerson } from '../guard.ts';
import type { Http } from '../route.ts';
import { openDeviceFiles, type DeviceFiles } from '../session/device-files.ts';
import type { Sessions } from '../session/sessions.ts';
import { readForm, type FormFields } from './form.ts';
import { readId } from './id.ts';

const PREFIX = '/api/management/v1/deviceconnect/devices/:id';

export function routeDeviceFiles(http: Http, context: ApiContext, openSession: Sessions['open']): void {
  async function require(request: Request, deviceId: string, address: string): Promise<Person> {
    const person = await requirePerson(context, request, 'device.terminal', address);
    await requireDeviceFor(person, person.database, 'device.terminal', readId(deviceId));
    return person;
  }

  async function open(person: Person, deviceId: string, action: string, path: string): Promise<DeviceFiles> {
    return openDeviceFiles(await openSession(person, deviceId, { action, details: { path } }));
  }

  // Hono answers HEAD by this as well.
  http.get(`${PREFIX}/download`, async (c) => {
    const deviceId = c.req.param('id');
    const person = await require(c.req.raw, deviceId, c.env.address);
    const path = readPath(c.req.query('path'));
    const files = await open(person, deviceId, 'file.get', path);
    try {
      const { bytes, uid, gid, mode, isPlain } = await files.stat(path);
      if (!isPlain) throw new LovelyError('bad-request', `${path} is no plain file.`);
      const headers = {
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(basename(path))}`,
        'x-men-file-path': encodeURI(path),
        'x-men-file-uid': String(uid),
        'x-men-file-gid': String(gid),
        'x-men-file-mode': mode.toString(8),
        'x-men-file-size': String(bytes),
      };
      if (c.req.method === 'HEAD') {
        files[Symbol.dispose]();
        return c.body(null, 200, headers);
      }
      return new Response(streamOf(files, path), { headers });
    } catch (error) {
      files[Symbol.dispose]();
      throw error;
    }
  });

  http.put(`${PREFIX}/upload`, async (c) => {
    const deviceId = c.req.param('id');
    const person = await require(c.req.raw, deviceId, c.env.address);
    // mender-cli names the mode after the file, and the device must know it before: the file waits here.
    const folder = await mkdtemp(join(tmpdir(), 'lovely-upload-'));
    const kept = join(folder, 'file');
    try {
      const { fields, file } = await readForm(c.req.raw, async ({ fileName, content }) => {
        const { bytes } = await spool(content, kept, { bytesMax: DEVICE_FILE_BYTES_MAX }).catch(tooLarge);
        return { fileName, bytes };
      });
      const path = readPath(fields.get('path'));
      if (!file) throw new LovelyError('bad-request', 'The form has no file.');
      using files = await open(person, deviceId, 'file.put', path);
      const owner = { uid: number(fields, 'uid', 10), gid: number(fields, 'gid', 10), mode: number(fields, 'mode', 8) };
      await files.write({ path, sourceName: file.fileName, bytes: file.bytes, ...owner }, createReadStream(kept));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    return c.body(null, 201);
  });
}

/** What a device sends, as it comes; whoever takes no more ends the session. */
function streamOf(files: DeviceFiles, path: string): ReadableStream<Uint8Array> {
  const chunks = files.read(path)[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await chunks.next();
        if (!done) return controller.enqueue(value);
        controller.close();
      } catch (error) {
        controller.error(error);
      }
      files[Symbol.dispose]();
    },
    cancel: () => files[Symbol.dispose](),
  });
}

function readPath(path: string | undefined): string {
  if (path === undefined || !path.startsWith('/') || path.length > DEVICE_PATH_LENGTH_MAX || path.includes('\0'))
    throw new LovelyError('bad-request', 'path is where the file stands on the device, from / on.');
  return path;
}

function number(fields: FormFields, name: string, base: 8 | 10): number | undefined {
  const text = fields.get(name);
  if (text === undefined || text === '') return undefined;
  if (!(base === 8 ? /^[0-7]{1,5}$/ : /^\d{1,9}$/).test(text))
    throw new LovelyError('bad-request', `${name} is a number${base === 8 ? ' of octal digits' : ''}.`);
  return Number.parseInt(text, base);
}

function tooLarge(error: unknown): never {
  if (error instanceof BlobError && error.code === 'too-large')
    throw new LovelyError(
      'body-too-large',
      `A file of at most ${DEVICE_FILE_BYTES_MAX} bytes can be sent to a device.`,
    );
  throw error;
}
