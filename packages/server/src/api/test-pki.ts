/** Certificate authorities and device certificates made by openssl, as a factory would make them. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Issued {
  /** PEM. */
  readonly certificate: string;
  /** PKCS #8 PEM. */
  readonly key: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

interface AuthorityOptions {
  readonly days?: number;
  readonly keyUsage?: string;
  readonly pathLength?: number;
}

interface DeviceOptions {
  readonly name?: string;
  /** Below zero: it has expired. */
  readonly days?: number;
  readonly algorithm?: 'rsa' | 'ec' | 'ed25519';
  readonly extendedKeyUsage?: string;
}

export interface TestPki {
  root(name: string): Promise<Issued>;
  intermediate(issuer: Issued, name: string, options?: AuthorityOptions): Promise<Issued>;
  device(issuer: Issued, options?: DeviceOptions): Promise<Issued>;
  /** As openssl prints it. */
  fingerprint(issued: Issued): Promise<string>;
}

const KEY = {
  rsa: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
  ec: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  ed25519: ['-algorithm', 'ED25519'],
} as const;

export function createTestPki(folder: string): TestPki {
  let count = 0;

  async function issue(
    name: string,
    extensions: readonly string[],
    {
      issuer,
      days = 30,
      algorithm = 'ec',
    }: { issuer?: Issued; days?: number | undefined; algorithm?: keyof typeof KEY | undefined },
  ): Promise<Issued> {
    const base = join(folder, String(++count));
    const [keyFile, requestFile, certificateFile, extensionFile] = ['.key', '.csr', '.crt', '.ext'].map(
      (ending) => base + ending,
    ) as [string, string, string, string];
    await Bun.$`openssl genpkey ${KEY[algorithm]} -out ${keyFile}`.quiet();
    await Bun.$`openssl req -new -key ${keyFile} -subj ${`/CN=${name}`} -out ${requestFile}`.quiet();
    await writeFile(extensionFile, extensions.join('\n'));
    const signer = issuer ? ['-CA', issuer.certificateFile, '-CAkey', issuer.keyFile] : ['-key', keyFile];
    // `openssl x509` takes a negative number of days for an end before its beginning, which is expired all the same.
    await Bun.$`openssl x509 -req -in ${requestFile} ${signer} -set_serial ${count} -days ${days} -extfile ${extensionFile} -out ${certificateFile}`.quiet();
    const [certificate, key] = await Promise.all([certificateFile, keyFile].map((file) => Bun.file(file).text()));
    return { certificate: certificate!, key: key!, certificateFile, keyFile };
  }

  return {
    root: (name) =>
      issue(name, ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'], { days: 3650 }),
    intermediate: (issuer, name, { days, keyUsage = 'keyCertSign', pathLength } = {}) =>
      issue(
        name,
        [
          `basicConstraints=critical,CA:TRUE${pathLength === undefined ? '' : `,pathlen:${pathLength}`}`,
          `keyUsage=critical,${keyUsage}`,
        ],
        { issuer, days },
      ),
    device: (issuer, { name = 'gateway', days, algorithm, extendedKeyUsage = 'clientAuth' } = {}) =>
      issue(
        name,
        [
          'basicConstraints=critical,CA:FALSE',
          'keyUsage=critical,digitalSignature',
          `extendedKeyUsage=${extendedKeyUsage}`,
        ],
        { issuer, days, algorithm },
      ),
    async fingerprint({ certificateFile }) {
      const text = await Bun.$`openssl x509 -in ${certificateFile} -noout -fingerprint -sha256`.text();
      return text.trim().split('=')[1]!.toLowerCase();
    },
  };
}
