import { expect } from 'chai';
import type { HttpResponse } from '../../../harness/http-client.js';
import type { MovableClock } from '../../../harness/movable-clock.js';
import type { TestProject } from '../../../harness/test-project.js';
import { type Expiry, type ModelOperation, type ModelOutcome, parsed, StoreModel } from './store-model.js';

const KEYS = ['a', 'b', 'p/1', 'p/2', 'p/2/x', 'p', '..', 'é/ü', '😀', '\uffff', '__proto__', 'a b&c'];
const TYPES = ['application/json', 'text/plain', 'application/vnd.a+json'];
const TEXT = 'text/plain; charset=utf-8';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const JSON_TYPE = { 'content-type': 'application/json' };
const START = 1_900_000_000_000;

/** Runs the same random steps on a project and on a model of it, and compares the results. */
export class ModelRun {
  readonly #model = new StoreModel(START);
  readonly #tags: string[] = ['0'];
  readonly #random: () => number;
  #highest = 0;

  constructor(
    readonly project: TestProject,
    readonly clock: MovableClock,
    seed: number,
  ) {
    this.#random = randomOf(seed);
    clock.at = START;
  }

  async step(): Promise<void> {
    if (this.#chance(0.3)) this.#model.now = this.clock.at = this.#model.now + this.#below(1500);
    const steps = [this.#read, this.#read, this.#write, this.#write, this.#write, this.#transaction, this.#list];
    const rare = [this.#form, this.#latest, this.#removal, this.#whole];
    await this.#one(this.#chance(0.15) ? rare : steps).call(this);
  }

  /** Compares everything. */
  async #whole(): Promise<void> {
    const { json } = await this.project.send('GET', 'store');
    expect(new Set(Object.keys(json.data))).to.deep.equal(new Set(this.#model.keys()));
    for (const [key, item] of Object.entries(json.data)) this.#isItem(key, item, 'simple');
  }

  async #read(): Promise<void> {
    const key = this.#one(KEYS);
    const entry = this.#model.get(key);
    const { headers, holds, failed } = this.#conditions(key);
    const route = this.#one(this.#routes(key));
    const answer = await this.project.send(this.#chance(0.8) ? 'GET' : 'HEAD', route, { headers });
    if (entry === undefined) expect(answer.status).to.equal(404);
    else if (!holds) expect(answer.status).to.equal(failed === 'if-match' ? 412 : 304);
    else {
      expect([answer.status, answer.headers.etag]).to.deep.equal([200, `"${entry.version}"`]);
      if (answer.bytes.length === 0) return;
      if (route.startsWith('store/') && !route.endsWith('/value')) this.#isItem(key, answer.json.data, 'simple');
      else expect(answer.text).to.equal(entry.value);
    }
  }

  async #write(): Promise<void> {
    const operation = this.#operation(this.#one(KEYS));
    const { key } = operation;
    if (operation.do === 'get') return;
    const { headers, holds } = this.#conditions(key);
    const answer = await this.#send(operation, headers);
    const missing = operation.do === 'delete' && this.#model.get(key) === undefined;
    const outcome = missing ? 404 : holds ? this.#model.outcome(operation) : 412;
    const context = JSON.stringify([operation, headers, answer.text]);
    if (typeof outcome === 'number') expect(answer.status, context).to.equal(outcome);
    else {
      expect(answer.status, context).to.be.oneOf([200, 201, 204]);
      if (answer.status !== 200) {
        const created = operation.do === 'put' && this.#model.get(key) === undefined;
        expect(answer.status, context).to.equal(created ? 201 : 204);
      }
      this.#take(key, outcome, String(answer.headers.etag).slice(1, -1));
    }
  }

  async #transaction(): Promise<void> {
    const operations = this.#some(KEYS, 5)
      .map((key) => this.#operation(key))
      .map(asInTransaction);
    const checks = this.#some(KEYS, 2).map((key) => this.#check(key));
    const failed = checks.flatMap(({ key, holds }, index) =>
      holds ? [] : [{ index, key, version: this.#model.get(key)?.version ?? null }],
    );
    const outcomes = operations.map((operation) => this.#model.outcome(operation));
    const refusal = outcomes.find((outcome) => typeof outcome === 'number');
    const { status, json, text } = await this.project.run({
      checks: checks.map(({ check }) => check),
      operations: operations.map((operation) => memberOf(operation)),
    });
    const context = JSON.stringify([operations, checks, text]);
    if (failed.length > 0) expect([status, json.error.failed], context).to.deep.equal([412, failed]);
    else if (refusal !== undefined) expect(status, context).to.equal(refusal);
    else {
      expect(status, context).to.equal(200);
      const floor = this.#highest;
      for (const [i, outcome] of outcomes.entries())
        this.#result(operations[i] as ModelOperation, outcome, json.data.results[i], floor);
    }
  }

  #result(operation: ModelOperation, outcome: ModelOutcome, result: HttpResponse['json'], floor: number): void {
    const { key } = operation;
    if (operation.do === 'get') {
      if (this.#model.get(key) === undefined) expect(result).to.equal(null);
      else this.#isItem(key, result);
    } else if (operation.do === 'delete') expect(result).to.deep.equal({ existed: outcome === 'gone' });
    if (operation.do === 'increment' && typeof outcome === 'object')
      expect(String(result.value)).to.equal(outcome.value);
    this.#take(key, outcome, result?.version, floor);
  }

  async #list(): Promise<void> {
    const prefix = this.#one(['', '', 'p', 'p/', 'é', 'nothing']);
    const separator = this.#one([undefined, undefined, '/', '2']);
    const limit = 1 + this.#below(6);
    const keysOnly = this.#chance(0.5);
    const query = new URLSearchParams({ prefix, limit: `${limit}`, keys_only: `${keysOnly}` });
    if (separator !== undefined) query.set('separator', separator);
    const keys = this.#model.keys(prefix);
    const groupOf = (key: string) => {
      const at = separator === undefined ? -1 : key.indexOf(separator, prefix.length);
      return at < 0 ? undefined : key.slice(0, at + 1);
    };
    const found: string[] = [];
    const groups: string[] = [];
    for (;;) {
      const { status, json } = await this.project.send('GET', `store?${query}`);
      expect(status).to.equal(200);
      const { items = {}, keys = Object.keys(items), prefixes = [], cursor } = json.data;
      expect(keys.length + prefixes.length).to.be.at.most(limit);
      for (const [key, item] of Object.entries(items)) this.#isItem(key, item);
      found.push(...keys);
      groups.push(...prefixes);
      if (cursor === null) break;
      query.set('cursor', cursor);
    }
    expect(found).to.deep.equal(keys.filter((key) => groupOf(key) === undefined));
    expect(groups).to.deep.equal([...new Set(keys.map(groupOf).filter((group) => group !== undefined))]);
    const counted = await this.project.send('GET', `store?count=only&prefix=${encodeURIComponent(prefix)}`);
    expect(counted.json.data.count).to.equal(keys.length);
  }

  async #form(): Promise<void> {
    const fields = this.#some(KEYS, 3).map((key): [string, string] => [key, this.#value()]);
    if (fields.length === 0) return;
    const body = new URLSearchParams(fields).toString();
    const { status, json } = await this.project.send('POST', 'store', { body, headers: FORM });
    expect(status).to.equal(200);
    const floor = this.#highest;
    for (const [key, value] of fields) {
      const outcome = this.#model.outcome({ do: 'put', key, value, type: TEXT, expiry: 'never', meta: undefined });
      this.#take(key, outcome, Object.getOwnPropertyDescriptor(json.data, key)?.value.version, floor);
    }
  }

  async #latest(): Promise<void> {
    const keys = this.#some(KEYS, 4);
    if (keys.length === 0) return;
    const live = keys.filter((key) => this.#model.get(key) !== undefined);
    const { status, json } = await this.project.send(
      'GET',
      `latest?${new URLSearchParams(keys.map((key): [string, string] => ['key', key]))}`,
    );
    if (live.length === 0) expect(status).to.equal(404);
    else {
      const latest = live.reduce((a, b) => (this.#numberOf(a) > this.#numberOf(b) ? a : b));
      expect(json.data.key).to.equal(latest);
      const { key: _, ...item } = json.data;
      this.#isItem(latest, item);
    }
  }

  async #removal(): Promise<void> {
    const prefix = this.#one(['p/', 'é', 'p/2', 'nothing', undefined]);
    const dry = this.#chance(0.5);
    const query = new URLSearchParams({ ...(prefix === undefined ? {} : { prefix }), dry_run: `${dry}` });
    const { status, json } = await this.project.send('DELETE', `store?${query}`);
    const keys = this.#model.keys(prefix);
    const context = prefix === undefined && !dry ? null : { count: keys.length };
    expect([status, json.data]).to.deep.equal([200, context]);
    if (!dry) for (const key of keys) this.#model.delete(key);
  }

  /** Applies an outcome, whose version must be above all earlier ones. */
  #take(key: string, outcome: ModelOutcome, version: string, floor = this.#highest): void {
    if (outcome === 'gone') this.#model.delete(key);
    if (typeof outcome !== 'object') return;
    expect(Number.parseInt(version, 36), `version ${version} of ${key}`).to.be.above(floor);
    this.#highest = Math.max(this.#highest, Number.parseInt(version, 36));
    this.#tags.push(version);
    this.#model.set(key, { ...outcome, version });
  }

  #numberOf(key: string): number {
    return Number.parseInt(this.#model.get(key)?.version ?? '0', 36);
  }

  /** `simple` is the form of Simple-PyKV, which shows any JSON as JSON and marks nothing. */
  #isItem(key: string, item: unknown, as: 'auto' | 'simple' = 'auto'): void {
    const entry = this.#model.get(key);
    if (entry === undefined) throw new Error(`${key} is there, but should not be`);
    const { value, ...rest } = item as { value: unknown };
    const json = as === 'simple' || entry.type.includes('json') ? parsed(entry.value) : undefined;
    expect(rest, `${key} ${JSON.stringify([item, entry])}`).to.deep.equal({
      content_type: entry.type,
      created_at: Math.floor(entry.created / 1000),
      updated_at: Math.floor(entry.updated / 1000),
      size_bytes: Buffer.byteLength(entry.value),
      version: entry.version,
      ...(entry.expires === undefined ? {} : { expires_at: entry.expires / 1000 }),
      ...(entry.meta === undefined ? {} : { meta: JSON.parse(entry.meta) }),
      ...(as === 'simple' ? {} : { encoding: json === undefined ? 'text' : 'json' }),
    });
    expect(value, key).to.deep.equal(json === undefined ? entry.value : json);
  }

  #send(operation: ModelOperation, headers: Record<string, string>): Promise<HttpResponse> {
    const { key } = operation;
    const item = `store/${encodeURIComponent(key)}`;
    const typed = (type: string) => ({ ...headers, 'content-type': type });
    const route = this.#one(this.#routes(key).filter((it) => !it.endsWith('/value')));
    switch (operation.do) {
      case 'get':
      case 'delete':
        return this.project.send('DELETE', route, { headers });
      case 'put': {
        const query = queryOf(operation);
        const { meta } = operation;
        const described = meta === undefined || meta === 'keep' ? {} : { 'kv-meta': encodeURIComponent(meta) };
        const target = query === '' ? route : `${route}${route.includes('?') ? '&' : '?'}${query}`;
        return this.project.send('PUT', target, {
          body: operation.value,
          headers: { ...typed(operation.type), ...described },
        });
      }
      case 'increment':
        return this.project.send('POST', `${item}/increment`, {
          body: JSON.stringify({ by: operation.by }),
          headers: typed(JSON_TYPE['content-type']),
        });
      case 'append':
        return this.project.send('POST', `${item}/append`, { body: operation.value, headers: typed(operation.type) });
      case 'merge': {
        const body = JSON.stringify(operation.patch);
        return this.project.send('PATCH', route, { body, headers: typed('application/merge-patch+json') });
      }
      case 'touch': {
        const body = JSON.stringify({ ttl: operation.ttl === null ? null : operation.ttl / 1000 });
        return this.project.send('POST', `${item}/touch`, { body, headers: typed(JSON_TYPE['content-type']) });
      }
    }
  }

  #routes(key: string): string[] {
    const encoded = encodeURIComponent(key);
    return [
      `store/${encoded}`,
      `store/${encoded}/value`,
      `values/${encoded.replaceAll('%2F', '/')}`,
      `values?key=${encoded}`,
    ];
  }

  #operation(key: string): ModelOperation {
    const type = this.#one(TYPES);
    switch (this.#below(8)) {
      case 0:
        return { do: 'delete', key };
      case 1:
        return { do: 'increment', key, by: this.#below(2000) - 1000 };
      case 2:
        return { do: 'append', key, value: this.#one(['x', '1', ' ', 'é']), type };
      case 3:
        return { do: 'merge', key, patch: this.#json() };
      case 4:
        return { do: 'touch', key, ttl: this.#chance(0.3) ? null : 1 + this.#below(5000) };
      case 5:
        return { do: 'get', key };
      default:
        return { do: 'put', key, value: this.#value(), type, expiry: this.#expiry(), meta: this.#meta() };
    }
  }

  #expiry(): Expiry {
    const expiries: Expiry[] = [
      'never',
      'keep',
      { ttl: 1 + this.#below(5000) },
      { at: this.#model.now + 1 + this.#below(5000) },
    ];
    return this.#one(expiries);
  }

  #meta(): string | undefined {
    return this.#one([undefined, 'keep', '{}', '{"by":"Zoë"}', '{"n":1.5,"list":[{}]}']);
  }

  #value(): string {
    return this.#one(['1', '-7', JSON.stringify(this.#json()), JSON.stringify(this.#json()), 'some text', 'é😀']);
  }

  #json(): unknown {
    const leaf = () => this.#one<unknown>([1, null, 'x', [1, null], true]);
    return this.#one<unknown>([{ a: leaf() }, { a: leaf(), b: leaf() }, { c: { a: leaf(), d: leaf() } }, {}, leaf()]);
  }

  #conditions(key: string): { headers: Record<string, string>; holds: boolean; failed?: string } {
    const present = this.#model.get(key)?.version;
    const headers: Record<string, string> = {};
    let failed: string | undefined;
    for (const [name, wanted] of [
      ['if-match', true],
      ['if-none-match', false],
    ] as const) {
      if (this.#chance(0.75)) continue;
      const tags = this.#some([present ?? '0', present ?? '1', ...this.#some(this.#tags, 2)], 3);
      const star = tags.length === 0;
      headers[name] = star ? '*' : tags.map((tag) => `"${tag}"`).join(', ');
      const matches = present !== undefined && (star || tags.includes(present));
      if (matches !== wanted) failed ??= name;
    }
    return { headers, holds: failed === undefined, ...(failed === undefined ? {} : { failed }) };
  }

  #check(key: string): { key: string; check: object; holds: boolean } {
    const present = this.#model.get(key)?.version;
    if (this.#chance(0.3)) return { key, check: { key, exists: true }, holds: present !== undefined };
    if (this.#chance(0.3)) return { key, check: { key, absent: true }, holds: present === undefined };
    const version = this.#chance(0.8) ? (present ?? '0') : this.#one(this.#tags);
    return { key, check: { key, version }, holds: present === version };
  }

  #chance(of: number): boolean {
    return this.#random() < of;
  }

  #below(most: number): number {
    return Math.floor(this.#random() * most);
  }

  #one<T>(of: readonly T[]): T {
    return of[this.#below(of.length)] as T;
  }

  /** Up to `most` different ones, in random order. */
  #some<T>(of: readonly T[], most: number): T[] {
    const count = this.#below(most + 1);
    return [...new Set(of)]
      .map((it) => [this.#random(), it] as const)
      .sort(([a], [b]) => a - b)
      .slice(0, count)
      .map(([, it]) => it);
  }
}

/** In a transaction an append has no content type, and a put cannot keep the expiry. */
function asInTransaction(operation: ModelOperation): ModelOperation {
  if (operation.do === 'append') return { ...operation, type: TEXT };
  return operation.do === 'put' && operation.expiry === 'keep' ? { ...operation, expiry: 'never' } : operation;
}

function memberOf(operation: ModelOperation): object {
  const { do: kind, key } = operation;
  switch (kind) {
    case 'put': {
      const { value, type, expiry, meta } = operation;
      const at =
        typeof expiry === 'string'
          ? {}
          : 'ttl' in expiry
            ? { ttl: expiry.ttl / 1000 }
            : { expires_at: expiry.at / 1000 };
      const described = meta === undefined ? {} : meta === 'keep' ? { keep_meta: true } : { meta: JSON.parse(meta) };
      return { put: { key, text: value, content_type: type, ...at, ...described } };
    }
    case 'increment':
      return { increment: { key, by: operation.by } };
    case 'append':
      return { append: { key, text: operation.value } };
    case 'merge':
      return { merge: { key, json: operation.patch } };
    case 'touch':
      return { touch: { key, ttl: operation.ttl === null ? null : operation.ttl / 1000 } };
    default:
      return { [kind]: { key } };
  }
}

function queryOf({ expiry, meta }: ModelOperation & { do: 'put' }): string {
  return [expiryQuery(expiry), ...(meta === 'keep' ? ['keep_meta=true'] : [])].filter(Boolean).join('&');
}

function expiryQuery(expiry: Expiry): string {
  if (expiry === 'never') return '';
  if (expiry === 'keep') return 'keep_ttl=true';
  return 'ttl' in expiry ? `ttl=${expiry.ttl / 1000}` : `expires_at=${expiry.at / 1000}`;
}

/** Mulberry32: the same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
