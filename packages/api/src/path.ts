/** Paths of what is not JSON over HTTP: tiles and WebSockets. `{z}/{x}/{y}` stay for the map library to fill. */
export const PATHS = {
  /** Vector tiles of the houses (layer `house`). */
  fleetTiles: '/api/v1/map/fleet/{z}/{x}/{y}',
  /** Vector tiles of the world. */
  basemapTiles: '/api/v1/map/basemap/{z}/{x}/{y}',
  /** WebSocket with ProtoMsg: map and feed. */
  live: '/api/v1/live',
  /** WebSocket with ProtoMsg to one device: terminals; Mender's path and protocol. */
  deviceConnect: '/api/management/v1/deviceconnect/devices/{id}/connect',
} as const;
