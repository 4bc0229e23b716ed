import { targetConstructorToSchema } from 'class-validator-jsonschema';
import { CHARACTERS } from '../request/body-rules.js';

/** The JSON Schema of a class of bodies: its members with their rules and defaults, and no others. */
export function bodySchema(of: new () => object): object {
  const schema = targetConstructorToSchema(of, {
    additionalConverters: {
      [CHARACTERS]: ({ constraints: [minLength, maxLength] }) => ({ type: 'string', minLength, maxLength }),
    },
  });
  const defaults = new Map(Object.entries(new of()));
  const properties = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const value = defaults.get(name);
    return [name, value === undefined ? property : { ...property, default: value }];
  });
  return { ...schema, properties: Object.fromEntries(properties), additionalProperties: false };
}
