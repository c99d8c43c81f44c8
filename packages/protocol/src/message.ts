/** One entry of the message catalogue: how to make the frame of a message and how to read it back. */
import { ProtocolError } from './error.ts';
import { frame, type Frame } from './frame.ts';
import { decode } from './message-pack/decode.ts';
import { encode } from './message-pack/encode.ts';
import type { Value, ValueMap } from './message-pack/value.ts';
import { fields, type Fields, type Shape } from './shape.ts';

export interface Message<Props, Body> {
  readonly proto: number;
  readonly typ: string;
  /** Makes the frame. `sid` names the session where the message belongs to one. */
  frame(props: Props, body: Body, sid?: string): Frame;
  /** Reads props and body, or throws ProtocolError 'bad-message' naming the member that is wrong. */
  read(from: Frame): { props: Props; body: Body };
  /** Whether a frame is of this type. */
  is(from: Frame): boolean;
}

type Members = { readonly [key: string]: Shape<unknown> };

/** A message whose body is a MessagePack value of the given shape. */
export function message<const P extends Members, B>(
  proto: number,
  typ: string,
  props: P,
  body: Shape<B>,
): Message<Fields<P>, B> {
  return define(proto, typ, props, {
    write: (value: B) => encode(value as Value),
    read: (bytes, path) => body.read(bytes.length > 0 ? decode(bytes) : undefined, path),
  });
}

/** A message whose body is plain bytes: terminal output, a file's chunk. */
export function bytesMessage<const P extends Members>(
  proto: number,
  typ: string,
  props: P,
): Message<Fields<P>, Uint8Array> {
  return define(proto, typ, props, { write: (bytes: Uint8Array) => bytes, read: (bytes) => bytes });
}

/** A message without a body. */
export function bareMessage<const P extends Members>(proto: number, typ: string, props: P): Message<Fields<P>, void> {
  return define(proto, typ, props, { write: (): Uint8Array | undefined => undefined, read: (): void => undefined });
}

interface BodyForm<B> {
  write(body: B): Uint8Array | undefined;
  read(bytes: Uint8Array, path: string): B;
}

function define<const P extends Members, B>(
  proto: number,
  typ: string,
  members: P,
  form: BodyForm<B>,
): Message<Fields<P>, B> {
  const shape = fields(members);
  const where = `${proto}/${typ}`;
  const propsPath = `${where} props`;
  const bodyPath = `${where} body`;
  return {
    proto,
    typ,
    frame(values, body, sid = '') {
      const bytes = form.write(body);
      const props = values as ValueMap;
      return frame(proto, typ, bytes ? { sid, props, body: bytes } : { sid, props });
    },
    read(from) {
      if (from.proto !== proto || from.typ !== typ)
        throw new ProtocolError('bad-message', `expected ${where}, got ${from.proto}/${from.typ}`);
      return { props: shape.read(from.props, propsPath), body: form.read(from.body, bodyPath) };
    },
    is: (from) => from.proto === proto && from.typ === typ,
  };
}
