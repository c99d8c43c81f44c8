import { afterAll, describe, expect, test } from 'bun:test';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTool, testWith } from '../../../../tests/tools.ts';
import { readTls } from './given-tls.ts';
import { ensureLocalTls, type LocalTls } from './local-ca.ts';
import { TlsError } from './tls-error.ts';

const DAY_MS = 24 * 3600 * 1000;
const NOW = new Date('2026-11-20T12:00:00Z');

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

function folder(): string {
  folders.push(mkdtempSync(join(tmpdir(), 'lovely-tls-')));
  return folders.at(-1)!;
}

function later(days: number): Date {
  return new Date(NOW.getTime() + days * DAY_MS);
}

/** The problem, if there is one. */
async function problemOf(action: Promise<unknown>): Promise<string | undefined> {
  try {
    await action;
  } catch (error) {
    if (error instanceof TlsError) return error.message;
    throw error;
  }
  return undefined;
}

const certificateOf = ({ cert }: { cert: string }): X509Certificate => new X509Certificate(cert);

describe('the local CA', () => {
  test('is made at the first start and kept at the next', async () => {
    const dataDir = join(folder(), 'data');
    const first = await ensureLocalTls({ dataDir, hosts: [], now: NOW });
    expect(readFileSync(join(dataDir, 'ca.crt'), 'utf8')).toBe(first.ca);
    expect(await ensureLocalTls({ dataDir, hosts: [], now: later(1) })).toEqual(first);
  });

  test('keeps its keys to its owner and its certificate open to all', async () => {
    const dataDir = folder();
    await ensureLocalTls({ dataDir, hosts: [], now: NOW });
    const modes = ['ca.crt', 'tls', 'tls/ca.pem', 'tls/server.pem'].map(
      (path) => statSync(join(dataDir, path)).mode & 0o777,
    );
    expect(modes).toEqual([0o644, 0o700, 0o600, 0o600]);
    expect(readdirSync(join(dataDir, 'tls')).toSorted()).toEqual(['ca.pem', 'server.pem']);
  });

  test('is one, however many processes start at once', async () => {
    const dataDir = folder();
    const made = await Promise.all(Array.from({ length: 8 }, () => ensureLocalTls({ dataDir, hosts: [], now: NOW })));
    expect(new Set(made.map(({ ca }) => ca)).size).toBe(1);
    for (const { ca, cert } of made)
      expect(certificateOf({ cert }).verify(new X509Certificate(ca).publicKey)).toBe(true);
    expect(readFileSync(join(dataDir, 'ca.crt'), 'utf8')).toBe(made[0]!.ca);
  });

  test('gives every installation a CA of another name', async () => {
    const subjects = await Promise.all(
      [folder(), folder()].map(async (dataDir) => {
        const { ca } = await ensureLocalTls({ dataDir, hosts: [], now: NOW });
        return new X509Certificate(ca).subject;
      }),
    );
    expect(subjects[0]).not.toBe(subjects[1]);
  });

  test('writes ca.crt again when it is lost or changed', async () => {
    const dataDir = folder();
    const { ca } = await ensureLocalTls({ dataDir, hosts: [], now: NOW });
    writeFileSync(join(dataDir, 'ca.crt'), 'something else');
    await ensureLocalTls({ dataDir, hosts: [], now: NOW });
    expect(readFileSync(join(dataDir, 'ca.crt'), 'utf8')).toBe(ca);
  });

  test('is never replaced silently: a broken file and an expired CA stop the start', async () => {
    const dataDir = folder();
    const { ca } = await ensureLocalTls({ dataDir, hosts: [], now: NOW });
    expect(await problemOf(ensureLocalTls({ dataDir, hosts: [], now: later(3651) }))).toContain('has expired');
    for (const content of ['', ca]) {
      writeFileSync(join(dataDir, 'tls', 'ca.pem'), content);
      expect(await problemOf(ensureLocalTls({ dataDir, hosts: [], now: NOW }))).toContain('restore it from a back-up');
    }
  });
});

