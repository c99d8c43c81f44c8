// As whom a program of PostgreSQL runs. It refuses to run as root, so root becomes somebody else: a system user, or, in a
// place that no other user can reach, root itself seen from inside a user namespace as an ordinary user.

export type RunAs =
  | { readonly kind: 'self' }
  | { readonly kind: 'account'; readonly name: string; readonly uid: number; readonly gid: number }
  | { readonly kind: 'namespace'; readonly inside: { readonly uid: number; readonly gid: number } };

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly identity: { readonly uid?: number; readonly gid?: number };
}

export function commandAs(runAs: RunAs, file: string, args: readonly string[]): Command {
  switch (runAs.kind) {
    case 'self':
      return { file, args, identity: {} };
    case 'account':
      return { file, args, identity: { uid: runAs.uid, gid: runAs.gid } };
    case 'namespace': {
      const { uid, gid } = runAs.inside;
      // Without --fork, unshare becomes the program: the pid is the server's own.
      const map = ['--user', `--map-user=${uid}`, `--map-group=${gid}`, '--'];
      return { file: 'unshare', args: [...map, file, ...args], identity: {} };
    }
  }
}

/** Who owns the files of a program that runs this way; undefined when they are simply the caller's. */
export function fileOwner(runAs: RunAs): { uid: number; gid: number } | undefined {
  switch (runAs.kind) {
    case 'self':
      return undefined;
    case 'account':
      return { uid: runAs.uid, gid: runAs.gid };
    case 'namespace':
      return { uid: 0, gid: 0 };
  }
}
