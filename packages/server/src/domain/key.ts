/** Keys that sign tokens, seal secrets, and sign links to download artifacts. */
export type KeyKind = 'signing' | 'sealing' | 'link';

/** A key that nobody has stored yet. */
export interface FreshKey {
  readonly id: string;
  /** PKCS #8 PEM of a signing key, 32 bytes in Base64 of the others. */
  readonly secret: string;
}

export interface Key extends FreshKey {
  readonly kind: KeyKind;
  /** False for a key that is announced: accepted already, used later. */
  readonly isUsed: boolean;
}

/** The keys of one kind, as this process knows them. */
export interface KeyRing {
  /** The one to sign or seal with. */
  current(): Key;
  /** Any that is still, or already, accepted. */
  find(id: string): Key | undefined;
  /** One that this process may not have heard of; looks into the database now and then at most. */
  findNew(id: string): Promise<Key | undefined>;
}
