import { RE2JS } from 're2js';

/** A regular expression that takes time linear in the text, whatever the pattern. */
export interface LinearPattern {
  /** Whether it matches somewhere in the text. */
  test(text: string): boolean;
  /** The pattern; ajv uses it to identify compiled patterns. */
  toString(): string;
}

/**
 * Compiles a pattern in the syntax of JSON Schema. Throws if it has something that cannot be matched in linear time,
 * such as look-ahead and back-references.
 */
export function linearPattern(pattern: string): LinearPattern {
  const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
  return { test: (text) => compiled.test(text), toString: () => pattern };
}

/** What is wrong with a pattern in RE2 syntax; undefined if it is valid. */
export function re2Problem(pattern: unknown): string | undefined {
  const rule = 'must be a regular expression in RE2 syntax';
  if (typeof pattern !== 'string') return rule;
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    return `${rule}: ${(error as Error).message}`;
  }
}
