/** What the client has on the bus. */
import type { LocalApi } from '../local/local-api.ts';
import { ClientObject } from './client-object.ts';
import type { BusService } from './serve.ts';

export function busService(api: LocalApi): BusService {
  const client = new ClientObject(api);
  return {
    objects: [client],
    connected: (bus) => client.connected(bus),
    left: (uniqueName) => client.left(uniqueName),
    disconnected: () => client.disconnected(),
  };
}
