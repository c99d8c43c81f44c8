/**
 * Cuts the body off messages that are larger than allowed, before anybody reads them: a program that sends megabytes
 * costs an error of its own, and not the connection that all programs share.
 */

const HEADER_BYTES = 16;
const BODY_LENGTH_AT = 4;
const FIELDS_LENGTH_AT = 12;
const AUTHENTICATION_BYTES_MAX = 4096;
const LITTLE_ENDIAN = 'l'.charCodeAt(0);

export class MessageFilter {
  readonly #bodyBytesMax: number;
  readonly #fieldsBytesMax: number;
  /** What belongs to a header that isn't whole yet. */
  #waiting = Buffer.alloc(0);
  /** The lines of authentication so far; undefined once the bus has let us in. */
  #lines: string | undefined = '';
  /** What is left of the message that is coming: bytes to pass on, then bytes to drop. */
  #pass = 0;
  #drop = 0;

  constructor(bodyBytesMax: number, fieldsBytesMax: number) {
    this.#bodyBytesMax = bodyBytesMax;
    this.#fieldsBytesMax = fieldsBytesMax;
  }

  /** What may be read of `chunk` and what came before. Throws an Error for what is no message. */
  take(chunk: Buffer): Buffer {
    let rest: Buffer = this.#waiting.length > 0 ? Buffer.concat([this.#waiting, chunk]) : chunk;
    this.#waiting = Buffer.alloc(0);
    const parts: Buffer[] = [];
    if (this.#lines !== undefined) {
      const before = this.#lines.length;
      this.#lines += rest.toString('latin1');
      const end = endOfAuthentication(this.#lines);
      if (end === undefined && this.#lines.length > AUTHENTICATION_BYTES_MAX) throw new Error('no message bus');
      if (end === undefined) return rest;
      this.#lines = undefined;
      parts.push(rest.subarray(0, end - before));
      rest = rest.subarray(end - before);
    }
    while (rest.length > 0) {
      if (this.#pass > 0) {
        const part = rest.subarray(0, this.#pass);
        parts.push(part);
        this.#pass -= part.length;
        rest = rest.subarray(part.length);
      } else if (this.#drop > 0) {
        const dropped = Math.min(this.#drop, rest.length);
        this.#drop -= dropped;
        rest = rest.subarray(dropped);
      } else if (rest.length < HEADER_BYTES) {
        this.#waiting = Buffer.from(rest);
        break;
      } else {
        parts.push(this.#header(rest.subarray(0, HEADER_BYTES)));
        rest = rest.subarray(HEADER_BYTES);
      }
    }
    return Buffer.concat(parts);
  }

  #header(bytes: Buffer): Buffer {
    const isLittle = bytes[0] === LITTLE_ENDIAN;
    const lengthAt = (at: number): number => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
    const fields = Math.ceil(lengthAt(FIELDS_LENGTH_AT) / 8) * 8;
    const body = lengthAt(BODY_LENGTH_AT);
    if (fields > this.#fieldsBytesMax) throw new Error(`a message with ${fields} bytes of header fields`);
    this.#pass = fields;
    if (body <= this.#bodyBytesMax) {
      this.#pass += body;
      return bytes;
    }
    this.#drop = body;
    const header = Buffer.from(bytes);
    header.writeUInt32LE(0, BODY_LENGTH_AT);
    return header;
  }
}

/** Where the messages begin: after the line with which the bus lets us in, as we ask it for nothing more. */
function endOfAuthentication(lines: string): number | undefined {
  const ok = /(?:^|\n)OK [^\r\n]*\r\n/.exec(lines);
  return ok ? ok.index + ok[0].length : undefined;
}
