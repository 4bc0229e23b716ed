import type { HttpResponse, RequestOptions } from '../../harness/http-client.js';
import type { Ledger, Outcome } from './ledger.js';
import { TimeoutError } from './server/server-process.js';

/** What a workload needs of a server. */
export interface RequestSender {
  send(method: string, path: string, sent?: RequestOptions): Promise<HttpResponse>;
}

/** One project under test, with its writes and what was wrong with its responses. */
export interface TrackedProject {
  readonly id: string;
  readonly ledger: Ledger;
  readonly wrong: string[];
}

let count = 0;

/** A value that shows if it was torn: its number, and as many letters as it states. */
export function nextValue(): string {
  count += 1;
  const length = count % 40 === 0 ? 20_000 : (count * 37) % 700;
  return `${count}:${length}:${'x'.repeat(length)}`;
}

/** Whether a value came back as `nextValue` made it. */
export function isWhole(value: string): boolean {
  const [, length = '', rest = ''] = value.split(':');
  return value.split(':').length === 3 && rest.length === Number(length);
}

/**
 * Runs writers that put, remove and commit pairs, each with keys of its own, until `stopped` or the connection breaks.
 */
export async function runWriters(
  target: RequestSender,
  tested: TrackedProject,
  writers: number,
  stopped: () => boolean,
): Promise<void> {
  await Promise.all(Array.from({ length: writers }, (_, writer) => writeAlone(target, tested, writer, stopped)));
}

async function writeAlone(
  target: RequestSender,
  tested: TrackedProject,
  writer: number,
  stopped: () => boolean,
): Promise<void> {
  for (let round = 0; !stopped(); round++) {
    const key = `own-${writer}-${Math.floor(Math.random() * 6)}`;
    const alive =
      round % 3 === 0
        ? await putPair(target, tested, `pair-${writer}`)
        : round % 7 === 0
          ? await writeKey(target, tested, 'DELETE', key, null)
          : await writeKey(target, tested, 'PUT', key, nextValue());
    if (!alive) return;
  }
}

/** Writes or removes a key; false if the connection broke. */
export async function writeKey(
  target: RequestSender,
  tested: TrackedProject,
  method: 'PUT' | 'DELETE',
  key: string,
  value: string | null,
): Promise<boolean> {
  const record = tested.ledger.begin(key, value);
  const sent = value === null ? {} : { body: value, headers: { 'content-type': 'text/plain' } };
  const answer = await ask(target, tested, method, `${tested.id}/values/${key}`, sent);
  if (answer === undefined) return false;
  // A missing key counts as removed.
  const outcome = method === 'DELETE' && answer.status === 404 ? 'done' : outcomeOf(tested, answer);
  record(outcome, outcome === 'done' ? answer.headers.etag : undefined);
  return true;
}

/** Writes two keys in one transaction, which must stay equal. */
async function putPair(target: RequestSender, tested: TrackedProject, key: string): Promise<boolean> {
  const text = nextValue();
  const records = [`${key}-left`, `${key}-right`].map((side) => tested.ledger.begin(side, text));
  const operations = [{ put: { key: `${key}-left`, text } }, { put: { key: `${key}-right`, text } }];
  const body = JSON.stringify({ operations });
  const headers = { 'content-type': 'application/json' };
  const answer = await ask(target, tested, 'POST', `${tested.id}/transactions`, { body, headers });
  if (answer === undefined) return false;
  const outcome = outcomeOf(tested, answer);
  records.forEach((record, i) => {
    record(outcome, outcome === 'done' ? `"${answer.json.data.results[i].version}"` : undefined);
  });
  return true;
}

async function ask(target: RequestSender, tested: TrackedProject, method: string, path: string, sent: RequestOptions) {
  try {
    return await target.send(method, path, sent);
  } catch (error) {
    if (error instanceof TimeoutError) tested.wrong.push(error.message);
    return undefined;
  }
}

function outcomeOf(tested: TrackedProject, { status, text }: HttpResponse): Outcome {
  if (status < 300) return 'done';
  if (status === 507 || (status === 503 && !text.includes('outcome_unknown'))) return 'refused';
  if (status !== 503) tested.wrong.push(`an answer ${status}: ${text}`);
  return 'unknown';
}

/** The content of the project; rejects if it is not served. Adds torn values and halves of pairs to `wrong`. */
export async function readAll(
  target: RequestSender,
  tested: Pick<TrackedProject, 'id' | 'wrong'>,
): Promise<Map<string, string>> {
  const { status, json, text } = await target.send('GET', `${tested.id}/store`);
  if (status !== 200) throw new Error(`${tested.id} is not served: ${status} ${text}`);
  const found = new Map<string, string>();
  for (const [key, item] of Object.entries(json.data)) found.set(key, String((item as { value: unknown }).value));
  tested.wrong.push(...tornValues(found));
  return found;
}

/** Values that are not whole, and pairs whose halves differ. */
export function tornValues(found: ReadonlyMap<string, string>): string[] {
  const wrong: string[] = [];
  for (const [key, value] of found) {
    if (!isWhole(value)) wrong.push(`${key} is torn: ${value.slice(0, 40)}`);
    const other = key.endsWith('-left') ? key.replace(/left$/, 'right') : undefined;
    if (other !== undefined && found.get(other) !== value) wrong.push(`half of a transaction: ${key}`);
  }
  return wrong;
}
