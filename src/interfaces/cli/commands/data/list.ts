import { type Command, Option } from 'commander';
import { compareKeys } from '../../../../domain/key.js';
import type { Actions } from '../../actions.js';
import type { ApiClient } from '../../connection/api-client.js';
import { withQuery } from '../../connection/paths.js';
import { parseCount, parseEntryKey, parseProject } from '../../options/option-values.js';
import { keyText } from '../../output/print-result.js';
import { writeBytes } from '../../output/write-bytes.js';
import { apiCommand } from '../api-command.js';
import { writeEntries, writeEntriesJson } from './list-values.js';

const PAGE = 1_000;

/** `portkv list`. */
export function listCommand(actions: Actions): Command {
  return apiCommand('list')
    .argument('<project>', undefined, parseProject)
    .description('Print the keys, in the order of their bytes, one a line')
    .option('--prefix <prefix>', 'only keys that begin with it', parseEntryKey)
    .option('--start <key>', 'only from this key on, which need not exist', parseEntryKey)
    .option('--end <key>', 'only before this key', parseEntryKey)
    .option('--reverse', 'from the last key to the first')
    .option('--separator <separator>', 'print keys with the same part before it once, as that part', parseEntryKey)
    .addOption(new Option('--values', 'also print the values: key, tab and value, with escapes').conflicts('separator'))
    .option('--limit <number>', 'print at most so many', parseCount)
    .action((project, { limit, json, values, prefix, start, end, reverse, separator, ...target }) =>
      actions.withClient({ ...target, needs: { project } }, async (client) => {
        if (values) {
          const range = { prefix, start, end, reverse, limit };
          return (json ? writeEntriesJson : writeEntries)(client, project, range);
        }
        const pages = listed(client, project, { prefix, start, end, reverse, separator }, limit);
        await (json ? writeArray(pages) : writeLines(pages));
      }),
    );
}

/** Which keys are listed, as the query of a path has it. */
interface ListQuery {
  readonly prefix?: string;
  readonly start?: string;
  readonly end?: string;
  readonly reverse?: true;
  readonly separator?: string;
}

/** Keys and common parts by page, each page in order. */
async function* listed(
  client: ApiClient,
  project: string,
  { reverse, ...range }: ListQuery,
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<readonly string[]> {
  let [left, cursor] = [limit, undefined as string | undefined];
  const ordered = reverse ? (a: string, b: string) => compareKeys(b, a) : compareKeys;
  const order = reverse ? { reverse: 'true' } : {};
  do {
    const query = { keys_only: 'true', limit: Math.min(left, PAGE), ...range, ...order, cursor };
    const { data } = await client.call('GET', withQuery(`${project}/store`, query), undefined, { expects: ['keys'] });
    const page: string[] = [...data.keys, ...(data.prefixes ?? [])].sort(ordered);
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