describe('the server certificate', () => {
  const names = ({ cert }: LocalTls): string[] =>
    certificateOf({ cert })
      .subjectAltName!.split(', ')
      .map((name) => name.replace(/^(DNS|IP Address):/, ''));

  test('is valid for every host that is named, and for this machine', async () => {
    const hosts = ['Lovely.Example.com', '192.168.7.7', '[2001:db8::1]', 'not a name', '*.example.com'];
    const tls = await ensureLocalTls({ dataDir: folder(), hosts, now: NOW });
    const certificate = certificateOf(tls);
    for (const name of ['lovely.example.com', 'localhost', hostname()])
      expect(certificate.checkHost(name)).toBeDefined();
    for (const address of ['192.168.7.7', '2001:db8::1', '127.0.0.1', '::1'])
      expect(certificate.checkIP(address)).toBeDefined();
    expect(certificate.checkHost('other.example.com')).toBeUndefined();
    expect(names(tls)).toHaveLength(new Set(names(tls)).size);
  });

  test('stands for the addresses of the machine where all are listened on', async () => {
    const tls = await ensureLocalTls({ dataDir: folder(), hosts: ['0.0.0.0'], now: NOW });
    expect(names(tls)).not.toContain('0.0.0.0');
  });

  test('lasts no longer than browsers take', async () => {
    const certificate = certificateOf(await ensureLocalTls({ dataDir: folder(), hosts: [], now: NOW }));
    expect((certificate.validToDate.getTime() - certificate.validFromDate.getTime()) / DAY_MS).toBe(397);
  });

  test('is made again by the same CA when less than 30 days are left', async () => {
    const dataDir = folder();
    const first = await ensureLocalTls({ dataDir, hosts: [], now: NOW });
    expect((await ensureLocalTls({ dataDir, hosts: [], now: later(365) })).cert).toBe(first.cert);
    const renewed = await ensureLocalTls({ dataDir, hosts: [], now: later(367) });
    expect(renewed.ca).toBe(first.ca);
    expect(certificateOf(renewed).validToDate).toEqual(later(367 + 396));
  });

  test('does not outlive its CA', async () => {
    const dataDir = folder();
    const { ca } = await ensureLocalTls({ dataDir, hosts: [], now: NOW });
    const last = await ensureLocalTls({ dataDir, hosts: [], now: later(3600) });
    expect(certificateOf(last).validToDate).toEqual(new X509Certificate(ca).validToDate);
  });

  test('is made again when a host has come, and not when one has gone', async () => {
    const dataDir = folder();
    const first = await ensureLocalTls({ dataDir, hosts: ['a.example.com'], now: NOW });
    const second = await ensureLocalTls({ dataDir, hosts: ['b.example.com', '10.1.2.3'], now: NOW });
    expect(second.cert).not.toBe(first.cert);
    expect(await ensureLocalTls({ dataDir, hosts: ['10.1.2.3'], now: NOW })).toEqual(second);
  });

  test('is made again when it is broken or of another CA', async () => {
    const [dataDir, other] = [folder(), folder()];
    const { ca } = await ensureLocalTls({ dataDir, hosts: [], now: NOW });
    await ensureLocalTls({ dataDir: other, hosts: [], now: NOW });
    for (const content of ['', readFileSync(join(other, 'tls', 'server.pem'), 'utf8')]) {
      writeFileSync(join(dataDir, 'tls', 'server.pem'), content);
      const tls = await ensureLocalTls({ dataDir, hosts: [], now: NOW });
      expect(certificateOf(tls).verify(new X509Certificate(ca).publicKey)).toBe(true);
    }
  });
});

