/** Limits of the HTTP contracts. */
export const PAGE_DEFAULT = 50;
export const PAGE_MAX = 500;
export const PASSWORD_LENGTH_MIN = 12;
export const PASSWORD_LENGTH_MAX = 256;
export const NAME_LENGTH_MAX = 200;
export const TAGS_MAX = 32;
export const BODY_BYTES_MAX = 1024 * 1024;
export const PLACES_MAX = 20;
export const CLUSTERS_MAX = 2000;
