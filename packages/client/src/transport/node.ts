/** WebSockets by the `ws` package, for Node. */
import { WebSocket } from 'ws';
import type { Network } from '../http/http.ts';
import { proxyAgent } from '../http/proxy-agent.ts';
import { HTTP_TIMEOUT_MS } from '../limits.ts';
import type { SocketEnd, Transport } from './transport.ts';

export function nodeTransport({ authorities, certificate, proxy }: Network): Transport {
  const options = {
    perMessageDeflate: false,
    handshakeTimeout: HTTP_TIMEOUT_MS,
    ...(authorities ? { ca: [...authorities] } : {}),
    ...(certificate ? { cert: certificate.chain, key: certificate.key } : {}),
    ...(proxy === undefined ? {} : { agent: proxyAgent(proxy) }),
  };
  return (url, headers, events) => {
    const socket = new WebSocket(url, { headers: { ...headers }, ...options });
    socket.binaryType = 'nodebuffer';
    let opened = false;
    let end: SocketEnd = { kind: 'unreachable', reason: 'no connection' };
    socket.on('open', () => {
      opened = true;
      events.open();
    });
    socket.on('message', (data, isBinary) => {
      if (isBinary && Buffer.isBuffer(data)) events.message(data);
    });
    socket.on('pong', () => events.pong());
    socket.on('unexpected-response', (request, response) => {
      end = { kind: 'refused', status: response.statusCode ?? 0 };
      request.destroy();
      socket.terminate();
    });
    socket.on('error', (error) => {
      if (end.kind === 'unreachable') end = { kind: 'unreachable', reason: error.message };
    });
    socket.on('close', (code, reason) =>
      events.end(opened ? { kind: 'closed', code, reason: reason.toString() } : end),
    );
    return {
      send: (bytes) => socket.send(bytes),
      ping: () => socket.ping(),
      get bufferedBytes() {
        return socket.bufferedAmount;
      },
      close: (code, reason) => socket.close(code, reason),
      terminate: () => socket.terminate(),
    };
  };
}
