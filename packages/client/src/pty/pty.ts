/** The seam for pseudo-terminals: bun.ts and node.ts open them. */
export interface PtyOptions {
  readonly program: string;
  readonly folder: string;
  readonly environment: { readonly [name: string]: string };
  readonly columns: number;
  readonly rows: number;
  /** `bytes` belong to the receiver. */
  output(bytes: Uint8Array): void;
  /** The program ended; exactly once, after its last output. */
  ended(): void;
}

export interface Pty {
  write(bytes: Uint8Array): void;
  resize(columns: number, rows: number): void;
  /** Asks that output stops coming; some may still come. */
  pause(): void;
  resume(): void;
  /** Hangs up, and kills a program that doesn't end by that. */
  close(): void;
}

/** Throws an Error when the program can't be started. */
export type OpenPty = (options: PtyOptions) => Pty;
