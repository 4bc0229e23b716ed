const MARK = Buffer.from('\uFEFF');

/** At least the first `length` bytes, or all of them, and the chunks again with them. */
export async function peek(
  chunks: AsyncIterable<Uint8Array>,
  length: number,
): Promise<{ readonly start: Buffer; readonly chunks: AsyncIterable<Uint8Array> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const read: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < length) {
    const { value, done } = await iterator.next();
    if (done) break;
    read.push(value);
    bytes += value.length;
  }
  const start = Buffer.concat(read);
  return { start, chunks: continued(start, iterator) };
}

async function* continued(start: Buffer, iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (start.length > 0) yield start;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}

/** Leaves out the byte order mark that some editors put at the front of a file. */
export async function* withoutMark(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { start, chunks: all } = await peek(chunks, MARK.length);
  let skipped = start.subarray(0, MARK.length).equals(MARK) ? MARK.length : 0;
  for await (const chunk of all) {
    yield skipped > 0 ? chunk.subarray(skipped) : chunk;
    skipped = 0;
  }
}

/** Whether the first character that is no white space is a bracket, and the chunks again. */
export async function isArray(
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ readonly isArray: boolean; readonly chunks: AsyncIterable<Uint8Array> }> {
  const { start, chunks: all } = await peek(chunks, 1024);
  return { isArray: /^\s*\[/.test(start.toString('latin1')), chunks: all };
}
