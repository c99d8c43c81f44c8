/**
 * Makes one file for Node ≥ 20 (32-bit ARM gateways): packages/client/dist/nice-smart-client.mjs.
 * It needs the packages `ws` and, for terminals, `@homebridge/node-pty-prebuilt-multiarch` beside it.
 */
import { join } from 'node:path';

const folder = join(import.meta.dir, '..');
const result = await Bun.build({
  entrypoints: [join(folder, 'src/main.ts')],
  outdir: process.argv[2] ?? join(folder, 'dist'),
  naming: 'nice-smart-client.mjs',
  target: 'node',
  format: 'esm',
  external: ['ws', 'dbus-native', '@homebridge/node-pty-prebuilt-multiarch'],
});
if (!result.success) throw new AggregateError(result.logs, 'the bundle failed');
