/** The Nice Smart Client: the program on the gateway. */
import { readCommandLine } from './config.ts';
import { ClientError, describeError } from './error.ts';
import { runGateway } from './gateway.ts';
import { createLog } from './log.ts';

try {
  const commandLine = readCommandLine();
  if (commandLine.kind === 'help') console.log(commandLine.text);
  else {
    const stopping = new AbortController();
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort());
    const { config } = commandLine;
    const log = createLog(config.logFormat, (line) => console.log(line));
    await runGateway(config, log, stopping.signal);
    log.info('stopped');
    process.exit(0);
  }
} catch (error) {
  if (!(error instanceof ClientError)) throw error;
  console.error(describeError(error));
  process.exit(1);
}
