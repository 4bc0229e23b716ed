import { createRequire } from 'node:module';
import type { Ajv2020, ErrorObject } from 'ajv/dist/2020.js';
import type Formats from 'ajv-formats';
import { linearPattern } from './linear-pattern.js';

/** A mistake in a value: its place (JSON Pointer, empty for the whole value) and the keyword that it violates. */
export interface ValueMistake {
  readonly path: string;
  readonly message: string;
  readonly schema_path: string;
}

/** Returns the mistakes in a parsed value; none if the schema allows it. */
export type ValueSchema = (value: unknown) => readonly ValueMistake[];

/** One value of each type: a schema that refers only to itself recurses endlessly on one of them. */
const SAMPLES = [null, true, 0, '', [], {}];

/**
 * Compiles a JSON Schema (2020-12, known keywords and formats only, no references to other documents). Throws if it is
 * invalid. Patterns and `uniqueItems` take linear time, since clients choose the values.
 */
export function compileValueSchema(schema: object): ValueSchema {
  const ajv = ajvForValues();
  const validate = ajv.compile(schema);
  if ('$async' in validate) throw new Error('$async is not possible here');
  for (const sample of SAMPLES) validate(sample);
  return (value) => (validate(value) ? [] : (validate.errors ?? []).map(toMistake));
}

/** What is wrong with a schema in the settings; undefined if it is valid. */
export function valueSchemaProblem(schema: unknown): string | undefined {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return 'must be an object';
  try {
    compileValueSchema(schema);
    return undefined;
  } catch (error) {
    return `must be a JSON Schema (2020-12): ${(error as Error).message}`;
  }
}

/** Loads ajv only here: most projects have no schema, and a server without one starts faster and needs less memory. */
function ajvForValues(): Ajv2020 {
  const load = createRequire(import.meta.url);
  const ajv: Ajv2020 = new (load('ajv/dist/2020.js').Ajv2020)({
    strictTypes: false,
    strictTuples: false,
    allowUnionTypes: true,
    ownProperties: true,
    logger: false,
    code: { regExp: Object.assign(linearPattern, { code: 'linearPattern' }) as never },
  });
  (load('ajv-formats') as typeof Formats).default(ajv);
  // Its pattern takes quadratic time, and it is not a format of JSON Schema, as `uri` is.
  delete ajv.formats.url;
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    validate: uniqueItems,
    errors: false,
  });
  return ajv;
}

/** Linear; the implementation of ajv compares every item with every other. */
function uniqueItems(required: boolean, items: readonly unknown[]): boolean {
  return !required || new Set(items.map(canonical)).size === items.length;
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

function toMistake({ instancePath, message, schemaPath }: ErrorObject): ValueMistake {
  return { path: instancePath, message: message ?? 'is not allowed', schema_path: schemaPath };
}
