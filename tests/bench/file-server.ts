// The rival of uploads and downloads: a bare Bun server with TLS that writes a body to a file, and sends it back.
import { open, readFile } from 'node:fs/promises';

const [pemFile = '', path = ''] = process.argv.slice(2);
const pem = await readFile(pemFile, 'utf8');

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  tls: { cert: pem, key: pem },
  maxRequestBodySize: Number.MAX_SAFE_INTEGER,
  async fetch(request) {
    if (request.method === 'GET') return new Response(Bun.file(path));
    const file = await open(path, 'w');
    for await (const chunk of request.body!) await file.writeFile(chunk);
    await file.sync();
    await file.close();
    return new Response(null, { status: 204 });
  },
});
console.log(`ready https://localhost:${server.port}`);
