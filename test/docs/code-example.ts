/** The code below the comment in a page that names it. */
export function codeExample(page: string, name: string): string {
  const code = page.split(`<!-- example: ${name} -->\n\`\`\`ts\n`)[1]?.split('```')[0];
  if (code === undefined) throw new Error(`the page has no example ${name}`);
  return code;
}
