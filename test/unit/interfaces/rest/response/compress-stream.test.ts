import { randomBytes } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { compressStream } from '../../../../../src/interfaces/rest/response/compression.js';

const CHUNK = 16 * 1024;

/** A source of bytes that cannot be compressed. */
class Source {
  given = 0;
  ended = false;

  async *chunks(count: number, error?: Error): AsyncGenerator<Uint8Array> {
    try {
      for (; this.given < count; this.given++) yield randomBytes(CHUNK);
      if (error !== undefined) throw error;
    } finally {
      this.ended = true;
    }
  }
}

describe('compressStream', () => {
  for (const [coding, undo] of [
    ['gzip', gunzipSync],
    ['br', brotliDecompressSync],
  ] as const) {
    it(`can be undone: ${coding}`, async () => {
      const pieces = ['one ', Buffer.from('two '), 'three'.repeat(100_000), ''];
      const chunks: Buffer[] = [];
      for await (const chunk of compressStream(
        (async function* () {
          yield* pieces;
        })(),
        coding,
      ))
        chunks.push(chunk);
      expect(undo(Buffer.concat(chunks)).toString()).to.equal(
        Buffer.concat(pieces.map((it) => Buffer.from(it))).toString(),
      );
    });

    it(`takes no more from its source than its reader takes: ${coding}`, async () => {
      const source = new Source();
      const stream = compressStream(source.chunks(1000), coding);
      await onceReadable(stream);
      for (let i = 0; i < 100; i++) await turn();
      expect(source.given).to.be.below(200);
      stream.destroy();
    });

    it(`ends its source when its reader is gone: ${coding}`, async () => {
      const source = new Source();
      const stream = compressStream(source.chunks(1000), coding);
      await onceReadable(stream);
      stream.destroy();
      while (!source.ended) await turn();
      expect(source.given).to.be.below(1000);
    });

    it(`fails as its source does, without the end of the coding: ${coding}`, async () => {
      const stream = compressStream(new Source().chunks(20, new Error('a page cannot be read')), coding);
      const chunks: Buffer[] = [];
      const error = await (async () => {
        for await (const chunk of stream) chunks.push(chunk);
      })().catch((reason: Error) => reason);
      expect(error).to.be.an('error').with.property('message', 'a page cannot be read');
      expect(() => undo(Buffer.concat(chunks))).to.throw();
    });
  }
});

function onceReadable(stream: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve) => stream.once('readable', () => resolve()));
}
