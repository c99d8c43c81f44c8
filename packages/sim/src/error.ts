/** What can go wrong in a run of the simulator and is no bug; the message is for the person who started it. */
export type SimErrorCode =
  | 'bad-setting'
  /** No answer from the server, for long enough to give up. */
  | 'unreachable'
  /** Wrong e-mail address or password. */
  | 'bad-credentials'
  /** The server answered that it won't. */
  | 'refused'
  /** A part of the demo ended by itself. */
  | 'part-died';

export class SimError extends Error {
  readonly code: SimErrorCode;

  constructor(code: SimErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SimError';
    this.code = code;
  }
}
