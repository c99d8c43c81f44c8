// Devices for a benchmark: preauthorised and let in over HTTP, as real ones are.
import { identityOf, loadRuntime, requestToken } from '@lovely/client';
import { privateKeyOf } from '@lovely/sim';
import type { OurServer } from './machine.ts';

const AT_ONCE = 32;
const SEED = 1;

/** Joins `count` devices and returns their tokens. */
export async function joinDevices(server: OurServer, count: number, say: (line: string) => void): Promise<string[]> {
  const management = await server.signIn();
  const { url, ca } = server.address;
  const http = (await loadRuntime()).http({ authorities: [ca!], proxy: undefined });
  const signal = new AbortController().signal;
  const tokens: string[] = [];
  const indexes = Array.from({ length: count }, (_, index) => index).values();
  const joinNext = async (): Promise<void> => {
    for (const index of indexes) {
      const identity = identityOf(`BENCH-${index}`, privateKeyOf(SEED, index));
      await management.preauthorise(identity.serial, identity.publicKey);
      const answer = await requestToken(http, url, identity, signal);
      if (answer.kind !== 'accepted') throw new Error(`device ${index} is ${answer.kind}: ${answer.reason}`);
      tokens.push(answer.token);
      if (tokens.length % 1000 === 0) say(`${tokens.length.toLocaleString('en')} devices have joined`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, joinNext));
  return tokens;
}
