import type { Command } from 'commander';
import { compareKeys } from '../../../../domain/key.js';
import type { Actions } from '../../actions.js';
import type { ApiClient } from '../../connection/api-client.js';
import { withQuery } from '../../connection/paths.js';
import { parseCount, parseEntryKey, parseProject } from '../../options/option-values.js';
import { keyText } from '../../output/print-result.js';
import { writeBytes } from '../../output/write-bytes.js';
import { apiCommand } from '../api-command.js';

const PAGE = 1_000;

/** `portkv list`. */
export function listCommand(actions: Actions): Command {
  return apiCommand('list')
    .argument('<project>', undefined, parseProject)
    .description('Print the keys, in the order of their bytes, one a line')
    .option('--prefix <prefix>', 'only keys that begin with it', parseEntryKey)
    .option('--separator <separator>', 'print keys with the same part before it once, as that part', parseEntryKey)
    .option('--limit <number>', 'print at most so many', parseCount)
    .action((project, { prefix, separator, limit, json, ...target }) =>
      actions.withClient({ ...target, needs: { project } }, async (client) => {
        const lines = listed(client, project, { prefix, separator, limit });
        await (json ? writeArray(lines) : writeLines(lines));
      }),
    );
}

interface ListOptions {
  readonly prefix?: string;
  readonly separator?: string;
  readonly limit?: number;
}

/** Keys and common parts by page, each page in order. */
async function* listed(client: ApiClient, project: string, options: ListOptions): AsyncGenerator<readonly string[]> {
  const { prefix, separator, limit = Number.POSITIVE_INFINITY } = options;
  let [left, cursor] = [limit, undefined as string | undefined];
  do {
    const query = { keys_only: 'true', limit: String(Math.min(left, PAGE)), prefix, separator, cursor };
    const { data } = await client.call('GET', withQuery(`${project}/store`, query), undefined, { expects: ['keys'] });
    const page: string[] = [...data.keys, ...(data.prefixes ?? [])].sort(compareKeys);
    left -= page.length;
    cursor = data.cursor ?? undefined;
    yield page;
  } while (cursor !== undefined && left > 0);
}

async function writeLines(pages: AsyncIterable<readonly string[]>): Promise<void> {
  for await (const page of pages) await writeBytes(page.map((key) => `${keyText(key)}\n`).join(''));
}

/** One array of JSON, written page by page. */
async function writeArray(pages: AsyncIterable<readonly string[]>): Promise<void> {
  let before = '{"keys":[';
  for await (const page of pages) {
    if (page.length === 0) continue;
    await writeBytes(before + JSON.stringify(page).slice(1, -1));
    before = ',';
  }
  await writeBytes(before === ',' ? ']}\n' : `${before}]}\n`);
}
