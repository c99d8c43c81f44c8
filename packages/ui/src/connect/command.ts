/** The lines that a person copies to a gateway. `server` is the https origin that gateways reach. */

/** Starts our client; with a join code it comes into the tenant of the code. */
export function clientCommand(server: string, joinCode?: string): string {
  const join = joinCode === undefined ? '' : ` --join-code ${joinCode}`;
  return `npm run client -- --server ${server} --ca ./data/ca.crt --data-dir ./gateway${join}`;
}

/** What a Mender client's configuration file says to join by a code. */
export function menderConfiguration(server: string, joinCode: string): string {
  return JSON.stringify({ ServerURL: server, TenantToken: joinCode }, null, 2);
}

/** Tells whether a gateway reaches the server: its clock, name, port, proxy, certificate. */
export function diagnosticCommand(server: string): string {
  return `date -u; curl -v --cacert ./data/ca.crt ${server}/livez`;
}
