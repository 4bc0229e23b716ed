import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('../../../../../test/faults/harness/disk/faultlib.c', import.meta.url));

/** The path of the compiled `faultlib.c`; undefined, with a printed line, if it cannot be compiled. */
export function faultLibrary(): string | undefined {
  const missing = process.platform !== 'linux' ? 'this is not Linux' : spawnSync('gcc', ['--version']).error?.message;
  if (missing !== undefined) {
    console.log(`        SKIPPED: faults cannot be injected here (${missing})`);
    return undefined;
  }
  const hash = createHash('sha256').update(readFileSync(SOURCE)).digest('hex').slice(0, 12);
  const library = join(tmpdir(), `portkv-faultlib-${hash}.so`);
  if (existsSync(library)) return library;
  const made = `${library}.${process.pid}`;
  execFileSync('gcc', ['-O2', '-w', '-fPIC', '-shared', '-o', made, SOURCE, '-ldl', '-lpthread']);
  renameSync(made, library);
  return library;
}

/** The environment that makes a process load it, for files under `root`. */
export function faultEnv(library: string, root: string, more: Readonly<Record<string, string>>) {
  return { LD_PRELOAD: library, FAULT_ROOT: root, ...more };
}

/** Faults that can be switched on and off in a running process. */
export class FaultSwitch {
  constructor(private readonly path: string) {
    writeFileSync(path, '');
  }

  get env(): Readonly<Record<string, string>> {
    return { FAULT_CTL: this.path };
  }

  /** Rules as in faultlib.c, such as `sync:EIO:data.mdb:3`. */
  set(...rules: readonly string[]): void {
    // Renamed into place, so that it is never read in part.
    writeFileSync(`${this.path}.new`, rules.join('\n'));
    renameSync(`${this.path}.new`, this.path);
  }

  clear(): void {
    this.set();
  }
}
