import { buildMessage, IsIn, ValidateBy, ValidateIf } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

type MemberRule = (target: object, name: string) => void;

/** The context of a rule about items: class-validator names the wrong list, and this finds its wrong items. */
export interface ItemRule {
  readonly holds: (item: unknown) => boolean;
}

/** Describes a member in the OpenAPI document. */
export function Described(description: string, more: object = {}): MemberRule {
  return JSONSchema({ description, ...more });
}

/** A member that may be left out. `IsOptional` would also accept `null`. */
export function Optional(): MemberRule {
  return ValidateIf((_, value) => value !== undefined);
}

/** A list of some of the choices. */
export function EachIn(choices: readonly string[]): MemberRule {
  const context: ItemRule = { holds: (item) => choices.some((choice) => choice === item) };
  return IsIn(choices, { each: true, message: `must be one of ${choices.join(', ')}`, context });
}

/** The name of the rule `Characters`, which its JSON Schema is derived from. */
export const CHARACTERS = 'characters';

/**
 * A string of `least` to `most` characters, counted in code points as JSON Schema does. `MinLength` and `MaxLength`
 * count a character and its variation selector as one.
 */
export function Characters(least: number, most: number): MemberRule {
  const problemOf = (value: unknown) => {
    if (typeof value !== 'string') return 'must be string';
    if (!hasCharacters(value, least)) return `must NOT have fewer than ${least} characters`;
    return hasCharacters(value, most + 1) ? `must NOT have more than ${most} characters` : undefined;
  };
  const validate = (value: unknown) => problemOf(value) === undefined;
  const defaultMessage = buildMessage((_, found) => problemOf(found?.value) ?? '');
  return ValidateBy({ name: CHARACTERS, constraints: [least, most], validator: { validate, defaultMessage } });
}

/** Whether the string has at least so many code points; counts only if its length does not decide. */
function hasCharacters(text: string, count: number): boolean {
  if (text.length >= 2 * count) return true;
  return text.length >= count && [...text].length >= count;
}
