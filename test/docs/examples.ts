import { spawn } from 'node:child_process';

/** A block of shell in a page, and the block with its answer, if one follows. */
export interface Example {
  readonly command: string;
  /** The kind of the answer: json, http or text. */
  readonly kind: string | undefined;
  readonly answer: string;
  /** Where the answer stands in the page. */
  readonly from: number;
  readonly to: number;
}

const FENCED = /^```sh\n([\s\S]*?)^```\n(?:\n```(json|http|text)\n([\s\S]*?)```\n)?/gm;

const KEY = /pkv_[\w-]+/g;

/** The headers that pages show. */
const SHOWN =
  /^(Content-Type|Content-Disposition|ETag|Last-Modified|Cache-Control|KV-\w+|Link|Location|Allow|Retry-After):/i;

export function examplesOf(page: string): Example[] {
  return [...page.matchAll(FENCED)].map((match) => {
    const [all, command = '', kind, answer = ''] = match;
    const to = match.index + all.length - '```\n'.length;
    return { command, kind, answer, from: to - answer.length, to };
  });
}

/** What each example answers, all run by one shell, as the page shows it. */
export async function answersOf(
  examples: readonly Example[],
  variables: Readonly<Record<string, string>>,
  cwd: string,
): Promise<string[]> {
  const end = '\u0001';
  const script = examples.map(({ command }) => `${command}printf '${end}'`).join('\n');
  const { PATH, HOME } = process.env;
  const shell = spawn('bash', ['-u', '-c', script], {
    cwd,
    env: { PATH, HOME, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, errors] = await Promise.all([textOf(shell.stdout), textOf(shell.stderr)]);
  if (errors !== '') throw new Error(errors);
  const outputs = out.split(end).slice(0, -1);
  if (outputs.length !== examples.length) throw new Error(`${outputs.length} of ${examples.length} examples ran`);
  return outputs.map((output, i) => shown(examples[i]?.kind, output));
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}

function shown(kind: string | undefined, output: string): string {
  switch (kind) {
    case 'json':
      return `${JSON.stringify(JSON.parse(output), null, 2)}\n`;
    case 'http': {
      const [head = '', body = ''] = output.split('\r\n\r\n');
      const [status = '', ...headers] = head.split('\r\n');
      const lines = [status, ...headers.filter((line) => SHOWN.test(line))];
      return `${lines.join('\n')}\n${body === '' ? '' : `\n${body.trimEnd()}\n`}`;
    }
    case 'text':
      return `${output.trimEnd()}\n`;
    default:
      return '';
  }
}

/** An answer without what differs from run to run, however its JSON is laid out. */
export function masked(kind: string | undefined, answer: string): string {
  const text = kind === 'json' && answer !== '' ? JSON.stringify(JSON.parse(answer), null, 2) : answer;
  return text
    .replaceAll(/"(\w+_at|\w+_usage_bytes|uptime|pause_ms|number_of_projects)": ?[\d.]+/g, '"$1": 0')
    .replaceAll(/"time": ?[\d.]+/g, '"time": 0')
    .replaceAll(/"(who|request_id)": ?"[^"]*"/g, '"$1": "…"')
    .replaceAll(/"address": ?"http:[^"]*"/g, '"address": "…"')
    .replaceAll(/"version": ?"[^"]*"/g, '"version": "…"')
    .replaceAll(/"since": ?"[^"]*"/g, '"since": "…"')
    .replaceAll(/^id: .*$/gm, 'id: …')
    .replaceAll(/"id": ?"[0-9a-z]{12}"/g, '"id": "…"')
    .replaceAll(/"id": ?"[a-z2-7]{8}"/g, '"id": "…"')
    .replaceAll(/API key '[a-z2-7]{8}'/g, "API key '…'")
    .replaceAll(/\\"[0-9a-z]{10}\\"/g, '\\"…\\"')
    .replaceAll(KEY, 'pkv_…')
    .replaceAll(/\d{8}-\d{6}-\d{3}/g, '…')
    .replaceAll(/"sha256": ?"[0-9a-f]{64}"/g, '"sha256": "…"')
    .replaceAll(/"bytes": ?\d+/g, '"bytes": 0')
    .replaceAll(/migrations\/\w+/g, 'migrations/…')
    .replaceAll(/Migration '\w+'/g, "Migration '…'")
    .replaceAll(/^(ETag|Last-Modified|KV-\w+): .*$/gm, '$1: …');
}

/** The page with its answers as they are now; what differs only in what is masked stays. */
export function filled(page: string, examples: readonly Example[], answers: readonly string[]): string {
  return examples.reduceRight((text, { kind, answer, from, to }, i) => {
    const now = answers[i] ?? '';
    if (kind === undefined || masked(kind, now) === masked(kind, answer)) return text;
    return text.slice(0, from) + now.replaceAll(KEY, 'pkv_…') + text.slice(to);
  }, page);
}
