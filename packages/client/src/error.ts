/** The client's one error type: `code` is stable, `message` says to the operator what is wrong. */
export type ClientErrorCode =
  | 'bad-setting' // a flag, variable or key of the file is unknown, missing or malformed
  | 'bad-file' // a file the client needs can't be read or doesn't hold what it should
  | 'unreachable' // the server gave no HTTP answer
  | 'bad-answer'; // the server's answer is no such answer

export class ClientError extends Error {
  readonly code: ClientErrorCode;

  constructor(code: ClientErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ClientError';
    this.code = code;
  }
}

/** An error's text with the texts of its causes, for one line of a log. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${describeError(error.cause)}`;
}
