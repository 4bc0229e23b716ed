import { createRequire } from 'node:module';
import type { Ajv2020, ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { AppError } from '../../../domain/errors.js';
import { outlineOf, readOutline } from '../../../domain/json/outline.js';
import { jsonBodyText } from './json-body.js';

/** The levels around a value that stays text, `{"operations": [{"put": {"json": …`, which are not its own. */
const LEVELS_AROUND = 4;

/** In a body of more bytes only the first mistake is named, else at most so many: whoever sends millions must not be told of each. */
const MAX_EXPLAINED = 64 * 1024;
const MAX_MISTAKES = 100;

/** Objects of a body that may be large, beside those in values: more are made than is good, and none that we read has as many. */
const MAX_OBJECTS = 10_000;

/** Of bodies without such members. */
const NONE: ReadonlySet<string> = new Set();

const loaded = new Map<boolean, Ajv2020>();

/** Loaded with the first body that needs it: a server that only stores values starts sooner and stays smaller. */
function ajv(allErrors: boolean): Ajv2020 {
  const known = loaded.get(allErrors);
  if (known !== undefined) return known;
  const { Ajv2020 } = createRequire(import.meta.url)('ajv/dist/2020.js');
  const made: Ajv2020 = new Ajv2020({ allErrors, strict: true, allowUnionTypes: true, verbose: true });
  loaded.set(allErrors, made);
  return made;
}

/** Reads bodies of one kind; the schema is the one that the OpenAPI document shows. */
export interface BodyReader<T> {
  readonly schema: object;
  /** Throws `invalid`, naming every mistake with its path, or of very many or in a large body the first. */
  read(body: Buffer): T;
}

/** Members whose name is in `verbatim` are kept as `JsonText`; the schema must take anything for them. */
export function bodyReader<T>(schema: object, verbatim: ReadonlySet<string> = NONE): BodyReader<T> {
  let validate: ValidateFunction<T> | undefined;
  let explain: ValidateFunction<T> | undefined;
  return {
    schema,
    read: (body) => {
      const outline = outlineOf(jsonBodyText(body, verbatim === NONE ? 0 : LEVELS_AROUND), verbatim);
      if (outline.objects > MAX_OBJECTS) throw tooManyObjects();
      const value: unknown = JSON.parse(outline.text);
      validate ??= ajv(false).compile<T>(schema);
      if (validate(value)) return outline.values.length === 0 ? value : (readOutline(outline, verbatim) as T);
      explain ??= ajv(true).compile<T>(schema);
      if (body.length <= MAX_EXPLAINED) explain(value);
      const found = (body.length <= MAX_EXPLAINED ? explain : validate).errors ?? [];
      const errors = found.slice(0, MAX_MISTAKES).map(mistake);
      throw new AppError('invalid', errors.map(({ path, message }) => `${path}: ${message}`).join('; '), {
        details: { path: errors[0]?.path, errors },
      });
    },
  };
}

function tooManyObjects(): AppError {
  return new AppError('invalid', `body: has more than ${MAX_OBJECTS} objects`, { details: { path: 'body' } });
}

function mistake({ instancePath, keyword, params, message, data }: ErrorObject): { path: string; message: string } {
  const at = memberPath(instancePath);
  switch (keyword) {
    case 'additionalProperties':
      return { path: join(at, String(params.additionalProperty)), message: 'unknown member' };
    case 'required':
      return { path: join(at, String(params.missingProperty)), message: 'is missing' };
    case 'enum':
      return { path: at || 'body', message: `must be one of ${params.allowedValues.join(', ')}` };
    default:
      return { path: at || 'body', message: `${message}${shown(data)}` };
  }
}

/** `/operations/2/put` as `operations[2].put`. */
function memberPath(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : join(path, part)), '');
}

function join(path: string, member: string): string {
  return path === '' ? member : `${path}.${member}`;
}

function shown(data: unknown): string {
  if (typeof data === 'object' && data !== null) return '';
  return `, not ${String(JSON.stringify(data)).slice(0, 100)}`;
}
