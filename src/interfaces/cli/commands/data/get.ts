import type { Command } from 'commander';
import type { Actions } from '../../actions.js';
import type { RawResponse } from '../../connection/api-client.js';
import { valuePath } from '../../connection/paths.js';
import { parseKeyArgument, parseProject } from '../../options/option-values.js';
import { writeBytes } from '../../output/write-bytes.js';
import { apiCommand } from '../api-command.js';
import { valueMembers } from './value-members.js';

/** `portkv get`. */
export function getCommand(actions: Actions): Command {
  return apiCommand('get')
    .argument('<project>', undefined, parseProject)
    .argument('<key>', undefined, parseKeyArgument)
    .description('Write the value of an entry to standard output, byte for byte')
    .action((project, key, { json, ...target }) =>
      actions.withClient({ ...target, needs: { project } }, async (client) => {
        const response = await client.raw('GET', valuePath(project, key), {
          isExpected: ({ headers }) => headers['kv-created'] !== undefined && headers.etag !== undefined,
        });
        await writeBytes(json ? `${itemJson(key, response)}\n` : response.body);
      }),
    );
}

/** The entry as the API shows it, with its key, and always with `encoding`. */
function itemJson(key: string, { headers, body }: RawResponse): string {
  const { 'content-type': header = '', 'last-modified': modified = '', etag = '' } = headers;
  // Beyond ASCII it is UTF-8, which node shows as Latin-1.
  const type = Buffer.from(header, 'latin1').toString();
  const [created, expires] = [headers['kv-created'], headers['kv-expires']].map(secondsOf);
  const before = { key, content_type: type, created_at: created ?? null, expires_at: expires ?? null };
  const after = { size_bytes: body.length, updated_at: Date.parse(modified) / 1000, version: etag.replaceAll('"', '') };
  // As it came: JavaScript cannot hold every number.
  const meta = `"meta":${headers['kv-meta'] ?? null}`;
  const [first, last] = [before, after].map((members) => JSON.stringify(members).slice(1, -1));
  return `{${[first, valueMembers(body, type), meta, last].join(',')}}`;
}

function secondsOf(header: string | string[] | undefined): number | undefined {
  return header === undefined ? undefined : Number(header);
}
