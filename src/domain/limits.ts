/** Longest key, in bytes of UTF-8. */
export const MAX_KEY_BYTES = 512;
/** Deepest nesting that counts as JSON: deeper control bodies are refused, deeper values are shown as text. */
export const MAX_JSON_DEPTH = 64;
/** Most operations of one transaction, and most keys of one write. */
export const MAX_OPERATIONS = 1000;
/** Most members of all merge patches of one write together. */
export const MAX_PATCH_MEMBERS = 100_000;
/** Most bytes of values that one transaction may read, append to or patch: all are in memory at the same time. */
export const MAX_READ_BYTES = 64 * 1024 * 1024;
/** Last instant that can be an expiry, in milliseconds since 1970: the end of the year 9999. */
export const MAX_EXPIRES_AT = 253_402_300_799_999;
/** Longest content type that is stored, in bytes. */
export const MAX_CONTENT_TYPE_BYTES = 1024;
/** Longest metadata of an entry, in bytes of UTF-8. */
export const MAX_META_BYTES = 1024;
/** Longest integer that can be incremented, in digits: arithmetic on longer ones would delay all other requests. */
export const MAX_DIGITS = 100_000;
/** Largest value if nothing else is configured: 16 MiB. */
export const DEFAULT_MAX_VALUE_BYTES = 16 * 1024 * 1024;
