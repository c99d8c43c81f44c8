/** HAProxy in front of the server: it ends TLS and tells the server of client certificates. */
import { createServer } from 'node:net';
import { join } from 'node:path';
import { startProcess } from './process.ts';
import type { TestServer } from './server.ts';
import { until } from './wait.ts';

export interface Haproxy extends AsyncDisposable {
  readonly url: string;
}

/**
 * Comes to the server from 127.0.0.2.
 * @param ca whose client certificates it takes, PEM
 */
export async function startHaproxy(program: string, server: TestServer, ca: string, folder: string): Promise<Haproxy> {
  const port = await freePort();
  const pem = join(folder, 'haproxy.pem');
  await Bun.$`openssl req -x509 -newkey rsa:2048 -nodes -keyout ${join(folder, 'haproxy.key')} -out ${join(folder, 'haproxy.crt')} -days 2 -subj /CN=localhost`.quiet();
  const [certificate, key] = await Promise.all(
    ['haproxy.crt', 'haproxy.key'].map((name) => Bun.file(join(folder, name)).text()),
  );
  await Bun.write(pem, certificate! + key!);
  const config = join(folder, 'haproxy.cfg');
  await Bun.write(
    config,
    `defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend gateways
  bind 127.0.0.1:${port} ssl crt ${pem} ca-file ${ca} verify optional
  http-request del-header Client-Cert
  http-request del-header Client-Cert-Chain
  http-request set-header Client-Cert :%[ssl_c_der,base64]: if { ssl_c_used } { ssl_c_verify 0 }
  default_backend lovely
backend lovely
  option forwardfor
  server lovely ${new URL(server.url).host.replace('localhost', '127.0.0.1')} ssl verify none source 127.0.0.2
`,
  );
  const child = startProcess([program, '-db', '-f', config]);
  const url = `https://127.0.0.1:${port}`;
  await until('HAProxy answers', async () =>
    (await fetch(`${url}/livez`, { tls: { rejectUnauthorized: false } })).ok ? true : undefined,
  );
  return { url, [Symbol.asyncDispose]: async () => void (await child.stop()) };
}

async function freePort(): Promise<number> {
  const socket = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => socket.once('listening', resolve));
  const address = socket.address();
  await new Promise((resolve) => socket.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
