/** Mender's management API for software and configuration: artifacts, releases, deployments. */
import type { UploadSlots } from '../../software/upload-slots.ts';
import type { ApiContext } from '../context.ts';
import type { Http } from '../route.ts';
import { routeArtifactUploads } from './artifact-uploads.ts';
import { routeArtifacts } from './artifacts.ts';
import { routeDeploymentDevices } from './deployment-devices.ts';
import { routeDeployments } from './deployments.ts';
import { routeDeviceConfigurations } from './device-configurations.ts';
import { routeReleases } from './releases.ts';

export function routeMenderSoftware(http: Http, context: ApiContext, slots: UploadSlots): void {
  routeArtifactUploads(http, context, slots);
  routeArtifacts(http, context);
  // Before deployments, whose paths have an id where these have a word.
  routeReleases(http, context);
  routeDeploymentDevices(http, context);
  routeDeployments(http, context);
  routeDeviceConfigurations(http, context);
}
