import { readExportLine } from '../../../domain/export/read-line.js';
import type { RawLine, TrailerBuilder } from './export-lines.js';
import type { ExportFormat } from './formats/format.js';
import { formats } from './formats/formats.js';

/** Turns the lines of an export into a file. */
export interface ExportEncoder {
  /** `line` is a header or an entry. */
  encode(line: RawLine): Buffer;
  /** What follows the last line; `trailer` is that of the lines. */
  end(trailer: TrailerBuilder): Buffer;
}

export function encoderOf(format: ExportFormat): ExportEncoder {
  const { writer } = formats[format];
  // PortKV's own format needs none: the lines stay as they are.
  if (writer === undefined) return { encode: ({ bytes }) => bytes, end: (trailer) => trailer.build() };
  let entries = 0;
  return {
    encode: ({ bytes }) => {
      const line = readExportLine(bytes);
      return Buffer.from(line.kind === 'entry' ? writer.entry(line.entry, entries++) : writer.head);
    },
    end: () => Buffer.from(writer.tail),
  };
}
