import type { Command } from 'commander';
import { type JsonText, outlineOf, readOutline } from '../../../../domain/json/outline.js';
import type { Actions } from '../../actions.js';
import type { ApiClient, RawResponse } from '../../connection/api-client.js';
import { itemPath, valuePath, withQuery } from '../../connection/paths.js';
import { parseKeyArgument, parseProject } from '../../options/option-values.js';
import { conditionHeaders, withConditions } from '../../options/write-options.js';
import { oneLineJson } from '../../output/json-text.js';
import { printMessage } from '../../output/messages.js';
import { printResult } from '../../output/print-result.js';
import { writeBytes } from '../../output/write-bytes.js';
import { apiCommand } from '../api-command.js';

/** What of a response is kept as it came. */
const DATA: ReadonlySet<string> = new Set(['data']);

/** `portkv delete`. */
export function deleteCommand(actions: Actions): Command {
  const command = apiCommand('delete')
    .argument('<project>', undefined, parseProject)
    .argument('<key>', undefined, parseKeyArgument)
    .description('Delete an entry; exits with 4 if it does not exist')
    .option('--return-old', 'write the value that it had to standard output, byte for byte');
  return withConditions(command, { creates: false }).action((project, key, { json, returnOld, ...options }) =>
    actions.withClient({ ...options, needs: { project } }, async (client) => {
      const headers = conditionHeaders(options);
      if (returnOld) await writeBytes(await deleteAndShow(client, project, key, { headers, json }));
      else {
        const isExpected = ({ status }: RawResponse) => status === 204;
        await client.raw('DELETE', valuePath(project, key), { headers, isExpected });
        printResult(json, { key, deleted: true }, []);
      }
      printMessage(`Key '${key}' deleted from project '${project}'`);
    }),
  );
}

/** Deletes the entry and returns its value or, as JSON, a line with all of it. */
async function deleteAndShow(
  client: ApiClient,
  project: string,
  key: string,
  { headers, json }: { readonly headers: Record<string, string>; readonly json?: true | undefined },
): Promise<Buffer | string> {
  const path = withQuery(itemPath(project, key), { return: 'old', as: json ? 'auto' : 'base64' });
  const { data, text } = await client.call('DELETE', path, undefined, { headers, expects: ['value', 'version'] });
  if (!json) return Buffer.from(data.value, 'base64');
  const { data: old } = readOutline(outlineOf(text, DATA), DATA) as { data: JsonText };
  // Digit for digit.
  return `{"key":${JSON.stringify(key)},"deleted":true,"old":${oneLineJson(old.text)}}\n`;
}
