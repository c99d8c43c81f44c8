/** What the client has on the bus. */
import type { LocalApi } from '../local/local-api.ts';
import type { MenderSidecar } from '../mender/sidecar.ts';
import { ClientObject } from './client-object.ts';
import { MenderObject } from './mender-object.ts';
import type { BusService } from './serve.ts';

/** @param sidecar where mender-connect is to find the client, too */
export function busService(api: LocalApi, sidecar?: MenderSidecar): BusService {
  const client = new ClientObject(api);
  const objects = sidecar === undefined ? [client] : [client, new MenderObject(sidecar)];
  return {
    objects,
    connected(bus) {
      for (const object of objects) object.connected(bus);
    },
    left: (uniqueName) => client.left(uniqueName),
    disconnected() {
      for (const object of objects) object.disconnected();
    },
  };
}
