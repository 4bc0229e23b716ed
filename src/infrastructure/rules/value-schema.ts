import { createRequire } from 'node:module';
import type * as Ajv2020Module from 'ajv/dist/2020.js';
import type { Ajv2020, ErrorObject } from 'ajv/dist/2020.js';
import type { DataValidationCxt, FuncKeywordDefinition } from 'ajv/dist/types/index.js';
import type Formats from 'ajv-formats';
import { compareDecimals, decimalOf, isMultiple } from './decimal.js';
import { canonical, ExactNumbers, parseExactly } from './exact-numbers.js';
import { linearPattern } from './linear-pattern.js';

/** A mistake in a value: its place (JSON Pointer, empty for the whole value) and the keyword that it violates. */
export interface ValueMistake {
  readonly path: string;
  readonly message: string;
  readonly schema_path: string;
}

/** Returns the mistakes in JSON text that `isJson` accepts; none if the schema allows it. */
export type ValueSchema = (text: string) => readonly ValueMistake[];

/** One value of each type: a schema that refers only to itself recurses endlessly on one of them. */
const SAMPLES = [null, true, 0, '', [], {}];

/**
 * Compiles a JSON Schema (2020-12, known keywords and formats only, no references to other documents). Throws if it is
 * invalid. Patterns and `uniqueItems` take linear time, since clients choose the values. Numbers in values are compared
 * digit by digit, those in the schema are its shortest decimals in double precision.
 */
export function compileValueSchema(schema: object): ValueSchema {
  const checked: Checked = { numbers: NONE };
  const ajv = ajvForValues(checked);
  const validate = ajv.compile(schema);
  if ('$async' in validate) throw new Error('$async is not possible here');
  for (const sample of SAMPLES) validate(sample);
  return (text) => {
    const { value, numbers } = parseExactly(text);
    checked.numbers = numbers;
    try {
      return validate(value) ? [] : (validate.errors ?? []).map(toMistake);
    } finally {
      checked.numbers = NONE;
    }
  };
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
function ajvForValues(checked: Checked): Ajv2020 {
  const load = createRequire(import.meta.url);
  const { Ajv2020: Constructor, str } = load('ajv/dist/2020.js') as typeof Ajv2020Module;
  const ajv = new Constructor({
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
  for (const [keyword, { types, words, compile }] of Object.entries(keywordsFor(checked))) {
    ajv.removeKeyword(keyword);
    ajv.addKeyword({
      keyword,
      ...types,
      compile: compile as unknown as CompileKeywordFunc,
      errors: false,
      error: { message: ({ schemaCode }) => (words.endsWith(' ') ? str`${words}${schemaCode}` : words) },
    });
  }
  return ajv;
}

/** The value that is being checked. Validation is synchronous, so there is one at a time. */
interface Checked {
  numbers: ExactNumbers;
}

type CompileKeywordFunc = NonNullable<FuncKeywordDefinition['compile']>;

const NONE = new ExactNumbers();
const NUMBER = { type: 'number', schemaType: 'number' } as const;

/** Words that end with a space are followed by the member of the schema. */
interface Keyword {
  readonly types: { readonly type?: 'number' | 'array'; readonly schemaType?: 'number' | 'boolean' | 'array' };
  readonly words: string;
  readonly compile: (schema: never) => (value: never, place?: DataValidationCxt) => boolean;
}

/** Keywords of ajv that compare in double precision; its `uniqueItems` also compares every item with every other. */
function keywordsFor(checked: Checked): Readonly<Record<string, Keyword>> {
  const exactAt = (place?: DataValidationCxt) =>
    checked.numbers.get(place?.parentData, place?.parentDataProperty ?? '');
  const bound = (words: string, allows: (order: number) => boolean): Keyword => ({
    types: NUMBER,
    words,
    compile: (schema: number) => {
      const limit = decimalOf(`${schema}`);
      return (value: number, place) => {
        const exact = exactAt(place);
        return allows(exact === undefined ? value - schema : compareDecimals(exact, limit));
      };
    },
  });
  const multipleOf = (schema: number) => {
    const unit = decimalOf(`${schema}`);
    return (value: number, place?: DataValidationCxt) => isMultiple(exactAt(place) ?? decimalOf(`${value}`), unit);
  };
  const oneOf = (allowed: readonly unknown[]) => {
    const all = new Set(allowed.map((value) => canonical(value, NONE)));
    return (value: unknown, place?: DataValidationCxt) =>
      all.has(canonical(value, checked.numbers, place?.parentData, place?.parentDataProperty));
  };
  return {
    minimum: bound('must be >= ', (order) => order >= 0),
    maximum: bound('must be <= ', (order) => order <= 0),
    exclusiveMinimum: bound('must be > ', (order) => order > 0),
    exclusiveMaximum: bound('must be < ', (order) => order < 0),
    multipleOf: { types: NUMBER, words: 'must be multiple of ', compile: multipleOf },
    enum: { types: { schemaType: 'array' }, words: 'must be equal to one of the allowed values', compile: oneOf },
    const: { types: {}, words: 'must be equal to constant', compile: (schema: unknown) => oneOf([schema]) },
    uniqueItems: {
      types: { type: 'array', schemaType: 'boolean' },
      words: 'must NOT have duplicate items',
      compile: (required: boolean) => (items: readonly unknown[]) => {
        if (!required) return true;
        return new Set(items.map((item, i) => canonical(item, checked.numbers, items, i))).size === items.length;
      },
    },
  };
}

function toMistake({ instancePath, message, schemaPath }: ErrorObject): ValueMistake {
  return { path: instancePath, message: message ?? 'is not allowed', schema_path: schemaPath };
}
