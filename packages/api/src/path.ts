/** Paths of what is not JSON over HTTP: tiles, WebSockets and redirects. `{z}/{x}/{y}` stay for the map library to fill. */
export const PATHS = {
  /** Vector tiles of the houses (layer `house`). */
  fleetTiles: '/api/v1/map/fleet/{z}/{x}/{y}',
  /** Vector tiles of the world. */
  basemapTiles: '/api/v1/map/basemap/{z}/{x}/{y}',
  /** Where a browser starts signing in through an OpenID Connect provider; answers with a redirect. */
  oidcStart: '/api/v1/login/oidc/{id}',
  /**
   * Where the provider sends it back to; the id is the tenant's. Each tenant has its own address, so that what one tenant's
   * provider answers is never taken for an answer of another's (RFC 9700, section 4.4).
   */
  oidcCallback: '/api/v1/login/oidc-callback/{id}',
  /** The audit log as a file: `?format=csv` or `ndjson`, with the filters of the list. */
  auditExport: '/api/v1/audit/export',
  /** Parts of an upload, by PATCH as application/octet-stream with `Upload-Offset`. */
  uploadParts: '/api/v1/uploads/{id}',
  /** The content of an artifact, for people; with ranges. */
  artifactContent: '/api/v1/artifacts/{id}/download',
  /** The same for devices, by a signed link that an offer brings. */
  deviceArtifact: '/api/devices/v1/artifacts/{id}/download',
  /** The last values of all metrics in Prometheus' text format; `?group=` for the houses of one group. */
  prometheus: '/api/v1/metrics/prometheus',
  /** WebSocket with ProtoMsg: map and feed. */
  live: '/api/v1/live',
  /** WebSocket with ProtoMsg to one device: terminals; Mender's path and protocol. */
  deviceConnect: '/api/management/v1/deviceconnect/devices/{id}/connect',
} as const;
