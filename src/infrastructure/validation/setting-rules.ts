import { buildMessage, IsArray, IsIn, IsInt, IsObject, Max, Min, ValidateBy, ValidateIf } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

type SettingsClass = new () => object;

/** A member that holds settings of another class, or a list of such. */
export interface Section {
  readonly of: SettingsClass;
  readonly list: boolean;
}

const sections = new WeakMap<object, Map<string, Section>>();

/** The sections of a settings class by member name. */
export function sectionsOf(settings: SettingsClass): ReadonlyMap<string, Section> {
  const found = new Map<string, Section>();
  for (let of: object | null = settings.prototype; of !== null; of = Object.getPrototypeOf(of)) {
    for (const [name, section] of sections.get(of) ?? []) found.set(name, section);
  }
  return found;
}

type MemberRule = (target: object, name: string) => void;

function all(...rules: MemberRule[]): MemberRule {
  return (target, name) => {
    for (const rule of rules) rule(target, name);
  };
}

function declare(section: Section): MemberRule {
  return (target, name) => {
    const known = sections.get(target) ?? new Map<string, Section>();
    sections.set(target, known.set(name, section));
  };
}

/** May be left out; `null` is a value like any other and has to pass the other rules. */
export function Optional(): MemberRule {
  return ValidateIf((_, value) => value !== undefined);
}

/** What editors show beside the member. */
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

export function WholeNumber(least: number, most: number): MemberRule {
  const message = `must be a whole number from ${least} to ${most}`;
  return all(Max(most, { message }), Min(least, { message }), IsInt({ message }));
}

export function OneOf(choices: readonly (string | number)[]): MemberRule {
  return IsIn(choices, { message: `must be one of: ${choices.join(', ')}` });
}

/** A rule of one's own; `must` completes the sentence that the value begins. */
export function Rule(name: string, must: string, holds: (value: unknown) => boolean): MemberRule {
  return ValidateBy({ name, validator: { validate: holds, defaultMessage: buildMessage(() => must) } });
}

/** A rule that says itself what is wrong, completing the sentence that the value begins; undefined where it holds. */
export function Sound(name: string, problemOf: (value: unknown) => string | undefined): MemberRule {
  return ValidateBy({
    name,
    validator: {
      validate: (value) => problemOf(value) === undefined,
      defaultMessage: (found) => problemOf(found?.value) ?? 'is not allowed',
    },
  });
}

/** A list of strings, each of which the rule allows. */
export function StringList(must: string, holds: (value: string) => boolean): MemberRule {
  const isList = (value: unknown) =>
    Array.isArray(value) && value.every((item) => typeof item === 'string' && holds(item));
  return Rule('stringList', must, isList);
}

/** What `Described` needs to know of a `StringList`. */
export const STRING_LIST = { type: 'array', items: { type: 'string' } };
