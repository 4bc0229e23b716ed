/** The code below the comment in a page that names it. */
export function codeExample(page: string, name: string): string {
  const [, code] = /^```(?:ts|js)\n([\s\S]*?)```/.exec(page.split(`<!-- example: ${name} -->\n`)[1] ?? '') ?? [];
  if (code === undefined) throw new Error(`the page has no example ${name}`);
  return code;
}
