/**
 * The catalogue of errors that people and programs see. One entry a code: the HTTP status, one sentence that says what
 * is wrong, and, where that does not say it yet, one that says what to do. docs/errors.md is made of it
 * (errors-document.ts). `LovelyError` carries a code, a detail for outside and a cause for inside; a bug is any other
 * error.
 */
export const ERRORS = {
  'bad-request': [400, 'The request is not understood', 'The detail names the part; mend it and send it again.'],
  'bad-json': [400, 'The body is not JSON', 'Send JSON in UTF-8.'],
  'bad-input': [
    422,
    'A member of the input is not valid',
    'The detail says what is expected; `pointer` says where, as a JSON pointer.',
  ],
  'body-too-large': [413, 'The body is larger than allowed', 'The detail says how large it may be.'],
  'not-signed-in': [401, 'Sign in first'],
  'bad-credentials': [401, 'E-mail and password do not match', 'Type both again.'],
  'sign-in-delayed': [
    429,
    'Too many failed sign-ins; wait as Retry-After says',
    'Then type the password once more, or ask for a new one.',
  ],
  'user-disabled': [403, 'This account is disabled', 'Ask an administrator of your organisation to enable it.'],
  'weak-password': [
    422,
    'This password is too easy to guess',
    'The detail says why. Several unrelated words make a good one.',
  ],
  'wrong-password': [403, 'The current password is not right', 'Type it again.'],
  'bad-setup-code': [401, 'The set-up code is wrong or used; it is printed when the server starts'],
  'setup-done': [409, 'The first administrator exists already; sign in'],
  'not-allowed': [403, 'Your role does not allow this', 'Ask an administrator for the permission.'],
  'bad-origin': [
    403,
    'The request comes from another site',
    'Open the system at its own address; whoever runs it names that address in LOVELY_PUBLIC_URL.',
  ],
  'bad-host': [
    421,
    'The request names a host that is not this one',
    'Over plain HTTP, open localhost or 127.0.0.1; everybody else uses the https address.',
  ],
  'too-many-requests': [429, 'Too many requests; wait as Retry-After says'],
  'not-found': [404, 'There is nothing here, or you may not see it', 'Look at the path and the ids in it.'],
  'method-not-allowed': [405, 'This method does not exist here', 'Look at the method and the path.'],
  'changed-meanwhile': [
    412,
    'Somebody changed this meanwhile',
    'Read it again, and make the change from what it is now (If-Match with the new ETag).',
  ],
  unavailable: [503, 'The database does not answer at the moment', 'Try again as Retry-After says.'],
  'device-exists': [409, 'A device with this identity exists already', 'Use that one, or delete it first.'],
  'device-offline': [409, 'The device is not connected', 'Wait until it is back; its page says since when it is away.'],
  'device-busy': [503, 'The device takes no more at the moment; try again'],
  'session-limit': [
    429,
    'Too many open sessions, or this one was open for too long',
    'Close a terminal that nobody uses, or open a new one.',
  ],
  'bad-signature': [
    401,
    'The signature does not fit the body and the key',
    'Sign the bytes of the body exactly as they are sent, with the private half of `pubkey`.',
  ],
  'bad-join-code': [
    401,
    'The join code lets nobody in',
    'The detail says why. Ask for a new one; a code is shown once, when it is made.',
  ],
  'bad-certificate': [
    401,
    'The client certificate lets nobody in',
    'The detail says what is wrong with it or with its chain; nothing was stored.',
  ],
  'device-limit': [
    422,
    'The organisation has as many devices as it may have',
    'Decommission some, or have whoever runs the system raise the limit.',
  ],
  'authority-exists': [409, 'This certificate authority is there already'],
  'tenant-exists': [409, 'An organisation with this name exists already', 'Choose another name.'],
  'tenant-needed': [
    409,
    'This organisation can not be deleted',
    'It is your own, or the one that gateways without a join code come to.',
  ],
  'not-accepted': [401, 'The device is not accepted yet', 'Accept it in the UI; a gateway asks again by itself.'],
  'bad-token': [
    401,
    'The token is not valid, has expired or is revoked',
    'Ask for a new one: a person signs in again, a device sends an auth request.',
  ],
  'upgrade-required': [426, 'This path takes WebSockets only', 'Open it with a WebSocket.'],
  'bad-frame': [
    400,
    'The bytes are not a message of the protocol',
    'The detail names the member; the message is not stored, and too many of them end the connection.',
  ],
  'frame-too-large': [413, 'The frame is over the limit', 'Send several smaller ones.'],
  'rate-limit': [
    429,
    'The device sends more than it may',
    'Send at most as many messages a second as the welcome allows; what was refused is to be sent again.',
  ],
  draining: [503, 'This server is going away; come back in a moment'],
  internal: [500, 'Something went wrong here; the request id finds it in the log'],
} as const satisfies Record<string, readonly [status: number, title: string, advice?: string]>;

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
