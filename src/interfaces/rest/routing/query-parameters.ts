import { AppError } from '../../../domain/errors.js';
import { keyProblem } from '../../../domain/key.js';

/** How a query parameter is parsed, and how the OpenAPI document describes it. */
export interface Parameter<T> {
  parse(text: string, name: string): T;
  /** With `examples`. */
  readonly schema: object;
  readonly description: string;
  /** Whether it may be given several times. */
  readonly list?: true;
}

export type Parameters = Readonly<Record<string, Parameter<unknown>>>;

export type ParameterValues<P extends Parameters> = {
  readonly [K in keyof P]?: P[K] extends Parameter<infer T> ? (P[K] extends { list: true } ? readonly T[] : T) : never;
};

export function text(description: string, example?: string): Parameter<string> {
  return { description, schema: { type: 'string', ...examples(example) }, parse: (value) => value };
}

export function nonEmptyText(description: string, example?: string): Parameter<string> {
  return {
    description,
    schema: { type: 'string', minLength: 1, ...examples(example) },
    parse: (value, name) => (value === '' ? refuse(name, value, 'must not be empty') : value),
  };
}

export function keys(description: string): Parameter<string> & { readonly list: true } {
  return {
    description,
    schema: { type: 'string', minLength: 1, maxLength: 512, ...examples('greeting') },
    parse: (value, name) => {
      const problem = keyProblem(value);
      return problem === undefined ? value : refuse(name, value, problem);
    },
    list: true,
  };
}

export function integer(description: string, minimum: number, maximum: number): Parameter<number> {
  return {
    description,
    schema: { type: 'integer', minimum, maximum, ...examples(maximum) },
    parse: (value, name) => {
      const number = /^[0-9]{1,15}$/.test(value) ? Number(value) : Number.NaN;
      return number >= minimum && number <= maximum
        ? number
        : refuse(name, value, `must be an integer from ${minimum} to ${maximum}`);
    },
  };
}

/** A number of seconds above 0, with or without a fraction. */
export function seconds(description: string, example?: number): Parameter<number> {
  return {
    description,
    schema: { type: 'number', exclusiveMinimum: 0, ...examples(example) },
    parse: (value, name) => {
      const number = decimalOf(value);
      return number > 0 ? number : refuse(name, value, 'must be a number of seconds above 0');
    },
  };
}

export function number(description: string, minimum: number, maximum: number): Parameter<number> {
  return {
    description,
    schema: { type: 'number', minimum, maximum, ...examples(maximum) },
    parse: (value, name) => {
      const number = decimalOf(value);
      return number >= minimum && number <= maximum
        ? number
        : refuse(name, value, `must be a number from ${minimum} to ${maximum}`);
    },
  };
}

export function oneOf<const T extends string>(description: string, values: readonly T[]): Parameter<T> {
  return {
    description,
    schema: { type: 'string', enum: values, ...examples(values[0]) },
    parse: (value, name) => {
      const found = values.find((known) => known === value);
      return found ?? refuse(name, value, `must be one of ${values.join(', ')}`);
    },
  };
}

export function flag(description: string): Parameter<boolean> {
  return {
    description,
    schema: { type: 'boolean', ...examples(true) },
    parse: (value, name) => {
      if (value === 'true' || value === '1' || value === '') return true;
      return value === 'false' || value === '0' ? false : refuse(name, value, 'must be true or false');
    },
  };
}

/** The number of a text of digits with or without a fraction; NaN for anything else. */
export function decimalOf(text: string): number {
  return /^[0-9]{1,15}(\.[0-9]+)?$/.test(text) ? Number(text) : Number.NaN;
}

function examples(example: unknown): object {
  return example === undefined ? {} : { examples: [example] };
}

const NONE = {};

/** Parses a raw query string by the parameters of a route. Throws `invalid`, naming the wrong parameter and why. */
export function parseQuery<P extends Parameters>(known: P, query: string): ParameterValues<P> {
  if (query === '') return NONE as ParameterValues<P>;
  const values: Record<string, unknown> = {};
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    const name = decode(at < 0 ? pair : pair.slice(0, at));
    const parameter = Object.hasOwn(known, name) ? known[name] : undefined;
    if (parameter === undefined) {
      const names = Object.keys(known);
      const hint = names.length === 0 ? 'this route takes none' : `known here: ${names.join(', ')}`;
      throw new AppError('invalid', `unknown query parameter "${name}"; ${hint}`, { details: { parameter: name } });
    }
    const value = parameter.parse(at < 0 ? '' : decode(pair.slice(at + 1)), name);
    if (parameter.list) values[name] = [...((values[name] as unknown[] | undefined) ?? []), value];
    else if (Object.hasOwn(values, name))
      throw new AppError('invalid', `query parameter "${name}" must be given only once`, {
        details: { parameter: name },
      });
    else values[name] = value;
  }
  return values as ParameterValues<P>;
}

/** Decodes a part of a form or query. Throws `invalid` for a bad percent escape or bytes that are no UTF-8. */
export function decode(part: string): string {
  try {
    return decodeURIComponent(part.replaceAll('+', ' '));
  } catch {
    throw new AppError('invalid', `"${part.slice(0, 100)}" is not percent-encoded UTF-8`);
  }
}

function refuse(name: string, value: string, why: string): never {
  throw new AppError('invalid', `query parameter "${name}" ${why}, not "${value.slice(0, 100)}"`, {
    details: { parameter: name },
  });
}
