/** Certificate authorities of the own tenant. */
import {
  createCertificateAuthority,
  deleteCertificateAuthority,
  listCertificateAuthorities,
  NAME_LENGTH_MAX,
  type CertificateAuthority,
} from '@lovely/api';
import * as authorities from '../store/certificate-authorities.ts';
import { requireAllDevices } from './change.ts';
import type { ApiContext } from './context.ts';
import { route, type Http } from './route.ts';

export function routeCertificateAuthorities(http: Http, context: ApiContext): void {
  route(http, context, listCertificateAuthorities, async ({ person, database }) => ({
    items: await authorities.listCertificateAuthorities(database, person.tenantId),
  }));

  route(http, context, createCertificateAuthority, async ({ person, database, body, audit }) => {
    requireAllDevices(person, 'device.accept');
    // Loaded when somebody needs it: it takes a tenth of a second.
    const { readAuthority } = await import('../domain/certificate-chain.ts');
    const certificate = readAuthority(body.certificate, new Date());
    const { tenantId } = person;
    const name = body.name ?? certificate.subject.slice(0, NAME_LENGTH_MAX);
    const authority = await authorities.insertCertificateAuthority(database, tenantId, name, certificate);
    audit({ object: objectOf(authority), before: {}, after: described(authority) });
    return authority;
  });

  route(http, context, deleteCertificateAuthority, async ({ person, database, params, audit }) => {
    const authority = await authorities.deleteCertificateAuthority(database, person.tenantId, params.id);
    audit({ object: objectOf(authority), before: described(authority), after: {} });
    return undefined;
  });
}

function objectOf({ id, name }: CertificateAuthority) {
  return { type: 'certificate-authority', id, name };
}

function described({ name, subject, fingerprint, notAfter }: CertificateAuthority) {
  return { name, subject, fingerprint, notAfter };
}
