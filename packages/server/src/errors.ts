/**
 * The catalogue of errors that people and programs see. One entry a code: the HTTP status and one sentence that says
 * what to do. `LovelyError` carries a code, a detail for outside and a cause for inside; a bug is any other error.
 */
export const ERRORS = {
  'bad-request': [400, 'The request is not understood'],
  'bad-json': [400, 'The body is not JSON'],
  'bad-input': [422, 'A member of the input is not valid'],
  'body-too-large': [413, 'The body is larger than allowed'],
  'not-signed-in': [401, 'Sign in first'],
  'bad-credentials': [401, 'E-mail and password do not match'],
  'bad-setup-code': [401, 'The set-up code is wrong or used; it is printed when the server starts'],
  'setup-done': [409, 'The first administrator exists already; sign in'],
  'not-allowed': [403, 'Your role does not allow this'],
  'bad-origin': [403, 'The request comes from another site'],
  'too-many-requests': [429, 'Too many requests; wait as Retry-After says'],
  'not-found': [404, 'There is nothing here, or you may not see it'],
  'method-not-allowed': [405, 'This method does not exist here'],
  conflict: [409, 'Somebody changed this in the meantime'],
  'device-exists': [409, 'A device with this identity exists already'],
  'device-offline': [409, 'The device is not connected'],
  'device-busy': [503, 'The device takes no more at the moment; try again'],
  'session-limit': [429, 'Too many open sessions'],
  'bad-signature': [401, 'The signature does not fit the body and the key'],
  'not-accepted': [401, 'The device is not accepted yet'],
  'bad-token': [401, 'The token is not valid, has expired or is revoked'],
  'upgrade-required': [426, 'This path takes WebSockets only'],
  'bad-frame': [400, 'The bytes are not a message of the protocol'],
  'frame-too-large': [413, 'The frame is over the limit'],
  'rate-limit': [429, 'The device sends more than it may'],
  replaced: [409, 'A newer connection of the same device took over'],
  draining: [503, 'This server is going away; come back in a moment'],
  'not-ready': [503, 'A part of the server is not ready yet'],
  internal: [500, 'Something went wrong here; the request id finds it in the log'],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ErrorCode = keyof typeof ERRORS;

export class LovelyError extends Error {
  readonly code: ErrorCode;
  /** Which member of the input is wrong, as a JSON pointer. */
  readonly pointer: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ErrorCode,
    detail?: string,
    options: { cause?: unknown; pointer?: string; retryAfterSeconds?: number } = {},
  ) {
    super(detail ?? ERRORS[code][1], options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'LovelyError';
    this.code = code;
    this.pointer = options.pointer;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get status(): number {
    return ERRORS[this.code][0];
  }
}
