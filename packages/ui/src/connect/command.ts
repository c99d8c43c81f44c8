/** The lines that a person copies to a gateway. */

/** Gateways speak TLS only, also where the browser came over plain HTTP on this very machine. */
export function clientCommand(origin: string): string {
  return `npm run client -- --server ${gatewayServer(origin)} --ca ./data/ca.crt --data-dir ./gateway`;
}

/** Tells whether a gateway reaches the server: name, port, proxy, certificate. */
export function diagnosticCommand(origin: string): string {
  return `date -u; curl -v --cacert ./data/ca.crt ${gatewayServer(origin)}/livez`;
}

function gatewayServer(origin: string): string {
  const url = new URL(origin);
  return `https://${url.host}`;
}
