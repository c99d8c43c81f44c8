/** Renews a gateway's key and says so; ends itself without a word at a step, as when the power fails. */
import { silentLog } from '../src/log.ts';
import { systemClock as clock } from '../src/clock.ts';
import { Tokens } from '../src/authentication.ts';
import { bunHttp } from '../src/http/bun.ts';
import type { Http } from '../src/http/http.ts';
import { openKeys } from '../src/keys.ts';

const [dataDir, server, dieAt] = process.argv.slice(2) as [string, string, string | undefined];

let isRenewing = false;

function dieIf(step: string): void {
  if (isRenewing && step === dieAt) process.kill(process.pid, 'SIGKILL');
}

const real = bunHttp({ authorities: undefined, proxy: undefined });
const http: Http = async (request, signal) => {
  dieIf('before the request');
  const answer = await real(request, signal);
  dieIf('before the answer is read');
  return answer;
};
const keys = openKeys(dataDir, 'sn-1');
const tokens = new Tokens({ http, server: new URL(server), keys, clock, random: Math.random, log: silentLog });
const { signal } = new AbortController();
await tokens.get(signal);
if (dieAt !== undefined) {
  isRenewing = true;
  if (dieAt === 'after the new key is written') keys.prepare();
  dieIf('after the new key is written');
  await tokens.renewKey(signal);
  dieIf('after all');
}
process.stdout.write(`${keys.current.fingerprint}\n`);
