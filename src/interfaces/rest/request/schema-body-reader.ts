import { createRequire } from 'node:module';
import type { Ajv2020, ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { readOutline } from '../../../domain/json/outline.js';
import { type BodyMistake, isExplained, notThis, requireNoMistakes } from './body-mistakes.js';
import { jsonBodyOutline } from './json-body.js';

const loaded = new Map<boolean, Ajv2020>();

/** Loaded for the first body that needs it: a server that only stores values starts sooner and needs less memory. */
function ajv(allErrors: boolean): Ajv2020 {
  const known = loaded.get(allErrors);
  if (known !== undefined) return known;
  const { Ajv2020 } = createRequire(import.meta.url)('ajv/dist/2020.js');
  const made: Ajv2020 = new Ajv2020({ allErrors, strict: true, allowUnionTypes: true, verbose: true });
  loaded.set(allErrors, made);
  return made;
}

/**
 * Reads bodies that are large or nested, by JSON Schema. Members whose name is in `verbatim` are kept as `JsonText`;
 * the schema must allow anything for them. Throws `invalid` with the path of each mistake.
 */
export function schemaBodyReader<T>(schema: object, verbatim: ReadonlySet<string>): (body: Buffer) => T {
  let validate: ValidateFunction<T> | undefined;
  let explain: ValidateFunction<T> | undefined;
  return (body) => {
    const outline = jsonBodyOutline(body, verbatim);
    const value: unknown = JSON.parse(outline.text);
    validate ??= ajv(false).compile<T>(schema);
    if (!validate(value)) {
      explain ??= ajv(true).compile<T>(schema);
      if (isExplained(body)) explain(value);
      requireNoMistakes(body, mistakesOf((isExplained(body) ? explain : validate).errors ?? []));
    }
    return outline.values.length === 0 ? (value as T) : (readOutline(outline, verbatim) as T);
  };
}

function* mistakesOf(errors: readonly ErrorObject[]): Generator<BodyMistake> {
  for (const error of errors) yield mistakeOf(error);
}

function mistakeOf({ instancePath, keyword, params, message, data, parentSchema }: ErrorObject): BodyMistake {
  const at = memberPath(instancePath);
  switch (keyword) {
    case 'additionalProperties':
      return { path: join(at, String(params.additionalProperty)), message: unknownMember(parentSchema) };
    case 'required':
      return { path: join(at, String(params.missingProperty)), message: 'is missing' };
    case 'const':
      return { path: at || 'body', message: `must be ${JSON.stringify(params.allowedValue)}${notThis(data)}` };
    case 'enum':
      return { path: at || 'body', message: `must be one of ${params.allowedValues.join(', ')}` };
    default:
      return { path: at || 'body', message: `${message}${notThis(data)}` };
  }
}

function unknownMember(schema: ErrorObject['parentSchema']): string {
  const known = Object.keys(schema?.properties ?? {});
  return known.length === 0 ? 'unknown member' : `unknown member (known here: ${known.join(', ')})`;
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
