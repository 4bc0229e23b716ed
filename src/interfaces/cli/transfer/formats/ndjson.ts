import { createHash } from 'node:crypto';
import type { NumberedEntry } from '../../../../application/transfer/read-export.js';
import { atLine, readExport } from '../../../../application/transfer/read-export.js';
import { splitLines } from '../../../../application/transfer/split-lines.js';
import { readExportLine } from '../../../../domain/export/read-line.js';
import { LONGEST_LINE } from '../export-lines.js';
import { hasMembers, type Sample } from '../reading/sample.js';
import type { Format } from './format.js';

/** PortKV's own format, which is that of the API: see `domain/export-line.ts`. */
export const ndjson: Format = {
  recognizes: (sample) => isOwn(sample) || (isLines(sample) && !hasMembers(sample.firstObject, 'key', 'value')),
  read: (chunks, { verify }) => (verify ? readVerified(chunks) : readUnverified(chunks)),
};

/** Whether the first line can only be one of PortKV's own format. */
export function isOwn({ firstObject }: Sample): boolean {
  if (firstObject === undefined) return false;
  const isHeader = typeof firstObject.format === 'string' && firstObject.format.startsWith('portkv');
  return isHeader || ['json', 'text', 'base64'].some((form) => hasMembers(firstObject, 'key', form));
}

function isLines({ name }: Sample): boolean {
  return /\.(?:ndjson|jsonl)$/.test(name);
}

function readVerified(chunks: AsyncIterable<Uint8Array>): AsyncIterable<NumberedEntry> {
  const hash = createHash('sha256');
  const digest = { update: (bytes: Uint8Array) => void hash.update(bytes), hex: () => hash.digest('hex') };
  return readExport(chunks, digest, LONGEST_LINE);
}

/** Header and trailer may be missing or wrong, and lines may be blank. */
async function* readUnverified(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<NumberedEntry> {
  let line = 0;
  for await (const bytes of splitLines(chunks, LONGEST_LINE)) {
    line += 1;
    if (bytes.toString('latin1').trim() === '') continue;
    try {
      const read = readExportLine(bytes);
      if (read.kind === 'entry') yield { line, entry: read.entry };
    } catch (error) {
      throw atLine(error, line);
    }
  }
}
