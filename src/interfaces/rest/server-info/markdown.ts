const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** A page of our own documentation, of headings, paragraphs, lists and code, as HTML. Headings can be linked to by their text. */
export function renderMarkdown(title: string, markdown: string): string {
  const blocks = markdown.split(/\n{2,}/).map(blockOf);
  return [
    `<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>${title}</title>\n</head>\n<body>`,
    ...blocks,
    '</body>\n</html>\n',
  ].join('\n');
}

function blockOf(block: string): string {
  const [, marks = '', heading = ''] = /^(#{1,6}) (.*)$/.exec(block.trim()) ?? [];
  if (marks !== '') {
    const text = heading.replaceAll('`', '');
    return `<h${marks.length} id="${escaped(text)}">${escaped(text)}</h${marks.length}>`;
  }
  if (block.startsWith('- ')) {
    const items = block.split(/\n(?=- )/).map((item) => `<li>${inline(item.slice(2))}</li>`);
    return `<ul>${items.join('')}</ul>`;
  }
  return `<p>${inline(block)}</p>`;
}

function inline(text: string): string {
  return escaped(text)
    .replaceAll(/`([^`]+)`/g, '<code>$1</code>')
    .replaceAll(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>');
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => ESCAPES[character] ?? '');
}
