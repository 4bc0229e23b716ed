import { createHash } from 'node:crypto';

/** An export of `count` entries of about 100 bytes, each with `word` in it. */
export function generateExport(project: string, word: string, count: number): string {
  return [...generateExportLines(project, word, count)].join('');
}

export function* generateExportLines(project: string, word: string, count: number): Generator<string> {
  const hash = createHash('sha256');
  const header = `{"format":"portkv-export","version":1,"project":"${project}"}\n`;
  hash.update(header);
  yield header;
  for (let from = 0; from < count; from += 500) {
    const piece = Array.from({ length: Math.min(500, count - from) }, (_, i) => {
      const number = String(from + i).padStart(9, '0');
      return `${JSON.stringify({ key: `key-${number}`, text: `${word} ${number} ${'x'.repeat(80)}` })}\n`;
    }).join('');
    hash.update(piece);
    yield piece;
  }
  yield `${JSON.stringify({ count, sha256: hash.digest('hex') })}\n`;
}
