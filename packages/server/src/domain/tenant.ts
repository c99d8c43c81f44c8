/** What a tenant may use, and what its administrators have chosen. A member that is missing has its default. */
export interface TenantLimits {
  /** Devices that are accepted or pre-authorised. */
  readonly devices?: number;
  /** Bytes of artifacts. */
  readonly storageBytes?: number;
  /** Messages of all its devices. */
  readonly messagesPerSecond?: number;
}

export interface TenantSettings {
  /** IANA name, as Europe/Berlin. */
  readonly timeZone?: string;
  /** Who has no second factor may only set one up. */
  readonly requireSecondFactor?: boolean;
  readonly auditRetentionDays?: number;
  readonly alertReopenMinutes?: number;
  readonly requireSignedArtifacts?: boolean;
}
