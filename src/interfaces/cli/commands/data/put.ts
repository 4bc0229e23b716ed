import type { Command } from 'commander';
import type { Actions } from '../../actions.js';
import { valuePath } from '../../connection/paths.js';
import { parseContentType, parseKeyArgument, parseProject } from '../../options/option-values.js';
import { openValue, withValue } from '../../options/value-argument.js';
import { conditionHeaders, expiryQuery, withConditions, withExpiry, withMeta } from '../../options/write-options.js';
import { printMessage } from '../../output/messages.js';
import { printResult } from '../../output/print-result.js';
import { apiCommand } from '../api-command.js';

/** `portkv put`. */
export function putCommand(actions: Actions): Command {
  const command = apiCommand('put')
    .argument('<project>', undefined, parseProject)
    .argument('<key>', undefined, parseKeyArgument)
    .description('Store a value')
    .option('--type <content-type>', 'content type; else JSON or text, as the bytes are', parseContentType);
  return withConditions(withMeta(withExpiry(withValue(command))), { creates: true }).action(
    (project, key, value, { json, type, file, meta, keepMeta, ...options }) =>
      actions.withClient({ ...options, needs: { project } }, async (client) => {
        const body = await openValue(value, file);
        await client.requirePersistent(project);
        const headers = { ...conditionHeaders(options), 'Content-Type': type, 'KV-Meta': meta };
        const query = { ...expiryQuery(options), ...(keepMeta ? { keep_meta: 'true' } : {}) };
        const response = await client.raw('PUT', valuePath(project, key, query), {
          headers,
          body,
          isExpected: ({ status, headers: { etag } }) => [201, 204].includes(status) && etag !== undefined,
        });
        const created = response.status === 201;
        const version = response.headers.etag?.replaceAll('"', '');
        printResult(json, { key, version, created }, []);
        printMessage(`Key '${key}' ${created ? 'created' : 'replaced'} in project '${project}'`);
      }),
  );
}
