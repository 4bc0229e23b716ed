/** Stands for code between pieces of prose, so that no phrase reaches across it. */
const CODE = '\u0000';

/** Tokens that contain prose, or look as if they did. A string ends on its line; a template literal need not. */
const TOKENS = new RegExp(
  [
    String.raw`(?<block>\/\*[\s\S]*?\*\/)`,
    String.raw`(?<line>\/\/[^\n]*(?:\n[ \t]*\/\/[^\n]*)*)`,
    String.raw`(?<text>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|\x60(?:\\[\s\S]|[^\x60\\])*\x60)`,
    // A slash begins a regular expression only at the place of an operand; elsewhere it divides.
    String.raw`(?<=(?:^|[(,=:[!&|?{};\n]|=>|return|case)[ \t]*)` +
      String.raw`(?<pattern>\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/)`,
  ].join('|'),
  'g',
);

/** The marks of a block comment, but for its end. */
const MARGIN = /^[ \t]*\*(?!\/)|\/\*+/gm;

/**
 * The comments, test titles and messages of a source file, in a text of the same length with everything else blanked
 * out. A title or message is a string of three words or more. Line breaks stay, so that an offset gives the line.
 */
export function proseOfSource(source: string): string {
  let prose = '';
  let from = 0;
  for (const { 0: token, groups = {}, index } of source.matchAll(TOKENS)) {
    prose += blank(source.slice(from, index)) + proseOf(token, groups);
    from = index + token.length;
  }
  return prose + blank(source.slice(from));
}

function proseOf(token: string, { block, line, text }: Readonly<Record<string, string | undefined>>): string {
  // A full stop instead of the end: the next comment is another sentence.
  if (block !== undefined) return withoutMarks(token.replaceAll(MARGIN, spaces).replace('*/', '. '));
  if (line !== undefined) return withoutMarks(token.replaceAll(/\/\/+/g, spaces));
  if (text === undefined || text.split(' ').length < 3) return blank(token);
  return ` ${withoutMarks(text.slice(1, -1).replaceAll(/\$\{[^{}]*\}/g, blank))} `;
}

/** A page in Markdown without its code, of the same length. */
export function proseOfPage(page: string): string {
  return withoutMarks(page.replaceAll(/^```[\s\S]*?^```$/gm, blank));
}

/** Without the inline code. */
const withoutMarks = (text: string) => text.replaceAll(/`[^`\n]*`/g, (code) => '`'.repeat(code.length));
const blank = (code: string) => code.replaceAll(/\S/g, CODE);
const spaces = (marks: string) => ' '.repeat(marks.length);
