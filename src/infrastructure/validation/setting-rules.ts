import { buildMessage, IsArray, IsIn, IsInt, IsObject, Max, Min, ValidateBy, ValidateIf } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

type SettingsClass = new () => object;

/** A member with settings of another class, or a list of such. */
export interface Section {
  readonly of: SettingsClass;
  readonly list: boolean;
}

const sections = new WeakMap<object, Map<string, Section>>();

/** The sections of a settings class by member name. */
export function sectionsOf(settings: SettingsClass): ReadonlyMap<string, Section> {
  const byName = new Map<string, Section>();
  for (let of: object | null = settings.prototype; of !== null; of = Object.getPrototypeOf(of)) {
    for (const [name, section] of sections.get(of) ?? []) byName.set(name, section);
  }
  return byName;
}

type MemberRule = (target: object, name: string) => void;

function all(...rules: MemberRule[]): MemberRule {
  return (target, name) => {
    for (const rule of rules) rule(target, name);
  };
}

function declare(section: Section): MemberRule {
  return (target, name) => {
    const declared = sections.get(target) ?? new Map<string, Section>();
    sections.set(target, declared.set(name, section));
  };
}

/** The member may be left out; `null` is a value like any other and must pass the other rules. */
export function Optional(): MemberRule {
  return ValidateIf((_, value) => value !== undefined);
}

/** The description that editors show for the member. */
export function Described(description: string, more: object = {}): MemberRule {
  return JSONSchema({ description, ...more });
}

/** Settings of the given class; may be left out. */
export function SectionOf(of: SettingsClass): MemberRule {
  return all(Optional(), RequiredSectionOf(of));
}

export function RequiredSectionOf(of: SettingsClass): MemberRule {
  return all(
    declare({ of, list: false }),
    IsObject({ message: 'must be an object' }),
    JSONSchema({ $ref: `#/definitions/${of.name}` }),
  );
}

/** A list of settings of the given class. */
export function ListOf(of: SettingsClass): MemberRule {
  return all(
    declare({ of, list: true }),
    Optional(),
    IsArray({ message: 'must be a list' }),
    JSONSchema({ items: { $ref: `#/definitions/${of.name}` } }),
  );
}

export function WholeNumber(min: number, max: number): MemberRule {
  const message = `must be a whole number from ${min} to ${max}`;
  return all(Max(max, { message }), Min(min, { message }), IsInt({ message }));
}

export function OneOf(choices: readonly (string | number)[]): MemberRule {
  return IsIn(choices, { message: `must be one of: ${choices.join(', ')}` });
}

/** A custom rule; `message` continues a sentence that begins with the value. */
export function Rule(name: string, message: string, isValid: (value: unknown) => boolean): MemberRule {
  return ValidateBy({ name, validator: { validate: isValid, defaultMessage: buildMessage(() => message) } });
}

/**
 * A rule whose `problemOf` returns what is wrong, to continue a sentence that begins with the value; undefined if the
 * value is valid.
 */
export function Valid(name: string, problemOf: (value: unknown) => string | undefined): MemberRule {
  return ValidateBy({
    name,
    validator: {
      validate: (value) => problemOf(value) === undefined,
      defaultMessage: (context) => problemOf(context?.value) ?? 'is not allowed',
    },
  });
}

/** A list of strings, each of which is valid. */
export function StringList(message: string, isValid: (value: string) => boolean): MemberRule {
  const isList = (value: unknown) =>
    Array.isArray(value) && value.every((item) => typeof item === 'string' && isValid(item));
  return Rule('stringList', message, isList);
}

/** The JSON Schema of a `StringList`, for `Described`. */
export const STRING_LIST = { type: 'array', items: { type: 'string' } };
