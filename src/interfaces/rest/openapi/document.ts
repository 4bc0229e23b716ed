import { headers } from '../routing/documented-headers.js';
import { resourcesOf } from '../routing/resource.js';
import type { Route } from '../routing/route.js';
import { tags } from '../routing/tags.js';
import { errorResponses, errorSchemas } from './error-responses.js';
import { withReferences } from './named-schemas.js';
import { operationOf } from './operation.js';
import { schemas } from './schemas.js';
import { settingsSchemas } from './settings.js';

const DESCRIPTION = `A key-value server in which every project picks its own storage engine.

Keys come in \`Authorization: Bearer KEY\`, \`X-API-Key: KEY\`, \`Api-Key: KEY\`, or as the password of
\`Authorization: Basic\`. Responses come in an envelope,
except those of the raw routes. An error comes in the envelope, too, or as \`application/problem+json\` if the client
accepts that. Times are in seconds since 1970. HEAD works for every path that has GET, and OPTIONS for every path.`;

const parameters = {
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    description: 'Goes on only if the entry has one of these ETags; `*`: only if it exists.',
    schema: { type: 'string', examples: ['"g9w3kxq2b1"'] },
  },
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    description: 'Goes on only if the entry has none of these ETags; `*`: only if it does not exist.',
    schema: { type: 'string', examples: ['*'] },
  },
  IfUnmodifiedSince: {
    name: 'If-Unmodified-Since',
    in: 'header',
    description: 'Goes on only if the entry was not written after this second. Does not count beside `If-Match`.',
    schema: { type: 'string', examples: ['Fri, 20 Nov 2026 08:00:00 GMT'] },
  },
  IfModifiedSince: {
    name: 'If-Modified-Since',
    in: 'header',
    description: 'Goes on only if the entry was written after this second. Does not count beside `If-None-Match`.',
    schema: { type: 'string', examples: ['Fri, 20 Nov 2026 08:00:00 GMT'] },
  },
  Range: {
    name: 'Range',
    in: 'header',
    description: 'One range of bytes: `bytes=0-99`, `bytes=100-` or `bytes=-100`. Several return the whole value.',
    schema: { type: 'string', examples: ['bytes=0-99'] },
  },
  IfRange: {
    name: 'If-Range',
    in: 'header',
    description: 'The range only if the entry still has exactly this ETag, else the whole value.',
    schema: { type: 'string', examples: ['"g9w3kxq2b1"'] },
  },
  Ttl: {
    name: 'X-TTL',
    in: 'header',
    description: 'The same as the parameter `ttl`, from clients that send it in a header, as unstorage does.',
    schema: { type: 'number', exclusiveMinimum: 0, examples: [3600] },
  },
  Meta: {
    name: 'KV-Meta',
    in: 'header',
    description:
      'Metadata to keep with the value: a JSON object of at most 1,024 bytes, in ASCII (with `\\u` escapes) or ' +
      'percent-encoded. Without it the entry has none, unless `keep_meta` is given.',
    schema: { type: 'string', examples: ['{"owner":"ada"}'] },
  },
  RequestId: {
    name: 'X-Request-Id',
    in: 'header',
    description: 'Names the request in the log; the response repeats it.',
    schema: { type: 'string', examples: ['import-17'] },
  },
};

const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer' },
  basic: { type: 'http', scheme: 'basic', description: 'The key is the password; the user name does not count.' },
  xApiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
  apiKey: { type: 'apiKey', in: 'header', name: 'Api-Key' },
};

/** The OpenAPI document of a route table; `definitions` are the schemas of the configuration. */
export function openApiOf(
  routes: readonly Route[],
  definitions: Readonly<Record<string, object>>,
  version: string,
): object {
  const usedTags = new Set<string>(routes.map(({ tag }) => tag));
  const listedTags = Object.entries(tags).filter(([name]) => usedTags.has(name));
  const named: Record<string, object> = {};
  const paths = withReferences(pathItems(routes), named);
  return {
    openapi: '3.1.0',
    info: {
      title: 'PortKV',
      version,
      summary: 'Key-value store over REST',
      description: DESCRIPTION,
      license: { name: 'Apache 2.0', identifier: 'Apache-2.0' },
    },
    servers: [
      { url: '/', description: 'This server' },
      { url: 'http://127.0.0.1:23849', description: 'A server on this machine, at its default address' },
    ],
    tags: listedTags.map(([name, description]) => ({ name, description })),
    security: Object.keys(securitySchemes).map((name) => ({ [name]: [] })),
    paths,
    components: {
      schemas: { ...schemas, ...errorSchemas, ...settingsSchemas(definitions), ...named },
      responses: errorResponses,
      parameters,
      headers,
      securitySchemes,
    },
  };
}

function pathItems(routes: readonly Route[]): object {
  return Object.fromEntries(
    [...resourcesOf(routes).values()].map((resource) => {
      const ownRoutes = [...resource.routes.values()];
      const operations = ownRoutes.map((route) => [route.method.toLowerCase(), operationOf(route)]);
      return [resource.path.replace('*}', '}'), Object.fromEntries(operations)];
    }),
  );
}
