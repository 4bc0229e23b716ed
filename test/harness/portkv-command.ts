import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../../bin/portkv.js', import.meta.url));

/** What a command printed, and its exit code. */
export interface CommandResult {
  readonly code: number | string;
  readonly out: string;
  readonly errors: string;
}

/** Runs `portkv` with these arguments and this input, and no other variables of PortKV than those of `env`. */
export function runPortkv(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  bin = BIN,
  input = '',
): Promise<CommandResult> {
  const { PATH = '', HOME = '' } = process.env;
  return new Promise((resolve) => {
    const options = { env: { PATH, HOME, ...env } };
    const child = execFile(process.execPath, [bin, ...args], options, (error, out, errors) =>
      resolve({ code: error?.code ?? 0, out, errors }),
    );
    child.stdin?.end(input);
  });
}
