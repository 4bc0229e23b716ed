/**
 * Codes of the characters in JSON text (RFC 8259): the same number as a byte of UTF-8 and as a UTF-16 code unit.
 * Two walkers use them: `bytes.ts` checks bytes from a socket or a file without making a string of them; `text.ts`
 * walks strings that were checked before, to cut and merge them. Hot loops destructure this object into constants of
 * their own module: V8 folds those, but loads an imported binding for each comparison, a third more time for `isJson`.
 */
export const CHARACTERS = {
  TAB: 0x09,
  LINE_FEED: 0x0a,
  CARRIAGE_RETURN: 0x0d,
  SPACE: 0x20,
  QUOTE: 0x22,
  PLUS: 0x2b,
  COMMA: 0x2c,
  MINUS: 0x2d,
  POINT: 0x2e,
  ZERO: 0x30,
  NINE: 0x39,
  COLON: 0x3a,
  CAPITAL_E: 0x45,
  CAPITAL_I: 0x49,
  CAPITAL_N: 0x4e,
  OPEN_BRACKET: 0x5b,
  BACKSLASH: 0x5c,
  CLOSE_BRACKET: 0x5d,
  SMALL_A: 0x61,
  SMALL_E: 0x65,
  SMALL_F: 0x66,
  SMALL_N: 0x6e,
  SMALL_T: 0x74,
  SMALL_U: 0x75,
  OPEN_BRACE: 0x7b,
  CLOSE_BRACE: 0x7d,
} as const;

const { TAB, LINE_FEED, CARRIAGE_RETURN, SPACE } = CHARACTERS;

/** Whether the code is JSON white space. */
export function isSpace(code: number | undefined): boolean {
  return code === SPACE || code === LINE_FEED || code === CARRIAGE_RETURN || code === TAB;
}
