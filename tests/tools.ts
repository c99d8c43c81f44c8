// What a test does when a program from Debian is missing: it is skipped by its name, or fails where CI=true.
import { test } from 'bun:test';
import { findTool, type Tool } from '../scripts/debian-tools.ts';

/**
 * `test` where every named program is installed, else `test.skip`:
 * `testWith('chromium', 'nats-server')('a fact', async () => { … })`.
 * @throws where a program is missing and CI=true, for there a skipped test would hide a broken machine
 */
export function testWith(...tools: Tool[]): typeof test | typeof test.skip {
  const missing = tools.filter((tool) => findTool(tool) === undefined);
  if (missing.length === 0) return test;
  if (process.env.CI === 'true') throw new Error(`not installed: ${missing.join(', ')}`);
  return test.skip;
}

/**
 * The path of a program; for use inside a test that `testWith` guards.
 * @throws where it is not installed
 */
export function requireTool(tool: Tool): string {
  const path = findTool(tool);
  if (path === undefined) throw new Error(`${tool} is not installed`);
  return path;
}
