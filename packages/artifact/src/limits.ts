/** Every limit of an artifact in one place; what is not a payload is read into memory. */

/** `version`, `manifest`, signatures and all of the header together. */
export const MANIFEST_BYTES_MAX = 1024 * 1024;
export const HEADER_BYTES_MAX = 8 * 1024 * 1024;
export const SCRIPT_BYTES_MAX = 1024 * 1024;
export const JSON_BYTES_MAX = 256 * 1024;
export const SIGNATURE_BYTES_MAX = 4096;
/** An extended header of a tar: names over 100 characters. */
export const PAX_BYTES_MAX = 16 * 1024;

export const PAYLOADS_MAX = 64;
export const FILES_MAX = 1024;
export const SCRIPTS_MAX = 256;
export const DEVICE_TYPES_MAX = 200;
export const NAME_LENGTH_MAX = 4096;
/** Keys of provides and depends. */
export const KEYS_MAX = 1024;

/** How large the payloads may be once they are unpacked, unless the caller says otherwise. */
export const PAYLOAD_BYTES_MAX = 64 * 1024 ** 3;
