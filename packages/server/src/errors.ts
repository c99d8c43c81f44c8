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
  'too-many-values': [
    422,
    'A gateway reports more sources or metrics than it may have',
    'Those it has go on; the detail says which is too many.',
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
  'bad-link': [410, 'This link no longer works: it was used, taken back, or is too old', 'Ask for a new one.'],
  'email-taken': [409, 'There is a user with this e-mail address already', 'Sign in with it, or use another address.'],
  'invitation-exists': [
    409,
    'Somebody has invited this e-mail address already',
    'Renew that invitation for a new link.',
  ],
  'invitation-limit': [409, 'There are too many open invitations', 'Take some back that nobody will accept.'],
  'last-administrator': [409, 'This is the last administrator', 'Give somebody else that role first.'],
  'bad-setup-code': [401, 'The set-up code is wrong or used; it is printed when the server starts'],
  'setup-done': [409, 'The first administrator exists already; sign in'],
  'second-factor-needed': [
    401,
    'The password is right; now a code is needed',
    'Send it again with `code`: of the authenticator app, or a recovery code.',
  ],
  'bad-code': [401, 'The code is wrong, too old, or was used already', 'Wait for the next one.'],
  'bad-passkey': [
    401,
    'The passkey was not accepted',
    'Try again; if it stays so, sign in another way and make a new passkey.',
  ],
  'factor-active': [409, 'Codes are turned on already', 'Turn them off first, to set up another authenticator app.'],
  'oidc-failed': [
    502,
    'The sign-in provider did not answer as it should',
    'Try again; the log of the server says what was wrong.',
  ],
  'oidc-refused': [
    403,
    'The sign-in provider knows you, but you are not let in here',
    'Ask an administrator for an invitation, or use another account at the provider.',
  ],
  'login-needed': [
    403,
    'An access token can not do this',
    'Sign in: what concerns the account itself is not for programs.',
  ],
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
  'name-taken': [409, 'This name is taken', 'Choose another one.'],
  'limit-reached': [422, 'There are as many of these as there may be', 'Delete some that nobody uses.'],
  'no-mail-server': [409, 'The system has no mail server', 'Whoever runs it can name one in LOVELY_SMTP_URL.'],
  'rule-built-in': [
    409,
    'This rule comes with the system and can not be deleted',
    'Turn it off, change it, or reset it to what it was.',
  ],
  'idempotency-key-reused': [
    422,
    'This Idempotency-Key was sent with another request',
    'Take a fresh key for each request, and the same one only to send that again.',
  ],
  'idempotency-key-in-use': [
    409,
    'The same request is on its way already',
    'Send it again as Retry-After says, with the same key; then its answer is there.',
  ],
  'too-slow': [503, 'This takes the database too long', 'Ask for less: a smaller page, fewer conditions, no pattern.'],
  unavailable: [503, 'The database does not answer at the moment', 'Try again as Retry-After says.'],
  'device-exists': [409, 'A device with this identity exists already', 'Use that one, or delete it first.'],
  'device-offline': [409, 'The device is not connected', 'Wait until it is back; its page says since when it is away.'],
  'device-busy': [503, 'The device takes no more at the moment; try again'],
  'not-polling': [409, 'This device does not ask for deployments, as Mender’s clients do'],
  'update-aborted': [409, 'The deployment was aborted: go back to what was there before'],
  'device-silent': [408, 'The device did not answer in time', 'Try again; it may be busy with something else.'],
  'file-refused': [400, 'The device can not do that with the file', 'The detail says why, in the device’s words.'],
  'no-such-artifact': [422, 'There is no software of this name', 'Upload it first, or choose one of the releases.'],
  'no-houses': [422, 'There is no house to roll this out to', 'Only houses whose gateways were accepted count.'],
  'deployment-over': [409, 'The deployment is over', 'Look at what came of it, or start a new one.'],
  'nothing-failed': [409, 'No house has failed', 'There is nothing to repeat.'],
  'fix-not-runnable': [
    422,
    'This fix can not be run on this problem',
    'The detail says why; its steps say what to do by hand.',
  ],
  'fix-running': [409, 'A fix for this problem is under way already', 'Wait for its end, or call it off.'],
  'alert-closed': [409, 'The problem is over', 'There is nothing to fix any more.'],
  'rollout-over': [
    409,
    'The rollout is over, or not in a state for that',
    'Look at what it is now, or start a new one.',
  ],
  'configuration-too-large': [
    422,
    'The desired values are too much for one message to a house',
    'Desire fewer values, or shorter ones.',
  ],
  'schema-built-in': [
    409,
    'A schema that came with the system can be changed and reset, and not deleted',
    'Reset it, or let it refuse nothing.',
  ],
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
  'bad-artifact': [
    422,
    'This is no artifact that can be used',
    'The detail says what is wrong first; nothing was stored. Make it again and upload that.',
  ],
  'artifact-exists': [
    409,
    'There is an artifact of this name for one of these device types already',
    'Delete that one, or give this one another name.',
  ],
  'artifact-in-use': [
    409,
    'A deployment that is not over uses it',
    'Wait for its end, or abort it; the detail names it.',
  ],
  'artifact-not-trusted': [
    422,
    'No trusted key has signed this artifact',
    'Sign it with a key whose public half is among the trusted keys, or add that key.',
  ],
  'storage-limit': [
    422,
    'The organisation has no storage left for this',
    'Delete artifacts that nobody needs, or have whoever runs the system raise the limit.',
  ],
  'storage-full': [
    507,
    'The server has no room left for this',
    'Whoever runs it must make room; then go on with the upload.',
  ],
  'upload-offset': [
    409,
    'The upload goes on at another offset',
    'Ask for the offset (HEAD) and send the part that begins there.',
  ],
  'upload-over': [409, 'The upload is over', 'Its state says how it ended; begin a new one.'],
  'upload-busy': [
    409,
    'A part of this upload is arriving already',
    'Ask for the offset in a moment, and go on from there.',
  ],
  'uploads-busy': [503, 'As many uploads as may be are under way; try again as Retry-After says'],
  'bad-download-link': [
    403,
    'The link to download this is past its time, or was changed',
    'Ask for the offer again: it has a new link.',
  ],
  'key-exists': [409, 'This key is trusted already'],
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

/** What is wrong with one member of the input. */
export interface InputError {
  readonly pointer: string;
  readonly detail: string;
}

export class LovelyError extends Error {
  readonly code: ErrorCode;
  /** Which member of the input is wrong, as a JSON pointer. */
  readonly pointer: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  /** Everything that is wrong with the input, where several members are. */
  readonly errors: readonly InputError[] | undefined;

  constructor(
    code: ErrorCode,
    detail?: string,
    options: { cause?: unknown; pointer?: string; retryAfterSeconds?: number; errors?: readonly InputError[] } = {},
  ) {
    super(detail ?? ERRORS[code][1], options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'LovelyError';
    this.code = code;
    this.pointer = options.pointer;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.errors = options.errors;
  }

  get status(): number {
    return ERRORS[this.code][0];
  }
}
