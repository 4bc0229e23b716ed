// The types of an OpenAPI document in the form that openapi-fetch reads: `paths` and `components`.
import { reference, typeOf } from './type-text.js';

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];
const PLACES = ['query', 'header', 'path', 'cookie'];

export function openApiTypes(document) {
  const { schemas, responses, parameters, headers } = document.components;
  const lines = [
    '// Written by scripts/build-console.js from the OpenAPI document.',
    'export interface components {',
    `  schemas: ${members(schemas, typeOf)};`,
    `  responses: ${members(responses, (response) => responseType(response))};`,
    `  parameters: ${members(parameters, ({ schema }) => typeOf(schema))};`,
    `  headers: ${members(headers, ({ schema }) => typeOf(schema))};`,
    '}',
    `export interface paths ${members(document.paths, (item) => pathType(item, document))}`,
  ];
  return `${lines.join('\n')}\n`;
}

function pathType(item, document) {
  const none = '{ query?: never; header?: never; path?: never; cookie?: never }';
  const operations = METHODS.map((method) =>
    item[method] === undefined ? `${method}?: never;` : `${method}: ${operationType(item[method], document)};`,
  );
  return `{ parameters: ${none}; ${operations.join(' ')} }`;
}

function operationType({ parameters = [], requestBody, responses }, document) {
  const all = parameters.map((one) =>
    one.$ref ? [document.components.parameters[nameOf(one.$ref)], one.$ref] : [one],
  );
  const places = PLACES.map((place) => {
    const inPlace = all.filter(([parameter]) => parameter.in === place);
    if (inPlace.length === 0) return `${place}?: never;`;
    const isNeeded = inPlace.some(([{ required }]) => required);
    const types = inPlace.map(
      ([{ name, required, schema }, ref]) =>
        `${JSON.stringify(name)}${required ? '' : '?'}: ${ref ? reference(ref) : typeOf(schema)};`,
    );
    return `${place}${isNeeded ? '' : '?'}: { ${types.join(' ')} };`;
  });
  return `{ parameters: { ${places.join(' ')} }; ${bodyType(requestBody)} responses: ${responsesType(responses)} }`;
}

/** A body that may have any type of content is sent as it is. */
function bodyType(body) {
  if (body === undefined) return 'requestBody?: never;';
  const types = Object.entries(body.content).map(([type, { schema }]) => {
    const isJson = type === 'application/json' && !('*/*' in body.content);
    return `${JSON.stringify(type)}: ${isJson ? typeOf(schema) : 'BodyInit'};`;
  });
  return `requestBody${body.required === false ? '?' : ''}: { content: { ${types.join(' ')} } };`;
}

function responsesType(responses) {
  const types = Object.entries(responses).map(
    ([status, response]) => `${status}: ${response.$ref ? reference(response.$ref) : responseType(response)};`,
  );
  return `{ ${types.join(' ')} }`;
}

function responseType({ content }) {
  if (content === undefined) return '{ headers: { [name: string]: unknown }; content?: never }';
  const types = Object.entries(content).map(([type, { schema }]) => `${JSON.stringify(type)}: ${typeOf(schema)};`);
  return `{ headers: { [name: string]: unknown }; content: { ${types.join(' ')} } }`;
}

function members(record = {}, toType) {
  return `{\n${Object.entries(record)
    .map(([name, value]) => `    ${JSON.stringify(name)}: ${toType(value)};\n`)
    .join('')}  }`;
}

function nameOf(ref) {
  return ref.split('/').at(-1);
}
