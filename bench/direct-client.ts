import { connectionsFor } from '../src/infrastructure/storage/engines/etcd/client/clients.js';
import { EtcdOptions } from '../src/infrastructure/storage/engines/etcd/client/etcd-options.js';

/**
 * The client of a store, without PortKV: `node direct-client.js ENGINE URL get|put SECONDS`. Prints how many calls were
 * made, in how many ms, and how much processor time they took here, in ms. The same keys and values as for PortKV.
 */
const [engine = '', url = '', operation = '', seconds = ''] = process.argv.slice(2);
const AT_ONCE = 64;
const WARM_UP = 1_500;
const VALUE = Buffer.alloc(100, 'x');
const KEYS = 1000;
const key = (n: number) => `key-${n % KEYS}`;

type Call = (n: number) => Promise<unknown>;

async function fill(put: Call): Promise<void> {
  for (let n = 0; n < KEYS; n++) await put(n);
}

async function redis(): Promise<Call> {
  const { Redis } = await import('ioredis');
  const client = new Redis(url, {});
  const put: Call = (n) => client.set(key(n), VALUE.toString());
  await fill(put);
  return operation === 'get' ? (n) => client.mgetBuffer(key(n)) : put;
}

async function postgres(): Promise<Call> {
  const { Pool } = (await import('pg')).default;
  const options = { connectionString: url, max: 10 };
  const pool = new Pool(options) as unknown as { query(query: object | string): Promise<unknown> };
  await pool.query('CREATE TABLE IF NOT EXISTS direct (key bytea PRIMARY KEY, value bytea)');
  const text = {
    get: 'SELECT value FROM direct WHERE key = $1',
    put: 'INSERT INTO direct VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  };
  const put: Call = (n) => pool.query({ name: 'put', text: text.put, values: [Buffer.from(key(n)), VALUE] });
  await fill(put);
  if (operation === 'put') return put;
  return (n) => pool.query({ name: 'get', text: text.get, values: [Buffer.from(key(n))] });
}

async function etcd(): Promise<Call> {
  const { client } = await connectionsFor(Object.assign(new EtcdOptions(), { url }));
  const limits = { timeout: 5, repeatable: true };
  const put: Call = (n) =>
    client.txn({ compare: [], success: [{ put: { key: Buffer.from(key(n)), value: VALUE } }] }, limits);
  await fill(put);
  if (operation === 'put') return put;
  return (n) => client.txn({ compare: [], success: [{ range: { key: Buffer.from(key(n)) } }] }, limits);
}

const call = await { redis, postgres, etcd }[engine as 'redis']();
let [count, stopped] = [0, false];
const loops = Array.from({ length: AT_ONCE }, async () => {
  while (!stopped) await call(count++);
});
await new Promise((resolve) => setTimeout(resolve, WARM_UP));
const [before, cpu, since] = [count, process.cpuUsage(), performance.now()];
await new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1000));
const { user, system } = process.cpuUsage(cpu);
console.log(JSON.stringify({ count: count - before, ms: performance.now() - since, cpu: (user + system) / 1000 }));
stopped = true;
await Promise.all(loops);
process.exit(0);
