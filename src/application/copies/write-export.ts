import { type ExportHeader, entryLine, headerLine, trailerLine } from '../../domain/export-line.js';
import type { NewDigest } from '../ports/digest.js';
import type { FrozenView } from './frozen-view.js';

/** What was written so far. */
export interface ExportProgress {
  count: number;
}

/** The lines of an export, in pieces of about a page. It takes the view only as fast as it is read itself. */
export async function* writeExport(
  view: FrozenView,
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
      yield piece(page.map(entryLine).join(''));
      progress.count += page.length;
    }
  } finally {
    view.close();
  }
  yield Buffer.from(trailerLine({ count: progress.count, sha256: digest.hex() }));
}