describe('a server with it is trusted by', () => {
  /** Real clients look at the real clock. */
  async function serve(visit: (server: { url: string; dataDir: string; ca: string }) => Promise<void>): Promise<void> {
    const dataDir = folder();
    const { ca, cert, key } = await ensureLocalTls({ dataDir, hosts: [] });
    const server = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      tls: { cert, key },
      fetch: () => new Response('token'),
    });
    try {
      await visit({ url: `https://localhost:${server.port}`, dataDir, ca });
    } finally {
      await server.stop(true);
    }
  }

  async function run(
    command: string[],
    env: Record<string, string> = {},
  ): Promise<{ exitCode: number; output: string }> {
    const child = Bun.spawn(command, {
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
      env: { PATH: process.env.PATH, ...env },
    });
    const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    return { exitCode: await child.exited, output: stdout + stderr };
  }

  test('fetch, by name and by address, and by nobody who does not know the CA', async () => {
    await serve(async ({ url, ca }) => {
      for (const each of [url, url.replace('localhost', '127.0.0.1')])
        expect(await (await fetch(each, { tls: { ca } })).text()).toBe('token');
      expect(await fetch(url).catch((error: Error) => error)).toBeInstanceOf(Error);
    });
  });

  test('OpenSSL, strictly', async () => {
    await serve(async ({ url, dataDir }) => {
      const strict = ['-x509_strict', '-verify_return_error', '-verify_hostname', 'localhost', '-purpose', 'sslserver'];
      const connect = ['-connect', new URL(url).host.replace('localhost', '127.0.0.1'), '-servername', 'localhost'];
      const { exitCode, output } = await run([
        'openssl',
        's_client',
        '-CAfile',
        join(dataDir, 'ca.crt'),
        ...strict,
        ...connect,
      ]);
      expect(output).toContain('Verify return code: 0 (ok)');
      expect(exitCode).toBe(0);
    });
  });

  testWith('mender-cli')('Go, by way of mender-cli', async () => {
    await serve(async ({ url, dataDir }) => {
      const login = [
        requireTool('mender-cli'),
        'login',
        '--server',
        url,
        '--username',
        'a@example.com',
        '--password',
        'x',
        '--token',
        join(dataDir, 'token'),
      ];
      const { exitCode, output } = await run(login, { HOME: dataDir, SSL_CERT_FILE: join(dataDir, 'ca.crt') });
      expect(output).toContain('login successful');
      expect(exitCode).toBe(0);
      expect((await run(login, { HOME: dataDir })).output).toContain('certificate');
    });
  });
});

describe('given files', () => {
  async function given(): Promise<{ cert: string; key: string; certFile: string; keyFile: string }> {
    const dataDir = folder();
    const { cert, key } = await ensureLocalTls({ dataDir, hosts: [], now: NOW });
    const [certFile, keyFile] = [join(dataDir, 'given.crt'), join(dataDir, 'given.key')];
    writeFileSync(certFile, cert);
    writeFileSync(keyFile, key);
    return { cert, key, certFile, keyFile };
  }

  test('are taken as they are, with the chain', async () => {
    const { cert, key, certFile, keyFile } = await given();
    writeFileSync(certFile, cert + (await given()).cert);
    expect(await readTls(certFile, keyFile, NOW)).toEqual({ cert: readFileSync(certFile, 'utf8'), key });
  });

  test('that are missing are named with their setting', async () => {
    const { certFile, keyFile } = await given();
    expect(await problemOf(readTls(`${certFile}x`, keyFile))).toContain(
      "given.crtx can't be read (ENOENT): check LOVELY_TLS_CERT",
    );
    expect(await problemOf(readTls(certFile, `${keyFile}x`))).toContain(
      "given.keyx can't be read (ENOENT): check LOVELY_TLS_KEY",
    );
  });

  test('that do not belong together are refused', async () => {
    expect(await problemOf(readTls((await given()).certFile, (await given()).keyFile, NOW))).toContain(
      'does not belong to',
    );
  });

  test('that have expired are refused', async () => {
    const { certFile, keyFile } = await given();
    expect(await problemOf(readTls(certFile, keyFile, later(400)))).toContain('expired on 2027-12-21');
  });

  test('of another form are refused, and the key is not quoted', async () => {
    const { certFile, keyFile, cert } = await given();
    expect(await problemOf(readTls(keyFile, keyFile, NOW))).toContain('does not begin with a certificate');
    expect(await problemOf(readTls(certFile, certFile, NOW))).toContain('does not hold a private key');
    writeFileSync(keyFile, '-----BEGIN ENCRYPTED PRIVATE KEY-----\nc2VjcmV0\n-----END ENCRYPTED PRIVATE KEY-----\n');
    expect(await problemOf(readTls(certFile, keyFile, NOW))).toContain('is encrypted');
    writeFileSync(keyFile, '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n');
    expect(await problemOf(readTls(certFile, keyFile, NOW))).not.toContain('c2VjcmV0');
    writeFileSync(certFile, cert.replace('MII', 'AAA'));
    expect(await problemOf(readTls(certFile, keyFile, NOW))).toContain('does not begin with a certificate');
  });
});
