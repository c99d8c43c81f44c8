// The rival: a bare Bun server with TLS that knows no protocol, checks nothing and answers each message with an ack.
import { readFileSync } from 'node:fs';
import { controlAck, encodeFrame, FRAME_BYTES_MAX_UP } from '@lovely/protocol';

const [pemFile = ''] = process.argv.slice(2);
const pem = readFileSync(pemFile, 'utf8');
const ack = encodeFrame(controlAck.frame({}, { ids: [2 ** 40] }));

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  tls: { cert: pem, key: pem },
  fetch: (request, on) => (on.upgrade(request) ? undefined : new Response(null, { status: 426 })),
  websocket: {
    maxPayloadLength: FRAME_BYTES_MAX_UP,
    idleTimeout: 960,
    perMessageDeflate: false,
    message: (socket) => void socket.send(ack),
  },
});
console.log(`ready https://localhost:${server.port}`);
