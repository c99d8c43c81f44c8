/** Mender's device API: asking for the next deployment (COMPAT section 2.3). There are none yet. */
import type { ApiContext } from '../context.ts';
import { requireDevice } from '../guard.ts';
import type { Http } from '../route.ts';

export function routeDeviceDeployments(http: Http, context: ApiContext): void {
  http.on(
    ['GET', 'POST'],
    ['/api/devices/v1/deployments/device/deployments/next', '/api/devices/v2/deployments/device/deployments/next'],
    async (c) => {
      await requireDevice(context, c.req.raw);
      return c.body(null, 204);
    },
  );
}
