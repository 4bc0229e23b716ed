import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** Bundles a program for any runtime, so that an import of node fails, and returns its text. */
export async function bundle(program: string, minify = false): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'portkv-interop-'));
  // The suite's fixtures are shared with tests of engines, which run in node only.
  await writeFile(join(folder, 'assert.js'), 'export default {};');
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: import.meta.dirname, loader: 'ts' },
    alias: { 'node:assert/strict': join(folder, 'assert.js') },
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    minify,
    write: false,
  });
  await rm(folder, { recursive: true });
  return outputFiles[0]?.text ?? '';
}

export const gzippedSize = (text: string) => gzipSync(text, { level: 9 }).length;
