/** The seam for WebSockets: bun.ts and node.ts open them, a simulator may bring its own. */

/** Why a socket is no more. */
export type SocketEnd =
  /** The server answered the upgrade with this HTTP status. */
  | { readonly kind: 'refused'; readonly status: number }
  /** It was open and closed; `code` is a WebSocket close code (RFC 6455 section 7.4), 1006 without a farewell. */
  | { readonly kind: 'closed'; readonly code: number; readonly reason: string }
  /** It never opened: no route, no TLS, a certificate we don't trust. */
  | { readonly kind: 'unreachable'; readonly reason: string };

export interface SocketEvents {
  open(): void;
  /** `bytes` belong to the receiver. */
  message(bytes: Uint8Array): void;
  /** The peer answered a ping of ours. */
  pong(): void;
  /** Exactly once, the last event. */
  end(end: SocketEnd): void;
}

export interface Socket {
  send(bytes: Uint8Array): void;
  /** A WebSocket ping. */
  ping(): void;
  /** Bytes accepted by `send` and not yet handed to the system. */
  readonly bufferedBytes: number;
  /** Says farewell and closes. */
  close(code: number, reason: string): void;
  /** Closes without a farewell, for a peer that answers no more. */
  terminate(): void;
}

/** Begins to open a binary WebSocket. Nothing but `events.end` tells that it failed. */
export type Transport = (url: string, headers: { readonly [name: string]: string }, events: SocketEvents) => Socket;
