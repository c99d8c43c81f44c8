/** A topic is a subject together with what its messages look like; the functions here keep the two together. */
import { decode, encode, type Value } from '@lovely/protocol';
import { scalar, type Shape } from '@lovely/protocol/shape';
import { BUS_BATCH_ITEMS_MAX, BUS_PAYLOAD_BYTES_MAX } from '../limits.ts';
import { BusError, type Bus, type Subscription } from './bus.ts';

/** What may stand between the dots of a subject. */
const TOKEN = /^[A-Za-z0-9_-]{1,128}$/;

export interface Topic<T> {
  /** Where `subscribeTo` is used, it may be a pattern. */
  readonly subject: string;
  readonly shape: Shape<T>;
}

/** A topic whose messages are answered. */
export interface Question<T, A> extends Topic<T> {
  readonly answer: Shape<A>;
}

export function publishTo<T>(bus: Bus, topic: Topic<T>, value: T): void {
  bus.publish(topic.subject, encode(value as Value));
}

/** Publishes a list in as few messages as its limits allow; nothing for an empty list. */
export function publishItems<T>(bus: Bus, topic: Topic<T[]>, items: readonly T[]): void {
  if (items.length === 0) return;
  const data = items.length <= BUS_BATCH_ITEMS_MAX ? encodeOrSplit(items) : undefined;
  if (data) {
    bus.publish(topic.subject, data);
  } else {
    const half = Math.ceil(items.length / 2);
    publishItems(bus, topic, items.slice(0, half));
    publishItems(bus, topic, items.slice(half));
  }
}

/** Undefined where several items are too much for one message. */
function encodeOrSplit(items: readonly unknown[]): Uint8Array | undefined {
  try {
    const data = encode(items as Value);
    return data.length <= BUS_PAYLOAD_BYTES_MAX || items.length === 1 ? data : undefined;
  } catch (error) {
    // The codec has a limit for the number of values too.
    if (error instanceof RangeError && items.length > 1) return undefined;
    throw error;
  }
}

/** Calls `handler` with each message; one that isn't of the topic's shape goes to `onError` of the bus and is dropped. */
export function subscribeTo<T>(
  bus: Bus,
  topic: Topic<T>,
  handler: (value: T, subject: string) => void | Promise<void>,
  options?: { queue?: string },
): Subscription {
  return bus.subscribe(topic.subject, (message) => handler(read(topic, message.data), message.subject), options);
}

/** Asks and waits for the answer. @throws as `Bus.request`, or ProtocolError for an answer of another shape */
export async function ask<T, A>(
  bus: Bus,
  question: Question<T, A>,
  value: T,
  options: { timeoutMs: number; signal?: AbortSignal },
): Promise<A> {
  const answer = await bus.request(question.subject, encode(value as Value), options);
  return read({ subject: question.subject, shape: question.answer }, answer);
}

/** Answers each question with what `handler` returns; one that isn't of the shape gets no answer. */
export function answerTo<T, A>(
  bus: Bus,
  question: Question<T, A>,
  handler: (value: T) => A | Promise<A>,
  options?: { queue?: string },
): Subscription {
  return bus.subscribe(
    question.subject,
    async (message) => {
      const answer = await handler(read(question, message.data));
      message.respond(encode(answer as Value));
    },
    options,
  );
}

/** A binary member; it is a view into the message. */
export const bytes: Shape<Uint8Array> = scalar(
  'binary',
  (value) => value instanceof Uint8Array,
  (value) => value,
);

/** An id that is a token of subjects. */
export const token: Shape<string> = scalar(
  'an id of letters, digits, - and _',
  (value) => typeof value === 'string',
  (value) => (TOKEN.test(value) ? value : undefined),
);

/** The id, if it can stand in a subject. @throws BusError 'bad-subject' */
export function asToken(id: string): string {
  if (TOKEN.test(id)) return id;
  throw new BusError(
    'bad-subject',
    `"${id.slice(0, 80)}" can't stand in a subject: letters, digits, - and _ can, at most 128 of them`,
  );
}

function read<T>(topic: Topic<T>, data: Uint8Array): T {
  return topic.shape.read(decode(data), topic.subject);
}
