#!/usr/bin/env bun
/** `lovely`: the operator's command line. */
import { readConfig } from './config.ts';
import { run } from './run.ts';

process.exitCode = await run(process.argv.slice(2), readConfig(), {
  out: (text) => void process.stdout.write(`${text}\n`),
  complain: (text) => void process.stderr.write(`${text}\n`),
});
