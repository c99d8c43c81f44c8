/** A seeded fleet of simulated gateways against a running server. */
import { readSimConfig } from './config.ts';
import { SimError } from './error.ts';
import { Fleet } from './fleet.ts';
import { createHouses } from './house.ts';
import { startProgress } from './progress.ts';

try {
  const commandLine = readSimConfig();
  if (commandLine.kind === 'help') process.stdout.write(commandLine.text);
  else {
    const stopping = new AbortController();
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => stopping.abort());
    const { houses: count, ...config } = commandLine.config;
    const houses = createHouses(config.seed, count);
    const fleet = new Fleet({ ...config, houses });
    const progress = startProgress(() => fleet.counts, config.seed);
    try {
      await fleet.run(stopping.signal);
    } finally {
      progress.close();
    }
    process.exit(0);
  }
} catch (error) {
  if (!(error instanceof SimError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
