/** A schema that stands in the components of the document under a name, where generators make a type of it. */
export class NamedSchema {
  constructor(
    readonly name: string,
    readonly schema: object,
  ) {}
}

/** Gives a schema a name. The same name is given to equal schemas only. */
export function named(name: string, schema: object): object {
  return new NamedSchema(name, schema);
}

/**
 * A union whose `property` says which of the schemas a value has. Each gets the name of the union with that of its kind
 * before it.
 */
export function alternatives(name: string, property: string, byKind: Readonly<Record<string, object>>): object {
  const kinds = Object.keys(byKind);
  const nameOf = (kind: string) => `${kind.charAt(0).toUpperCase()}${kind.slice(1)}${name}`;
  const mapping = Object.fromEntries(kinds.map((kind) => [kind, `#/components/schemas/${nameOf(kind)}`]));
  return named(name, {
    oneOf: Object.entries(byKind).map(([kind, schema]) => named(nameOf(kind), schema)),
    discriminator: { propertyName: property, mapping },
  });
}

/** Moves the named schemas in a part of the document to `components`, and puts references in their places. */
export function withReferences<T>(part: T, components: Record<string, object>): T {
  if (part instanceof NamedSchema) {
    const schema = withReferences(part.schema, components);
    const present = components[part.name];
    if (present !== undefined && JSON.stringify(present) !== JSON.stringify(schema)) {
      throw new Error(`there are two schemas of the name ${part.name}`);
    }
    components[part.name] = schema;
    return { $ref: `#/components/schemas/${part.name}` } as T;
  }
  if (Array.isArray(part)) return part.map((one) => withReferences(one, components)) as T;
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(
    Object.entries(part).map(([name, value]) => [name, withReferences(value, components)]),
  ) as T;
}
