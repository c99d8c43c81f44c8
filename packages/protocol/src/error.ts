/** Why bytes from outside were refused; `code` is stable and fit for logs, `message` says it to people. */
export type ProtocolErrorCode =
  | 'truncated' // the bytes end inside a value
  | 'trailing' // bytes follow the value
  | 'too-large' // the frame is over its limit
  | 'too-deep' // maps and lists nest over DEPTH_MAX
  | 'too-many' // more values, entries or items than allowed
  | 'too-long' // a string over its limit
  | 'unsupported' // an extension type or a byte MessagePack never uses
  | 'bad-text' // a string that isn't UTF-8
  | 'bad-key' // a map key that isn't a string, stands twice, or is `__proto__`
  | 'bad-frame' // not a map with a well-formed `hdr`
  | 'bad-message'; // the frame is fine, but not a message of the catalogue

export class ProtocolError extends Error {
  readonly code: ProtocolErrorCode;

  constructor(code: ProtocolErrorCode, message: string) {
    super(message);
    this.name = 'ProtocolError';
    this.code = code;
  }
}
