import { readFileSync } from 'node:fs';
import { INTERFACES_MAX } from '../limits.ts';
import type { Source, Values } from './source.ts';

export const readNetwork: Source = () => parseNetwork(readFileSync('/proc/net/dev', 'utf8'));

/** Interfaces that say nothing about the house's network: loopback and the inner ones of containers. */
export const INNER_INTERFACE = /^(lo|veth.*|docker\d+|br-.*|virbr.*|ifb\d+|dummy\d+|tunl\d+|sit\d+)$/;

export function parseNetwork(text: string): Values {
  const lines = [...text.matchAll(/^ *([^:\s]+): *(\d+)(?: +\d+){7} +(\d+)/gm)];
  const outer = lines.filter(
    ([, name, received, sent]) => !INNER_INTERFACE.test(name!) && Number(received) + Number(sent) > 0,
  );
  return Object.fromEntries(
    outer.slice(0, INTERFACES_MAX).flatMap(([, name, received, sent]) => [
      [`network.${name}.receivedBytes`, Number(received)],
      [`network.${name}.sentBytes`, Number(sent)],
    ]),
  );
}
