/** Randomness that can be replayed: the same seed and labels give the same numbers, on every machine. */
import { createHash } from 'node:crypto';

/** Gives a number from 0 to below 1. */
export type Random = () => number;

/** A stream of its own for each list of labels, so that one more draw here changes nothing there. */
export function randomOf(seed: number, ...labels: readonly (string | number)[]): Random {
  const words = new Uint32Array(4);
  const digest = digestOf(seed, ...labels);
  for (const index of words.keys()) words[index] = digest.readUInt32LE(index * 4);
  return sfc32(words);
}

/** 32 bytes that follow from the seed and labels. */
export function digestOf(seed: number, ...labels: readonly (string | number)[]): Buffer {
  return createHash('sha256')
    .update(JSON.stringify(['lovely-sim', seed, ...labels]))
    .digest();
}

export function between(random: Random, min: number, max: number): number {
  return min + random() * (max - min);
}

export function pick<T>(random: Random, items: readonly T[]): T {
  return items[Math.floor(random() * items.length)]!;
}

/** Waiting times of what happens by chance, with this mean. */
export function exponential(random: Random, mean: number): number {
  return -Math.log(1 - random()) * mean;
}

/** Chris Doty-Humphrey's small fast counter, from PractRand; 128 bits of state are plenty here. */
function sfc32(state: Uint32Array): Random {
  let [a = 0, b = 0, c = 0, counter = 0] = state;
  return () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  };
}
