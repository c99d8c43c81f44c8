/** Errors on their way out: the one place that turns a code into a response, RFC 9457 on our API, Mender's shape on Mender's. */
import type { Problem } from '@lovely/api';
import { ERRORS, LovelyError, type ErrorCode } from '../errors.ts';
import type { Log } from '../log.ts';
import { isTimeout, isUnreachable } from '../store/errors.ts';

/** Refusals that a healthy system gives all the time: to gateways that wait, and to whoever opens the page. */
const EVERYDAY: ReadonlySet<ErrorCode> = new Set(['not-accepted', 'not-signed-in', 'not-found']);

/** Answers an error; what isn't a LovelyError is a bug, logged with its request id and shown as 'internal'. */
export function errorResponse(thrown: unknown, requestId: string, path: string, log: Log): Response {
  const error = toLovelyError(thrown);
  if (error.status >= 500) log.error({ error: error.cause ?? error, requestId, path }, error.message);
  else log[EVERYDAY.has(error.code) ? 'debug' : 'info']({ reason: error.code, requestId, path }, error.message);
  const headers: Record<string, string> =
    error.retryAfterSeconds === undefined ? {} : { 'retry-after': String(error.retryAfterSeconds) };
  return isMenderPath(path) ? menderResponse(error, requestId, headers) : problemResponse(error, requestId, headers);
}

function toLovelyError(thrown: unknown): LovelyError {
  if (thrown instanceof LovelyError) return thrown;
  if (isTimeout(thrown)) return new LovelyError('too-slow', undefined, { cause: thrown });
  if (isUnreachable(thrown)) return new LovelyError('unavailable', undefined, { cause: thrown, retryAfterSeconds: 2 });
  return new LovelyError('internal', undefined, { cause: thrown });
}

/** Mender's devices and tools expect their own error body and request id header (COMPAT 2.1). */
export function isMenderPath(path: string): boolean {
  return path.startsWith('/api/devices/') || path.startsWith('/api/management/');
}

function menderResponse(error: LovelyError, requestId: string, headers: Record<string, string>): Response {
  return Response.json(
    { error: error.message, request_id: requestId, code: error.code },
    { status: error.status, headers: { ...headers, 'x-men-requestid': requestId } },
  );
}

function problemResponse(error: LovelyError, requestId: string, headers: Record<string, string>): Response {
  const problem: Problem = {
    type: `/docs/errors#${error.code}`,
    title: ERRORS[error.code][1],
    status: error.status,
    code: error.code,
    detail: error.message,
    requestId,
    ...(error.pointer === undefined ? {} : { pointer: error.pointer }),
    ...(error.errors === undefined ? {} : { errors: [...error.errors] }),
  };
  return Response.json(problem, {
    status: error.status,
    headers: { ...headers, 'content-type': 'application/problem+json' },
  });
}
