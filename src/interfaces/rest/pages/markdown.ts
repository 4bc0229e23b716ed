const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** What a page has around its text, as HTML. */
export interface PageFrame {
  /** Elements of `head`. */
  readonly head: string;
  /** What comes before the text. */
  readonly header: string;
}

/** Renders our own documentation as HTML: headings, paragraphs, lists, code, bold. A heading's id is its text. */
export function renderMarkdown(title: string, markdown: string, { head, header }: PageFrame): string {
  const blocks = markdown.split(/\n{2,}/).map(renderBlock);
  return [
    `<!doctype html>\n<html lang="en">\n<head>\n${head}\n<title>${title}</title>\n</head>\n<body>`,
    `${header}\n<main class="page">`,
    ...blocks,
    '</main>\n</body>\n</html>\n',
  ].join('\n');
}

function renderBlock(block: string): string {
  const [, marks = '', heading = ''] = /^(#{1,6}) (.*)$/.exec(block.trim()) ?? [];
  if (marks !== '') {
    const text = heading.replaceAll('`', '');
    return `<h${marks.length} id="${escapeHtml(text)}">${escapeHtml(text)}</h${marks.length}>`;
  }
  if (block.startsWith('- ')) {
    const items = block.split(/\n(?=- )/).map((item) => `<li>${renderInline(item.slice(2))}</li>`);
    return `<ul>${items.join('')}</ul>`;
  }
  return `<p>${renderInline(block)}</p>`;
}

function renderInline(text: string): string {
  return escapeHtml(text)
    .replaceAll(/`([^`]+)`/g, '<code>$1</code>')
    .replaceAll(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>');
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => ESCAPES[character] ?? '');
}
