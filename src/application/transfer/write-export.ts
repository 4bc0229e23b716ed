import type { Entry } from '../../domain/entry.js';
import type { ExportHeader } from '../../domain/export/export-line.js';
import { entryLine, headerLine, trailerLine } from '../../domain/export/write-line.js';
import type { PointInTimeView } from '../keyspace/views/point-in-time-view.js';
import type { NewDigest } from '../ports/digest.js';

/** The number of entries written so far. */
export interface ExportProgress {
  count: number;
}

/** The lines of an export, in pieces of about a page. It reads the view only as fast as it is read itself. */
export async function* writeExport(
  view: PointInTimeView,
  header: ExportHeader,
  newDigest: NewDigest,
  progress: ExportProgress = { count: 0 },
): AsyncGenerator<Buffer> {
  const digest = newDigest();
  const piece = (text: string) => {
    const bytes = Buffer.from(text);
    digest.update(bytes);
    return bytes;
  };
  try {
    yield piece(headerLine(header));
    for await (const page of view.pages()) {
      // A page of large values as one string would exceed the longest string.
      for (const lines of pieces(page)) yield piece(lines);
      progress.count += page.length;
    }
  } finally {
    view.close();
  }
  yield Buffer.from(trailerLine({ count: progress.count, sha256: digest.hex() }));
}

/** About how many bytes of values a piece has. */
const PIECE = 1024 * 1024;

function* pieces(page: readonly Entry[]): Generator<string> {
  let lines: string[] = [];
  let bytes = 0;
  for (const entry of page) {
    lines.push(entryLine(entry));
    bytes += entry.value.length;
    if (bytes < PIECE) continue;
    yield lines.join('');
    lines = [];
    bytes = 0;
  }
  if (lines.length > 0) yield lines.join('');
}
