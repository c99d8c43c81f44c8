/**
 * The rules of subjects (docs.nats.io, "Subject-Based Messaging"): tokens with dots between them. They are a little
 * stricter than the server's, which takes `*` and `>` within a token and in what is published.
 */
import { BUS_PAYLOAD_BYTES_MAX, BUS_SUBJECT_LENGTH_MAX } from '../limits.ts';
import { BusError } from './bus.ts';

const SUBJECT = /^[^\s.*>\p{Cc}]+(\.[^\s.*>\p{Cc}]+)*$/u;
const PATTERN = /^([^\s.*>\p{Cc}]+|\*)(\.([^\s.*>\p{Cc}]+|\*))*(\.>)?$|^>$/u;
const QUEUE = /^[^\s.*>\p{Cc}]+$/u;

/** Throws BusError unless a message of this size may be published on the subject. */
export function checkMessage(subject: string, data: Uint8Array): void {
  check(subject, SUBJECT, 'a subject');
  if (data.length > BUS_PAYLOAD_BYTES_MAX)
    throw new BusError('too-large', `${data.length} bytes for ${subject}, ${BUS_PAYLOAD_BYTES_MAX} allowed`);
}

/** Throws BusError unless one may subscribe to the pattern, as a member of the queue group if one is given. */
export function checkPattern(pattern: string, queue?: string): void {
  check(pattern, PATTERN, 'a pattern of subjects');
  if (queue !== undefined) check(queue, QUEUE, 'the name of a queue group');
}

function check(given: string, form: RegExp, what: string): void {
  if (given.length > BUS_SUBJECT_LENGTH_MAX || !form.test(given))
    throw new BusError('bad-subject', `"${given.slice(0, 80)}" is not ${what}`);
}

/** Whether a subject fits a pattern; both were checked and split at their dots. */
export function fits(subject: readonly string[], pattern: readonly string[]): boolean {
  for (let at = 0; at < pattern.length; at++) {
    if (at === subject.length) return false;
    if (pattern[at] === '>') return true;
    if (pattern[at] !== '*' && pattern[at] !== subject[at]) return false;
  }
  return subject.length === pattern.length;
}
