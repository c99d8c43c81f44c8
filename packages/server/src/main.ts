#!/usr/bin/env bun
/** `npm start`: reads the settings, starts the server, says when it is ready, and stops on a signal. */
import { helpRequested, helpText } from './config-help.ts';
import { ConfigError, loadConfig, printableConfig } from './config.ts';
import { createLog } from './log.ts';
import { ROTATE_KEYS, rotateKeys } from './rotate-keys.ts';
import { startServer } from './server.ts';

const EXIT_CONFIG = 2;

async function main(): Promise<void> {
  const argv = process.argv.slice(2);
  if (argv[0] === ROTATE_KEYS) return await rotateKeys(argv.slice(1), (line) => process.stdout.write(`${line}\n`));
  if (helpRequested(argv)) {
    process.stdout.write(helpText());
    return;
  }
  const config = loadConfig(argv);
  const log = createLog(config.logLevel);
  log.debug({ config: printableConfig(config) }, 'settings');
  const stopped = Promise.withResolvers<string>();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopped.resolve(signal));

  const starting = startServer(config, log);
  const server = await Promise.race([starting, stopped.promise.then(() => undefined)]);
  if (!server) {
    await (await starting).close();
    return;
  }
  process.stdout.write(`ready ${server.url}\n`);
  if (server.setupUrl) process.stdout.write(`set up ${server.setupUrl}\n`);
  else if (server.localUrl) process.stdout.write(`browser ${server.localUrl}\n`);
  log.info({ signal: await stopped.promise }, 'draining');
  await server.close();
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    if (error instanceof ConfigError) process.stderr.write(`${error.message}\nSee --help for all settings.\n`);
    else process.stderr.write(`${failure()} ${describe(error)}\n`);
    process.exit(error instanceof ConfigError ? EXIT_CONFIG : 1);
  },
);

/** What did not work. */
function failure(): string {
  return process.argv[2] === ROTATE_KEYS ? 'The keys were not rotated.' : 'The server could not start.';
}

/** An error with its causes, a line each. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}\n  ${describe(error.cause)}`;
}
