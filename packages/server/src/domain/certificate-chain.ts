/**
 * Client certificates (RFC 5280, what of it concerns a device): does a chain lead from a device's key to an authority
 * that a tenant trusts? Revocation is not asked for: a device whose certificate is no longer good is rejected here.
 */
import 'reflect-metadata';
import { createHash, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { LovelyError } from '../errors.ts';
import { CERTIFICATE_CHAIN_LENGTH_MAX } from '../limits.ts';
import { parsePublicKey, type Identity, type PublicKey } from './identity.ts';

/** An authority as it is kept. */
export interface AuthorityCertificate {
  /** The certificate alone, PEM. */
  readonly pem: string;
  /** SHA-256 of the DER as colon-separated hex. */
  readonly fingerprint: string;
  readonly subject: string;
  /** SHA-256 of the subject's DER. */
  readonly subjectHash: Buffer;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Reads the certificate of an authority. Throws 'bad-input' unless it is one, a CA's, and of today. */
export function readAuthority(pem: string, now: Date): AuthorityCertificate {
  const bad = (why: string, cause?: unknown): LovelyError =>
    new LovelyError('bad-input', why, { pointer: '/certificate', cause });
  let certificates: Certificate[];
  try {
    certificates = readCertificates(pem);
  } catch (cause) {
    throw bad('This is not a certificate in PEM.', cause);
  }
  const [certificate, ...others] = certificates;
  if (!certificate || others.length > 0) throw bad('Give exactly one certificate.');
  const why = whyNoIssuer(certificate, 0) ?? whyNotToday(certificate, now);
  if (why) throw bad(`The certificate ${why}.`);
  return {
    pem: certificate.node.toString(),
    fingerprint: certificate.node.fingerprint256.toLowerCase(),
    subject: certificate.parsed.subject,
    subjectHash: certificate.subjectHash,
    notBefore: certificate.parsed.notBefore,
    notAfter: certificate.parsed.notAfter,
  };
}

/** A chain that a device shows, and whom to ask for the authorities it may lead to. */
export interface ShownChain {
  /** SHA-256 of the names of all issuers in it. */
  readonly issuerHashes: readonly Buffer[];
  /**
   * The tenants whose authority the chain leads to, and whether the certificate is made out to this very device.
   * Throws 'bad-certificate'.
   */
  verify(
    authorities: readonly { readonly tenantId: string; readonly pem: string }[],
    now: Date,
  ): { tenantIds: string[]; namesDevice: boolean };
}

/** Reads a chain, the device's own certificate first. Throws 'bad-certificate' unless that one is for `key`. */
export function readChain(pem: string, key: PublicKey, identity: Identity): ShownChain {
  let chain: Certificate[];
  try {
    chain = readCertificates(pem);
  } catch (cause) {
    throw bad('The certificate chain is not PEM.', cause);
  }
  const [leaf, ...above] = chain;
  if (!leaf) throw bad('The certificate chain is empty.');
  if (chain.length > CERTIFICATE_CHAIN_LENGTH_MAX)
    throw bad(`The chain has ${chain.length} certificates, ${CERTIFICATE_CHAIN_LENGTH_MAX} are allowed.`);
  if (fingerprintOf(leaf) !== key.fingerprint) throw bad('The first certificate is not for the key in pubkey.');
  return {
    issuerHashes: chain.map((certificate) => certificate.issuerHash),
    verify(authorities, now) {
      const why = whyNoClient(leaf) ?? whyNotToday(leaf, now);
      if (why) throw bad(`The device’s certificate ${why}.`);
      const tenantIds = new Set<string>();
      const reasons: string[] = [];
      // Tenants that trust the same authority gave the same certificate, which is verified once.
      for (const [authority, trusting] of Map.groupBy(authorities, ({ pem }) => pem)) {
        const failure = whyNotFrom(leaf, above, readCertificates(authority)[0]!, now);
        if (failure === undefined) for (const { tenantId } of trusting) tenantIds.add(tenantId);
        else reasons.push(failure);
      }
      if (tenantIds.size === 0) throw bad(reasons[0] ?? 'No tenant trusts the authority of this certificate.');
      return { tenantIds: [...tenantIds], namesDevice: names(leaf, identity) };
    },
  };
}

interface Certificate {
  readonly node: X509Certificate;
  readonly parsed: x509.X509Certificate;
  readonly subjectHash: Buffer;
  readonly issuerHash: Buffer;
}

function readCertificates(pem: string): Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new Error('no certificate');
  return blocks.map((block) => {
    const parsed = new x509.X509Certificate(block);
    return {
      node: new X509Certificate(block),
      parsed,
      subjectHash: hash(parsed.subjectName.toArrayBuffer()),
      issuerHash: hash(parsed.issuerName.toArrayBuffer()),
    };
  });
}

/** Follows the chain, each certificate signed by the next, to the authority; undefined when it gets there. */
function whyNotFrom(
  leaf: Certificate,
  above: readonly Certificate[],
  authority: Certificate,
  now: Date,
): string | undefined {
  let current = leaf;
  for (let intermediates = 0; ; intermediates++) {
    if (isIssuedBy(current, authority)) {
      const why = whyNoIssuer(authority, intermediates) ?? whyNotToday(authority, now);
      return why && `The authority ${why}.`;
    }
    const next = above[intermediates];
    if (!next || !isIssuedBy(current, next)) return 'The chain does not lead to an authority that is trusted here.';
    const why = whyNoIssuer(next, intermediates) ?? whyNotToday(next, now);
    if (why) return `The certificate of ${next.parsed.subject} ${why}.`;
    current = next;
  }
}

function isIssuedBy(certificate: Certificate, issuer: Certificate): boolean {
  return certificate.issuerHash.equals(issuer.subjectHash) && certificate.node.verify(issuer.node.publicKey);
}

/** @param below how many authorities stand between this one and the device */
function whyNoIssuer({ parsed }: Certificate, below: number): string | undefined {
  const constraints = parsed.getExtension(x509.BasicConstraintsExtension);
  if (!constraints?.ca) return 'is not a certificate authority’s';
  if (constraints.pathLength !== undefined && below > constraints.pathLength)
    return 'allows fewer authorities below it than there are';
  const usages = parsed.getExtension(x509.KeyUsagesExtension)?.usages;
  if (usages !== undefined && (usages & x509.KeyUsageFlags.keyCertSign) === 0) return 'may not sign certificates';
  return whyUnknown(parsed);
}

function whyNoClient({ parsed }: Certificate): string | undefined {
  if (parsed.getExtension(x509.BasicConstraintsExtension)?.ca) return 'is an authority’s own';
  const usages = parsed.getExtension(x509.KeyUsagesExtension)?.usages;
  if (usages !== undefined && (usages & x509.KeyUsageFlags.digitalSignature) === 0) return 'may not sign';
  const extended = parsed.getExtension(x509.ExtendedKeyUsageExtension)?.usages;
  if (extended !== undefined && !extended.some((usage) => usage === CLIENT_AUTH || usage === ANY_USE))
    return 'is not for clients';
  return whyUnknown(parsed);
}

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const ANY_USE = '2.5.29.37.0';

/** basicConstraints, keyUsage, extKeyUsage; whatever else is critical would have to be understood (RFC 5280, 4.2). */
const UNDERSTOOD: ReadonlySet<string> = new Set(['2.5.29.19', '2.5.29.15', '2.5.29.37', '2.5.29.17']);

function whyUnknown(parsed: x509.X509Certificate): string | undefined {
  const unknown = parsed.extensions.find((extension) => extension.critical && !UNDERSTOOD.has(extension.type));
  return unknown && `has the critical extension ${unknown.type}, which is not understood here`;
}

function whyNotToday({ parsed }: Certificate, now: Date): string | undefined {
  if (parsed.notAfter < now) return `expired on ${parsed.notAfter.toISOString().slice(0, 10)}`;
  if (parsed.notBefore > now) return `is not valid before ${parsed.notBefore.toISOString().slice(0, 10)}`;
  return undefined;
}

function fingerprintOf({ node }: Certificate): string | undefined {
  try {
    return parsePublicKey(node.publicKey.export({ format: 'pem', type: 'spki' }).toString()).fingerprint;
  } catch {
    return undefined;
  }
}

function names({ parsed }: Certificate, identity: Identity): boolean {
  const values = Object.values(identity).flat();
  return parsed.subjectName.getField('CN').some((name) => values.includes(name));
}

function hash(data: ArrayBuffer): Buffer {
  return createHash('sha256').update(new Uint8Array(data)).digest();
}

function bad(why: string, cause?: unknown): LovelyError {
  return new LovelyError('bad-certificate', why, { cause });
}
