/** Writes deploy/dbus/io.lovely.Client1.xml after a change of the interface; a test compares it with what is answered. */
import { join } from 'node:path';
import { CLIENT_INTERFACE, introspectionOf } from '../src/dbus/introspection.ts';

const file = join(import.meta.dir, '../../../deploy/dbus/io.lovely.Client1.xml');
await Bun.write(file, introspectionOf(CLIENT_INTERFACE));
