/** Control characters, separators of lines, and what turns the direction of the text around it. */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** A key with marks for what cannot be seen, such as line breaks. */
export function visible(key: string): string {
  if (key === '') return '(the prefix itself)';
  return key.replaceAll(UNSEEN, (char) => {
    const code = char.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? '␡' : `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
  });
}
