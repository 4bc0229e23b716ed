import { createRequire } from 'node:module';
import type { Ajv2020, ErrorObject } from 'ajv/dist/2020.js';
import type Formats from 'ajv-formats';
import { linearPattern } from './linear-pattern.js';

/** A mistake in a value: where it stands (JSON Pointer, empty for the whole value) and the keyword that it offends. */
export interface ValueMistake {
  readonly path: string;
  readonly message: string;
  readonly schema_path: string;
}

/** Finds the mistakes in a parsed value; none where the schema allows it. */
export type ValueSchema = (value: unknown) => readonly ValueMistake[];

/** One of each kind: a schema that refers to nothing but itself recurses for ever on one of them. */
const SAMPLES = [null, true, 0, '', [], {}];

/**
 * Compiles a JSON Schema (2020-12, known keywords and formats only, nothing loaded from elsewhere). Throws on one that is wrong.
 * Every pattern takes linear time and so does `uniqueItems`, for clients choose what is checked.
 */
export function compileValueSchema(schema: object): ValueSchema {
  const ajv = ajvForValues();
  const validate = ajv.compile(schema);
  if ('$async' in validate) throw new Error('$async is not possible here');
  for (const sample of SAMPLES) validate(sample);
  return (value) => (validate(value) ? [] : (validate.errors ?? []).map(mistake));
}

/** What is wrong with a schema in the settings; undefined where nothing is. */
export function valueSchemaProblem(schema: unknown): string | undefined {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return 'must be an object';
  try {
    compileValueSchema(schema);
    return undefined;
  } catch (error) {
    return `must be a JSON Schema (2020-12): ${(error as Error).message}`;
  }
}

/** Loads ajv: most projects have no schema, and a server without one starts sooner and stays smaller. */
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
  // Its pattern takes quadratic time, and it is no format of JSON Schema; `uri` is.
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

/** Ajv's own compares every item with every other. */
function uniqueItems(wanted: boolean, items: readonly unknown[]): boolean {
  return !wanted || new Set(items.map(canonical)).size === items.length;
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

function mistake({ instancePath, message, schemaPath }: ErrorObject): ValueMistake {
  return { path: instancePath, message: message ?? 'is not allowed', schema_path: schemaPath };
}
