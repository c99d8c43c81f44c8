/** `rotate-keys`: makes new keys for a system, whether it runs or not. The processes that run learn of them by themselves. */
import { join } from 'node:path';
import { helpRequested } from './config-help.ts';
import { loadConfig, type Config } from './config.ts';
import { KEY_ANNOUNCE_SECONDS, KEYS_REFRESH_MS, LOGIN_SECONDS } from './limits.ts';
import { createLog, type Log } from './log.ts';
import { defer } from './parts.ts';
import { replaceCommandKey, rotateCommandKey } from './store/command-keys.ts';
import { rotateSealingKey, rotateSigningKey, voidTokens } from './store/rotation.ts';
import { joinLocalDatabase } from './store/local-database.ts';
import type { Rotation } from './store/keys.ts';
import { openStore } from './store/store.ts';

export const ROTATE_KEYS = 'rotate-keys';

const NOW = '--now';

const HELP = `Makes new keys: one that signs tokens, one that signs commands for gateways, and one that seals secrets in the database.

  rotate-keys        Nobody notices: the new keys are used ${KEY_ANNOUNCE_SECONDS} seconds from now, when every process knows them; tokens
                     that are out live on until their own end, and workers seal all secrets again.
  rotate-keys ${NOW}  For a key that leaked: every token is void within ${KEYS_REFRESH_MS / 1000} seconds. People sign in again; gateways ask for
                     new tokens by themselves.

Give it the settings of the server (the same flags, variables or file), as it works on the server's database. It may run
beside the server or while that is down.
`;

/** @param argv the words behind `rotate-keys` */
export async function rotateKeys(argv: readonly string[], print: (line: string) => void): Promise<void> {
  if (helpRequested(argv)) return print(HELP.trimEnd());
  const config = loadConfig(argv.filter((word) => word !== NOW));
  const log = createLog(config.logLevel === 'info' ? 'warn' : config.logLevel);
  await using stack = new AsyncDisposableStack();
  const { database } = await defer(stack, openStore(await findDatabase(config, log, stack), log));
  if (argv.includes(NOW)) {
    print(`Made signing key ${await voidTokens(database)}.`);
    print(
      `Every token is void within ${KEYS_REFRESH_MS / 1000} seconds: people sign in again, gateways come back by themselves.`,
    );
    print(
      `Made command key ${(await replaceCommandKey(database)).id}: gateways take commands of no other from now on.`,
    );
  } else {
    print(describe('command', await rotateCommandKey(database)));
    const rotation = await rotateSigningKey(database);
    print(describe('signing', rotation));
    print(`Tokens that are out live on until their own end, ${LOGIN_SECONDS / 3600} hours at most.`);
  }
  print(describe('sealing', await rotateSealingKey(database)));
  print('Workers seal all secrets again with it, and then delete the keys before.');
}

async function findDatabase({ databaseUrl, dataDir }: Config, log: Log, stack: AsyncDisposableStack): Promise<string> {
  return databaseUrl ?? (await defer(stack, joinLocalDatabase(join(dataDir, 'postgres'), log))).url;
}

function describe(kind: string, { id, usedFrom, isNew }: Rotation): string {
  return isNew
    ? `Made ${kind} key ${id}, used from ${usedFrom.toISOString()} on.`
    : `A rotation is under way: the ${kind} key ${id} is used from ${usedFrom.toISOString()} on. Made none.`;
}
