import type { TestResponse, TestServer } from '../../harness/test-server.js';

/** What was acknowledged to the writers, and violations of promises. */
export interface WorkloadResult {
  readonly failures: string[];
  /** Acknowledged increments by key. */
  readonly counts: Map<string, number>;
  /** The last acknowledged value of each key that one writer owns; null if it was deleted. */
  readonly values: Map<string, string | null>;
  requests: number;
}

const WRITERS = 8;

/**
 * Runs eight writers with conditional puts, increments, transactions and short times to live, and readers that check,
 * until `stopped` returns true.
 */
export async function runWorkload(
  server: TestServer,
  project: string,
  key: string,
  stopped: () => boolean,
): Promise<WorkloadResult> {
  const result: WorkloadResult = { failures: [], counts: new Map(), values: new Map(), requests: 0 };
  const call = async (method: string, path: string, body?: string, headers: Record<string, string> = {}) => {
    result.requests += 1;
    const answer = await server.call(method, `${project}/${path}`, {
      key,
      ...(body === undefined ? {} : { body }),
      headers,
    });
    if (answer.status >= 500) result.failures.push(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer;
  };
  const write = async (writer: number) => {
    for (let round = 0; !stopped(); round++) {
      await increment(call, result, `count-${round % 3}`);
      await ownPut(call, result, `own-${writer}-${round % 20}`, `${writer}.${round}`);
      if (round % 5 === 0) await call('PUT', `store/short-${writer}-${round}?ttl=0.2`, 'gone soon');
      if (round % 7 === 0) await ownDelete(call, result, `own-${writer}-${round % 20}`);
      if (round % 3 === 0) await transfer(call, result, round);
      await compareAndSet(call, result, 'shared');
    }
  };
  const read = async () => {
    while (!stopped()) await checkSum(call, result);
  };
  await call('POST', 'transactions', JSON.stringify({ operations: [put('left', '1000'), put('right', '1000')] }));
  await Promise.all([...Array.from({ length: WRITERS }, (_, i) => write(i)), read(), read()]);
  return result;
}

type Api = (method: string, path: string, body?: string, headers?: Record<string, string>) => Promise<TestResponse>;

async function increment(call: Api, result: WorkloadResult, key: string): Promise<void> {
  const { status } = await call('POST', `store/${key}/increment`, '{"by":1}');
  if (status === 200) result.counts.set(key, (result.counts.get(key) ?? 0) + 1);
}

/** Only one writer writes this key, so the last acknowledged value must be there. */
async function ownPut(call: Api, result: WorkloadResult, key: string, value: string): Promise<void> {
  const before = await call('GET', `values/${key}`);
  const expected = result.values.get(key) ?? null;
  const seen = before.status === 200 ? before.text : null;
  if (seen !== expected) result.failures.push(`${key} is ${seen}, not ${expected}`);
  const condition: Record<string, string> =
    before.status === 200 ? { 'If-Match': before.headers.get('etag') ?? '' } : { 'If-None-Match': '*' };
  const { status, text } = await call('PUT', `values/${key}`, value, condition);
  if (status === 201 || status === 204) result.values.set(key, value);
  else result.failures.push(`conditional PUT of ${key}: ${status} ${text}`);
}

async function ownDelete(call: Api, result: WorkloadResult, key: string): Promise<void> {
  const { status } = await call('DELETE', `values/${key}`);
  if (status === 204) result.values.set(key, null);
}

async function compareAndSet(call: Api, result: WorkloadResult, key: string): Promise<void> {
  const before = await call('GET', `values/${key}`);
  const condition: Record<string, string> =
    before.status === 200 ? { 'If-Match': before.headers.get('etag') ?? '' } : { 'If-None-Match': '*' };
  const next = String(Number(before.status === 200 ? before.text : 0) + 1);
  const { status } = await call('PUT', `values/${key}`, next, condition);
  if (status === 201 || status === 204) result.counts.set(key, (result.counts.get(key) ?? 0) + 1);
}

async function transfer(call: Api, result: WorkloadResult, round: number): Promise<void> {
  const by = (round % 9) - 4;
  const operations = [{ increment: { key: 'left', by } }, { increment: { key: 'right', by: -by } }];
  const { status, text } = await call('POST', 'transactions', JSON.stringify({ operations }));
  if (status !== 200) result.failures.push(`transaction: ${status} ${text}`);
}

async function checkSum(call: Api, result: WorkloadResult): Promise<void> {
  const operations = [{ get: { key: 'left' } }, { get: { key: 'right' } }];
  const { status, json, text } = await call('POST', 'transactions', JSON.stringify({ operations }));
  if (status !== 200) result.failures.push(`read: ${status} ${text}`);
  else {
    const sum = json.data.results[0].value + json.data.results[1].value;
    if (sum !== 2000) result.failures.push(`half a transaction was seen: the sum is ${sum}`);
  }
}

function put(key: string, json: string) {
  return { put: { key, json: Number(json) } };
}

/** The differences between what was acknowledged and what the server has now. */
export async function differences(
  server: TestServer,
  project: string,
  key: string,
  result: WorkloadResult,
): Promise<string[]> {
  const wrong: string[] = [];
  for (const [name, count] of result.counts) {
    const { text } = await server.call('GET', `${project}/values/${name}`, { key });
    if (text !== String(count)) wrong.push(`${name} is ${text}, acknowledged were ${count}`);
  }
  for (const [name, value] of result.values) {
    const { status, text } = await server.call('GET', `${project}/values/${name}`, { key });
    const seen = status === 200 ? text : null;
    if (seen !== value) wrong.push(`${name} is ${seen}, acknowledged was ${value}`);
  }
  return wrong;
}
