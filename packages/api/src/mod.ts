/** HTTP contracts of our own API, the nouns it shows, and the typed client. */
export { PERMISSIONS } from './endpoint.ts';
export type { Body, Endpoint, Params, Permission, Query, Result } from './endpoint.ts';
export { ApiError, call } from './call.ts';
export type { CallInput, Fetch } from './call.ts';
export { PATHS } from './path.ts';
export { createLogin, createSetup, deleteLogin, getMe, getSetup } from './endpoints/people.ts';
export {
  deleteDevice,
  getDevice,
  getDeviceStatus,
  listDevices,
  setAuthSetStatus,
  updateDevice,
} from './endpoints/devices.ts';
export { listAlerts } from './endpoints/alerts.ts';
export { getSystem } from './endpoints/system.ts';
export { getFleet, listClusters, listHousesInView, searchTowns } from './endpoints/fleet.ts';
export {
  BODY_BYTES_MAX,
  CLUSTERS_MAX,
  PAGE_DEFAULT,
  PAGE_MAX,
  PASSWORD_LENGTH_MAX,
  PASSWORD_LENGTH_MIN,
  PLACES_MAX,
} from './limits.ts';
export type {
  Alert,
  AlertGroup,
  AuthSet,
  Device,
  DeviceDetail,
  DevicePatch,
  DeviceStatus,
  DisconnectReason,
  Health,
  Metric,
  Place,
  Problem,
  Severity,
  Town,
  User,
} from './nouns.ts';
