import { execute } from '../../src/main.js';

/** What a command printed, and its exit code. */
export interface CommandOutput {
  readonly code: number;
  readonly out: string;
  /** Standard output, byte for byte. */
  readonly bytes: Buffer;
  readonly errors: string;
}

/**
 * Runs `portkv` in this process, which takes a tenth of the time of one of its own, with no other variables of PortKV
 * than those of `env`. Only for commands that read no standard input and end.
 */
export async function runHere(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandOutput> {
  const { stdout, stderr, exitCode } = process;
  const [out, errors]: [Buffer[], Buffer[]] = [[], []];
  const restore = [capture(stdout, out), capture(stderr, errors), replaceVariables(env)];
  process.exitCode = 0;
  try {
    await execute([process.execPath, 'portkv', ...args], () => undefined);
    const bytes = Buffer.concat(out);
    return {
      code: Number(process.exitCode ?? 0),
      out: bytes.toString(),
      bytes,
      errors: Buffer.concat(errors).toString(),
    };
  } finally {
    for (const undo of restore) undo();
    process.exitCode = exitCode;
  }
}

/** The one line of a failed command; throws if there is another number of lines, or a stack. */
export function onlyLine({ errors }: CommandOutput): string {
  const lines = errors.trimEnd().split('\n');
  if (lines.length !== 1 || lines[0] === '') throw new Error(`not one line: ${errors}`);
  return lines[0] as string;
}

function capture(stream: NodeJS.WriteStream, chunks: Buffer[]): () => void {
  const { write } = stream;
  stream.write = (chunk: Uint8Array | string, encoding?: unknown, done?: unknown) => {
    chunks.push(Buffer.from(chunk as string));
    const callback = [encoding, done].find((it) => typeof it === 'function') as (() => void) | undefined;
    if (callback !== undefined) process.nextTick(callback);
    return true;
  };
  return () => {
    stream.write = write;
  };
}

function replaceVariables(env: Readonly<Record<string, string>>): () => void {
  const before = { ...process.env };
  for (const name of Object.keys(process.env)) if (/^(PORTKV|XDG)_/.test(name)) delete process.env[name];
  Object.assign(process.env, env);
  return () => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  };
}
