import type { Entry } from '../entry.js';

/**
 * The lines of an export: a header, then the entries in key order, one a line, then a trailer with their count and the
 * SHA-256 of all bytes before it. Each line is a JSON object; times are in seconds. A value is in the member `json` if
 * it is JSON that fits on a line as it is, else in `text` or `base64`, so that an import restores its bytes. The member
 * `meta` is the metadata, if there is any.
 */
export const FORMAT = 'portkv-export';
export const FORMAT_VERSION = 1;

export interface ExportHeader {
  readonly project: string;
  /** The moment at which the entries were as exported, in ms since 1970. */
  readonly at: number;
  /** Only keys after this one were exported. */
  readonly after?: string | undefined;
  /** Only keys with this prefix were exported. */
  readonly prefix?: string | undefined;
}

export interface ExportTrailer {
  readonly count: number;
  readonly sha256: string;
}

/** An entry of an export, without its version: an import issues a new one. Times that the line lacks are undefined. */
export interface ExportedEntry extends Pick<Entry, 'key' | 'value' | 'contentType' | 'expiresAt' | 'meta'> {
  readonly createdAt: number | undefined;
  readonly updatedAt: number | undefined;
}

/** A parsed line. */
export type ExportLine =
  | { readonly kind: 'header'; readonly header: ExportHeader }
  | { readonly kind: 'entry'; readonly entry: ExportedEntry }
  | { readonly kind: 'trailer'; readonly trailer: ExportTrailer };
