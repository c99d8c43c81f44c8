/** What is wrong with an artifact. */
export type ArtifactErrorCode =
  | 'truncated' // it ends too early
  | 'bad-tar' // not a tar, or one with members that an artifact never has
  | 'bad-order' // its members stand in another order than the format's
  | 'bad-version' // of a format that we can't read
  | 'bad-header' // what it says of itself can't be understood
  | 'bad-manifest'
  | 'bad-checksum' // a member is not what the manifest says
  | 'bad-compression'
  | 'bad-signature'
  | 'too-large'; // over a limit

export class ArtifactError extends Error {
  readonly code: ArtifactErrorCode;

  constructor(code: ArtifactErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ArtifactError';
    this.code = code;
  }
}
