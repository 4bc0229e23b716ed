import { createRequire } from 'node:module';
import type { Ajv2020, ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { AppError } from '../../domain/errors.js';
import { parseControl } from './control-json.js';

let loaded: Ajv2020 | undefined;

/** Loaded with the first body that needs it: a server that only stores values starts sooner and stays smaller. */
function ajv(): Ajv2020 {
  if (loaded === undefined) {
    const { Ajv2020 } = createRequire(import.meta.url)('ajv/dist/2020.js');
    loaded = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, verbose: true }) as Ajv2020;
  }
  return loaded;
}

/** Reads bodies of one kind; the schema is the one that the OpenAPI document shows. */
export interface BodyReader<T> {
  readonly schema: object;
  /** Throws `invalid`, naming every mistake with its path. */
  read(body: Buffer): T;
}

/** Members whose name is in `verbatim` are kept as `JsonText`; the schema must take anything for them. */
export function bodyReader<T>(schema: object, verbatim?: ReadonlySet<string>): BodyReader<T> {
  let validate: ValidateFunction<T> | undefined;
  return {
    schema,
    read: (body) => {
      const value = parseControl(body, verbatim);
      validate ??= ajv().compile<T>(schema);
      if (validate(value)) return value;
      const errors = (validate.errors ?? []).map(mistake);
      throw new AppError('invalid', errors.map(({ path, message }) => `${path}: ${message}`).join('; '), {
        details: { path: errors[0]?.path, errors },
      });
    },
  };
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
