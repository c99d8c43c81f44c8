/** Certificate authorities of a tenant: devices with a client certificate of one are accepted without anybody looking. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { CERTIFICATE_LENGTH_MAX, NAME_LENGTH_MAX } from '../limits.ts';
import { id, time } from '../nouns.ts';

const none = z.object({});
const nothing = z.undefined();

export const certificateAuthority = z.object({
  id,
  name: z.string(),
  /** The distinguished name, as `CN=Factory CA, O=Example`. */
  subject: z.string(),
  /** SHA-256 of the certificate's DER as colon-separated hex. */
  fingerprint: z.string(),
  notBefore: time,
  notAfter: time,
  createdAt: time,
});
export type CertificateAuthority = z.infer<typeof certificateAuthority>;

export const listCertificateAuthorities = endpoint({
  method: 'GET',
  path: '/api/v1/certificate-authorities',
  summary: 'Certificate authorities whose devices are accepted',
  access: 'tenant.write',
  params: none,
  query: none,
  body: nothing,
  result: z.object({ items: z.array(certificateAuthority) }),
  status: 200,
});

export const createCertificateAuthority = endpoint({
  method: 'POST',
  path: '/api/v1/certificate-authorities',
  summary: 'Add a certificate authority. Needs device.accept too, as its devices are accepted by themselves',
  access: 'tenant.write',
  action: 'certificate-authority.create',
  params: none,
  query: none,
  body: z.object({
    /** Its subject when left out. */
    name: z.string().trim().min(1).max(NAME_LENGTH_MAX).optional(),
    /** One certificate in PEM, of a CA. */
    certificate: z.string().min(1).max(CERTIFICATE_LENGTH_MAX),
  }),
  result: certificateAuthority,
  status: 201,
});

export const deleteCertificateAuthority = endpoint({
  method: 'DELETE',
  path: '/api/v1/certificate-authorities/{id}',
  summary:
    'Remove a certificate authority: no new device is accepted by it; those that are stay until they are rejected',
  access: 'tenant.write',
  action: 'certificate-authority.delete',
  params: z.object({ id }),
  query: none,
  body: nothing,
  result: nothing,
  status: 204,
});
