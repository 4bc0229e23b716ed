import fc from 'fast-check';

const TOKENS = ['{', '}', '[', ']', ',', ':', '"', '\\', '\\u00', '-', '0', '.', 'e+', '1E9', ' ', '\n', 'true', 'nul'];

/** JSON texts in several layouts. */
export const jsonTexts: fc.Arbitrary<string> = fc
  .tuple(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(undefined, 1, '\t', '\r\n '))
  .map(([value, space]) => JSON.stringify(value, null, space));

/** JSON texts with a few changes, of which many are still JSON. */
export const nearlyJson: fc.Arbitrary<string> = fc
  .tuple(
    jsonTexts,
    fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.oneof(fc.constantFrom(...TOKENS), fc.string({ maxLength: 2 }))), {
      maxLength: 3,
    }),
  )
  .map(([text, changes]) =>
    changes.reduce((changed, [place, removed, inserted]) => {
      const at = place % (changed.length + 1);
      return changed.slice(0, at) + inserted + changed.slice(at + removed);
    }, text),
  );

/** The result of `JSON.parse`; undefined if it fails. */
export function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
