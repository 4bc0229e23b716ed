import { createRequire } from 'node:module';
import type { plainToInstance } from 'class-transformer';
import { getMetadataStorage, type ValidationError, validateSync } from 'class-validator';
import { JsonText, readOutline } from '../../../domain/json/outline.js';
import { type BodyMistake, notThis, requireNoMistakes } from './body-mistakes.js';
import type { ItemRule } from './body-rules.js';
import { jsonBodyOutline } from './json-body.js';

type BodyClass<T> = new () => T;

/** For bodies whose members are all parsed. */
const NONE: ReadonlySet<string> = new Set();
const RULES = { forbidUnknownValues: false, stopAtFirstError: true, validationError: { target: false } };

let transform: typeof plainToInstance | undefined;

/** Loaded for the first body that needs it: a server that only stores values starts sooner and needs less memory. */
function toInstance<T extends object>(of: BodyClass<T>, members: object): T {
  transform ??= createRequire(import.meta.url)('class-transformer').plainToInstance as typeof plainToInstance;
  return transform(of, members);
}

/**
 * Reads bodies as instances of a class whose members are strings, numbers, null or lists of those. Members named in
 * `verbatim` are kept as `JsonText`. Throws `invalid` with the path of each mistake: members that are missing, then
 * unknown ones, then wrong ones.
 */
export function classBodyReader<T extends object>(of: BodyClass<T>, verbatim = NONE): (body: Buffer) => T {
  let names: ReadonlySet<string> | undefined;
  return (body) => {
    const plain = readOutline(jsonBodyOutline(body, verbatim), verbatim);
    if (typeof plain !== 'object' || plain === null || Array.isArray(plain)) {
      requireNoMistakes(body, [{ path: 'body', message: `must be object${notThis(plain)}` }]);
    }
    names ??= memberNames(of);
    const instance = toInstance(of, withoutObjects(plain as object, names));
    requireNoMistakes(body, mistakesIn(plain as object, names, validateSync(instance, RULES)));
    return instance;
  };
}

function memberNames(of: BodyClass<object>): ReadonlySet<string> {
  const rules = getMetadataStorage().getTargetValidationMetadatas(of, '', false, false);
  return new Set(rules.map((rule) => rule.propertyName));
}

/**
 * The known members, with an empty object in place of each object. class-transformer leaves out members named
 * `__proto__` or `constructor`, and would call the `constructor` member of an object inside a body.
 */
function withoutObjects(plain: object, names: ReadonlySet<string>): object {
  const members: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(plain)) {
    if (names.has(name)) members[name] = Array.isArray(value) ? value.map(emptyIfObject) : emptyIfObject(value);
  }
  return members;
}

function emptyIfObject(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !(value instanceof JsonText) ? {} : value;
}

function* mistakesIn(
  plain: object,
  names: ReadonlySet<string>,
  errors: readonly ValidationError[],
): Generator<BodyMistake> {
  // JSON has no undefined: an undefined member was not sent.
  for (const { property, value } of errors) if (value === undefined) yield { path: property, message: 'is missing' };
  for (const name of Object.keys(plain)) if (!names.has(name)) yield { path: name, message: 'unknown member' };
  for (const error of errors) if (error.value !== undefined) yield* mistakesOfMember(error);
}

function* mistakesOfMember({ property, value, constraints, contexts }: ValidationError): Generator<BodyMistake> {
  const [message = 'is not allowed'] = Object.values(constraints ?? {});
  const [rule]: ItemRule[] = Object.values(contexts ?? {});
  if (rule === undefined) yield { path: property, message: `${message}${notThis(value)}` };
  else for (const [i, item] of value.entries()) if (!rule.holds(item)) yield { path: `${property}[${i}]`, message };
}
