/** Requests that carry whole artifacts, in or out: they may be of any size, and stand still for longer than others. */
const BULK: readonly (readonly [method: string, path: RegExp])[] = [
  ['PATCH', /^\/api\/v1\/uploads\/[^/]+$/],
  ['GET', /^\/api\/v1\/artifacts\/[^/]+\/download$/],
  ['GET', /^\/api\/devices\/v1\/artifacts\/[^/]+\/download$/],
  ['POST', /^\/api\/management\/v1\/deployments\/artifacts(?:\/generate)?$/],
  ['PUT', /^\/api\/management\/v1\/deviceconnect\/devices\/[^/]+\/upload$/],
];

export function isBulk(method: string, path: string): boolean {
  return BULK.some(([bulkMethod, pattern]) => bulkMethod === method && pattern.test(path));
}
