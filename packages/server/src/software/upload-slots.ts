/** How many artifacts and parts of uploads one process takes in at a time, of all organisations and of each. */
import { LovelyError } from '../errors.ts';
import { UPLOAD_BUSY_SECONDS, UPLOADS_AT_ONCE_MAX, UPLOADS_OF_TENANT_AT_ONCE_MAX } from '../software-limits.ts';

export interface UploadSlots {
  /** Takes something in. Throws 'uploads-busy', and what `work` throws. */
  run<T>(tenantId: string, work: () => Promise<T>): Promise<T>;
}

export function createUploadSlots(): UploadSlots {
  /** The tenants of what is on its way. */
  const taken: string[] = [];
  return {
    async run(tenantId, work) {
      const ofTenant = taken.filter((one) => one === tenantId).length;
      if (taken.length >= UPLOADS_AT_ONCE_MAX || ofTenant >= UPLOADS_OF_TENANT_AT_ONCE_MAX)
        throw new LovelyError('uploads-busy', undefined, { retryAfterSeconds: UPLOAD_BUSY_SECONDS });
      taken.push(tenantId);
      try {
        return await work();
      } finally {
        taken.splice(taken.indexOf(tenantId), 1);
      }
    },
  };
}
