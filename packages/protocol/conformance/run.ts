/**
 * Puts every fixture to a codec in whatever language:
 *
 *     bun packages/protocol/conformance/run.ts -- <command> [argument…]
 *
 * README.md says what the command must answer. The exit code is 0 if all passed.
 */
import { check } from './check.ts';

const given = process.argv.slice(2);
const [command, ...args] = given[0] === '--' ? given.slice(1) : given;
if (command === undefined) {
  process.stderr.write('usage: bun packages/protocol/conformance/run.ts -- <command> [argument…]\n');
  process.exit(2);
}
const { passed, failures } = await check(command, args);
for (const failure of failures) process.stdout.write(`failed: ${failure}\n`);
process.stdout.write(`${passed} passed, ${failures.length} failed\n`);
process.exit(failures.length === 0 ? 0 : 1);
