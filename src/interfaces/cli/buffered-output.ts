import type { FileHandle } from 'node:fs/promises';

/** How many bytes are gathered before they are written. */
const PIECE = 256 * 1024;

/** Writes to a file, or to standard output where there is none, in large pieces. */
export class BufferedOutput {
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  constructor(private readonly file: FileHandle | undefined) {}

  async put(bytes: Uint8Array): Promise<void> {
    this.#pieces.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes >= PIECE) await this.flush();
  }

  async flush(): Promise<void> {
    const piece = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#bytes = 0;
    if (this.file !== undefined) await this.file.appendFile(piece);
    else if (!process.stdout.write(piece)) await new Promise((resolve) => process.stdout.once('drain', resolve));
  }
}
