import type { WireResponse } from '../../harness/wire-connection.js';

/** What only a bug reveals: a stack trace or a path of this program. */
const LEAK = /\n\s+at |node_modules|\.[jt]s:\d+|file:\/\//;

/** What is wrong with a response to any request, or undefined. `raw`: the body may be a stored value. */
export function problemWith(
  { status, headers, body }: WireResponse,
  raw: boolean,
  hasBody: boolean,
): string | undefined {
  if (status >= 500) return `status ${status}`;
  if (!headers.has('x-request-id')) return 'no X-Request-Id';
  if (headers.get('x-content-type-options') !== 'nosniff') return 'no X-Content-Type-Options';
  const type = headers.get('content-type') ?? '';
  if (/html|svg|xml/.test(type) && !raw && status >= 400) return `an error as ${type}`;
  if (/html/.test(type) && raw && !headers.has('content-disposition')) return `a value as ${type}`;
  if (headers.has('content-encoding') || !hasBody) return undefined;
  if (status >= 400) return problemWithError(status, type, body.toString());
  return type === 'application/json' && !raw && !isEnvelope(status, body) ? 'no envelope' : undefined;
}

function problemWithError(status: number, type: string, text: string): string | undefined {
  if (LEAK.test(text)) return 'it reveals too much';
  const shown = parsed(text) as
    | { status?: number; status_code?: number; code?: string; error?: { code?: string } }
    | undefined;
  if (type === 'application/problem+json') {
    return shown?.status === status && typeof shown.code === 'string' ? undefined : 'no problem details';
  }
  if (type !== 'application/json') return `an error as ${type}`;
  return shown?.status_code === status && typeof shown.error?.code === 'string' ? undefined : 'no envelope of an error';
}

function isEnvelope(status: number, body: Buffer): boolean {
  const shown = parsed(body.toString()) as { status_code?: number; openapi?: string } | undefined;
  return shown?.status_code === status || shown?.openapi !== undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
