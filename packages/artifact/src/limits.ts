/** Every limit of an artifact in one place; what is not a payload is read into memory. */

/** `version`, `manifest`, signatures and all of the header together. */
export const MANIFEST_BYTES_MAX = 1024 * 1024;
export const HEADER_BYTES_MAX = 8 * 1024 * 1024;
export const SCRIPT_BYTES_MAX = 1024 * 1024;
export const JSON_BYTES_MAX = 256 * 1024;
export const SIGNATURE_BYTES_MAX = 4096;
/** An extended header of a tar: names over 100 characters. */
export const PAX_BYTES_MAX = 16 * 1024;
/** Empty blocks behind the end of a tar, as many as filled a tape. */
export const TAR_TAIL_BYTES_MAX = 1024 * 1024;

export const PAYLOADS_MAX = 64;
export const FILES_MAX = 1024;
export const SCRIPTS_MAX = 256;
export const DEVICE_TYPES_MAX = 200;
export const NAME_LENGTH_MAX = 4096;
/** Keys of provides and depends. */
export const KEYS_MAX = 1024;

/** How large the payloads may be once they are unpacked, unless the caller says otherwise. */
export const PAYLOAD_BYTES_MAX = 64 * 1024 ** 3;
/**
 * How far back what is packed may refer, which is memory of a gateway: `xz -9` takes 65 MiB to unpack, Mender's tools and
 * zstd up to its level 19 less than 10.
 */
export const XZ_MEMORY_BYTES_MAX = 72 * 1024 ** 2;
export const ZSTD_WINDOW_BYTES_MAX = 64 * 1024 ** 2;

/** What is packed may unpack to so much, and beyond that to so many times its size: an image that is mostly empty is far below. */
export const UNPACKED_BYTES_FREE = 1024 ** 3;
export const UNPACKED_RATIO_MAX = 256;

/** Arrays and objects in each other in the header's JSON: what is nested deeper takes seconds to write again. */
export const JSON_DEPTH_MAX = 64;
/** The last second of the year 9999, which is the last that dates are written of. */
export const MTIME_MAX = 253_402_300_799;
