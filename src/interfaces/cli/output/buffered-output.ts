import type { FileHandle } from 'node:fs/promises';

/** How many bytes are collected before they are written. */
const CHUNK = 256 * 1024;

/** Writes large chunks to a file, or to standard output if no file is given. */
export class BufferedOutput {
  #buffered: Uint8Array[] = [];
  #bytes = 0;

  constructor(private readonly file: FileHandle | undefined) {}

  async write(bytes: Uint8Array): Promise<void> {
    this.#buffered.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes >= CHUNK) await this.flush();
  }

  async flush(): Promise<void> {
    const chunk = Buffer.concat(this.#buffered);
    this.#buffered = [];
    this.#bytes = 0;
    if (this.file !== undefined) await this.file.appendFile(chunk);
    else
      await new Promise<void>((done, fail) => process.stdout.write(chunk, (error) => (error ? fail(error) : done())));
  }
}
