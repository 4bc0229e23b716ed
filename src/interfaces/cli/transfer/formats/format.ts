import type { NumberedEntry } from '../../../../application/transfer/read-export.js';
import type { ExportedEntry } from '../../../../domain/export/export-line.js';
import type { Sample } from '../reading/sample.js';

/** The formats that `import` reads, by the name that `--format` takes. */
export const FORMAT_NAMES = [
  'json',
  'ndjson',
  'csv',
  'tsv',
  'dotenv',
  'wrangler',
  'consul',
  'redis-json',
  'keyv',
  'simple-pykv',
] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];

/** Those that `export` writes. */
export const EXPORT_FORMATS = ['json', 'ndjson', 'csv', 'simple-pykv'] as const satisfies readonly FormatName[];
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ReadOptions {
  /** Now, in ms: what times to live count from. */
  readonly now: number;
  /** Whether PortKV's own format must be whole, with header and trailer. */
  readonly verify: boolean;
}

/** A format of files that entries are imported from and, if it has a writer, exported to. */
export interface Format {
  /** Whether a file that begins so is clearly in this format. */
  recognizes(sample: Sample): boolean;
  /**
   * The entries of a file while it is read, each with the line on which it begins. Rejects with `invalid` at the first
   * mistake, naming the line.
   */
  read(chunks: AsyncIterable<Uint8Array>, options: ReadOptions): AsyncIterable<NumberedEntry>;
  readonly writer?: EntryWriter;
}

/** Writes entries as text that the format reads as the same keys, values, content types and expiry times. */
export interface EntryWriter {
  readonly head: string;
  /** `index` counts the entries before it. */
  entry(entry: ExportedEntry, index: number): string;
  readonly tail: string;
}
