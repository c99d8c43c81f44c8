/**
 * A small S3 in memory for tests: objects, ranges, multipart uploads and lists of one bucket, by the S3 API reference.
 * It checks every signature (AWS Signature Version 4), so a client with wrong credentials is refused as it would be.
 */
import { createHash, createHmac } from 'node:crypto';

export interface S3Endpoint {
  /** What LOVELY_BLOBS_URL would be for a prefix in the bucket. */
  url(prefix: string): string;
  readonly objects: ReadonlyMap<string, Uint8Array>;
  /** How many multipart uploads were completed. */
  readonly multiparts: number;
  close(): Promise<void>;
}

const KEY = 'AKTEST';
/** With characters that have to be escaped in a URL. */
const SECRET = 'se/cr+et@:';
const REGION = 'test-1';
const BUCKET = 'bucket';

interface State {
  readonly objects: Map<string, Uint8Array>;
  readonly uploads: Map<string, Map<number, Uint8Array>>;
  multiparts: number;
}

/** @param options `pageMax` is how many objects one list holds at most */
export function startS3(options: { pageMax: number }): S3Endpoint {
  const state: State = { objects: new Map(), uploads: new Map(), multiparts: 0 };
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: async (request) => {
      const url = new URL(request.url);
      if (!isSigned(request, url)) return problem(403, 'SignatureDoesNotMatch', request);
      const [, bucket, ...rest] = url.pathname.split('/');
      if (bucket !== BUCKET) return problem(404, 'NoSuchBucket', request);
      const key = decodeURIComponent(rest.join('/'));
      return key === ''
        ? list(state, url.searchParams, options.pageMax)
        : await onObject(state, key, url.searchParams, request);
    },
  });
  const secret = encodeURIComponent(SECRET);
  return {
    url: (prefix) =>
      `s3://${KEY}:${secret}@${BUCKET}/${prefix}?endpoint=http://127.0.0.1:${server.port}&region=${REGION}`,
    objects: state.objects,
    get multiparts() {
      return state.multiparts;
    },
    close: () => server.stop(true),
  };
}

async function onObject(state: State, key: string, query: URLSearchParams, request: Request): Promise<Response> {
  const uploadId = query.get('uploadId');
  if (query.has('uploads')) {
    const id = crypto.randomUUID();
    state.uploads.set(id, new Map());
    return xml(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
  }
  if (uploadId !== null) return await onUpload(state, key, uploadId, Number(query.get('partNumber')), request);
  switch (request.method) {
    case 'PUT':
      return etag(store(state, key, await request.bytes()));
    case 'DELETE':
      state.objects.delete(key);
      return new Response(null, { status: 204 });
    case 'GET':
    case 'HEAD':
      return read(state.objects.get(key), request);
    default:
      return problem(405, 'MethodNotAllowed', request);
  }
}

async function onUpload(
  state: State,
  key: string,
  uploadId: string,
  part: number,
  request: Request,
): Promise<Response> {
  const parts = state.uploads.get(uploadId);
  if (parts === undefined) return problem(404, 'NoSuchUpload', request);
  if (request.method === 'PUT') {
    parts.set(part, await request.bytes());
    return etag(parts.get(part)!);
  }
  state.uploads.delete(uploadId);
  if (request.method === 'DELETE') return new Response(null, { status: 204 });
  const numbers = [...(await request.text()).matchAll(/<PartNumber>(\d+)<\/PartNumber>/g)].map(([, number]) =>
    Number(number),
  );
  const chunks = numbers.map((number) => parts.get(number));
  if (chunks.some((chunk) => chunk === undefined)) return problem(400, 'InvalidPart', request);
  store(state, key, Buffer.concat(chunks as Uint8Array[]));
  state.multiparts++;
  return xml('<CompleteMultipartUploadResult><ETag>"-"</ETag></CompleteMultipartUploadResult>');
}

function store(state: State, key: string, content: Uint8Array): Uint8Array {
  state.objects.set(key, content);
  return content;
}

function read(content: Uint8Array | undefined, request: Request): Response {
  if (content === undefined) return problem(404, 'NoSuchKey', request);
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get('range') ?? '');
  if (!range) return new Response(content.slice());
  const [start, end] = [Number(range[1]), range[2] === '' ? content.length : Number(range[2]) + 1];
  if (start >= content.length) return problem(416, 'InvalidRange', request);
  return new Response(content.slice(start, end), { status: 206 });
}

function list({ objects }: State, query: URLSearchParams, pageMax: number): Response {
  const prefix = query.get('prefix') ?? '';
  const after = query.get('continuation-token') ?? '';
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).toSorted();
  const page = keys.slice(0, Math.min(pageMax, Number(query.get('max-keys') ?? 1000)));
  const isTruncated = page.length < keys.length;
  const contents = page.map((key) => `<Contents><Key>${key}</Key><Size>${objects.get(key)!.length}</Size></Contents>`);
  const next = isTruncated ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
  return xml(
    `<ListBucketResult><IsTruncated>${isTruncated}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`,
  );
}

/** AWS Signature Version 4 in the Authorization header. */
function isSigned(request: Request, url: URL): boolean {
  const header = request.headers.get('authorization') ?? '';
  const [, scope, names, signature] =
    /^AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=(\w+)$/.exec(header) ?? [];
  const [key, day, region, service] = scope?.split('/') ?? [];
  if (key !== KEY || region !== REGION || service !== 's3') return false;
  const headers = names!.split(';').map((name) => `${name}:${request.headers.get(name)}\n`);
  const query = url.search.slice(1).split('&').toSorted().join('&');
  const payload = request.headers.get('x-amz-content-sha256');
  const canonical = [request.method, url.pathname, query, headers.join(''), names, payload].join('\n');
  const hash = createHash('sha256').update(canonical).digest('hex');
  const text = ['AWS4-HMAC-SHA256', request.headers.get('x-amz-date'), `${day}/${region}/s3/aws4_request`, hash].join(
    '\n',
  );
  const hmac = (secret: string | Buffer, data: string): Buffer => createHmac('sha256', secret).update(data).digest();
  const signing = [day!, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${SECRET}`);
  return hmac(signing, text).toString('hex') === signature;
}

function etag(content: Uint8Array): Response {
  return new Response(null, { headers: { etag: `"${createHash('md5').update(content).digest('hex')}"` } });
}

function xml(body: string): Response {
  return new Response(body, { headers: { 'content-type': 'application/xml' } });
}

function problem(status: number, code: string, request: Request): Response {
  const body = request.method === 'HEAD' ? null : `<Error><Code>${code}</Code><Message>${code}</Message></Error>`;
  return new Response(body, { status, headers: { 'content-type': 'application/xml' } });
}
