/** The lines that a person copies to a gateway. `server` is the https origin that gateways reach. */

export function clientCommand(server: string): string {
  return `npm run client -- --server ${server} --ca ./data/ca.crt --data-dir ./gateway`;
}

/** Tells whether a gateway reaches the server: its clock, name, port, proxy, certificate. */
export function diagnosticCommand(server: string): string {
  return `date -u; curl -v --cacert ./data/ca.crt ${server}/livez`;
}
