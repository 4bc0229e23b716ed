// JSON Schemas of the OpenAPI document as TypeScript types.
const REFERENCE = /^#\/components\/(\w+)\/(.+)$/;
const SIMPLE = { string: 'string', number: 'number', integer: 'number', boolean: 'boolean', null: 'null' };

/** The type of what a schema allows; `unknown` for one that says nothing. */
export function typeOf(schema) {
  if (schema === undefined || schema === true) return 'unknown';
  if (schema === false) return 'never';
  if (schema.$ref !== undefined) return reference(schema.$ref);
  const parts = [];
  for (const alternatives of [schema.oneOf, schema.anyOf])
    if (alternatives) parts.push(union(alternatives.map(typeOf)));
  if (schema.allOf) parts.push(...schema.allOf.map(typeOf));
  const own = ownType(schema);
  if (own !== undefined) parts.push(own);
  return parts.length === 0 ? 'unknown' : parts.length === 1 ? parts[0] : parts.map((part) => `(${part})`).join(' & ');
}

function ownType(schema) {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return union(schema.enum.map((value) => JSON.stringify(value)));
  const types = [schema.type ?? (schema.properties ? 'object' : [])].flat();
  if (types.length === 0) return undefined;
  return union(types.map((type) => SIMPLE[type] ?? (type === 'array' ? arrayOf(schema) : objectOf(schema))));
}

function arrayOf({ items, prefixItems }) {
  return prefixItems ? `[${prefixItems.map(typeOf).join(', ')}]` : `(${typeOf(items)})[]`;
}

function objectOf({ properties = {}, required = [], additionalProperties }) {
  const members = Object.entries(properties).map(
    ([name, schema]) => `${JSON.stringify(name)}${required.includes(name) ? '' : '?'}: ${typeOf(schema)};`,
  );
  const isOpen = additionalProperties !== undefined && additionalProperties !== false;
  if (members.length > 0 && !isOpen) return `{ ${members.join(' ')} }`;
  const index = `{ [name: string]: ${members.length > 0 ? 'unknown' : typeOf(additionalProperties)} }`;
  return members.length > 0 ? `{ ${members.join(' ')} } & ${index}` : isOpen ? index : '{}';
}

export function reference(ref) {
  const [, kind, name] = REFERENCE.exec(ref) ?? [];
  if (name === undefined) throw new Error(`${ref} is no reference to a component`);
  return `components[${JSON.stringify(kind)}][${JSON.stringify(name)}]`;
}

function union(types) {
  return [...new Set(types)].join(' | ');
}
