import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

export const WRANGLER = join(
  dirname(createRequire(import.meta.url).resolve('wrangler/package.json')),
  'bin/wrangler.js',
);

/** The environment of wrangler that makes it talk to a server alone; `folder` is its home. */
export function wranglerEnvironment(address: string, token: string, folder: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    TMPDIR: process.env.TMPDIR,
    HOME: folder,
    CI: 'true',
    CLOUDFLARE_API_BASE_URL: `${address}/client/v4`,
    CLOUDFLARE_ACCOUNT_ID: 'any',
    CLOUDFLARE_API_TOKEN: token,
    WRANGLER_HIDE_BANNER: 'true',
    WRANGLER_SEND_METRICS: 'false',
  };
}

/** What a command prints, and whether it succeeds. */
export async function wrangler(env: NodeJS.ProcessEnv, ...args: string[]): Promise<{ ok: boolean; output: string }> {
  const run = promisify(execFile)(process.execPath, [WRANGLER, ...args], { env, cwd: env.HOME });
  return run.then(
    ({ stdout }) => ({ ok: true, output: stdout }),
    ({ stdout, stderr }) => ({ ok: false, output: stdout + stderr }),
  );
}
