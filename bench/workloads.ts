import type { Contender } from './contenders.js';

/** What wrk does, as a Lua script made for one server. */
export type Workload = (contender: Contender) => string;

const quote = (text: string): string => `[==[${text}]==]`;

/** Reads one key again and again. */
export const readOne: Workload = (contender) =>
  contender.name === 'etcd gateway'
    ? `wrk.method = "POST"; wrk.path = "/v3/kv/range"; wrk.body = ${quote(JSON.stringify({ key: Buffer.from('one').toString('base64') }))}`
    : `wrk.path = ${quote(contender.path('one'))}`;

/** Writes 1,000 keys in turn, so that neighbours never write the same. */
export function writeMany(bytes: number): Workload {
  return (contender) => {
    const value = 'x'.repeat(bytes);
    const { method } = contender.put('k', value);
    return `
wrk.headers["Content-Type"] = "text/plain"
local requests, n = {}, 0
${Array.from({ length: 1000 }, (_, i) => {
  const { path, body } = contender.put(`key-${i}`, value);
  return `requests[${i}] = function() return wrk.format("${method}", ${quote(path)}, nil, ${quote(body)}) end`;
}).join('\n')}
request = function()
  n = (n + 1) % 1000
  return requests[n]()
end`;
  };
}

/** YCSB: a share of reads, the rest updates, on keys with a zipfian popularity (theta 0.99). F reads before it writes. */
export function ycsb(kind: 'A' | 'B' | 'C' | 'F', keys: number, bytes: number): Workload {
  const reads = { A: 0.5, B: 0.95, C: 1, F: 0.5 }[kind];
  return (contender) => {
    const sample = contender.put('KEY', 'x'.repeat(bytes));
    return `
local n, theta, reads = ${keys}, 0.99, ${reads}
local zeta = 0
for i = 1, math.min(n, 10000) do zeta = zeta + 1 / i ^ theta end
if n > 10000 then zeta = zeta + (n ^ (1 - theta) - 10000 ^ (1 - theta)) / (1 - theta) end
local alpha, zeta2 = 1 / (1 - theta), 1 + 0.5 ^ theta
local eta = (1 - (2 / n) ^ (1 - theta)) / (1 - zeta2 / zeta)
local function pick()
  local u = math.random()
  local uz = u * zeta
  if uz < 1 then return 0 elseif uz < zeta2 then return 1 end
  return math.floor(n * (eta * u - eta + 1) ^ alpha)
end
local function target(key)
  local path = (${quote(contender.path('KEY'))}):gsub("KEY", key)
  return path
end
wrk.headers["Content-Type"] = "text/plain"
local body, last = ${quote(sample.body)}, nil
request = function()
  if last then
    local path = last
    last = nil
    return wrk.format("${sample.method}", path, nil, body)
  end
  local key = string.format("user%07d", (pick() * 7919) % n)
  local path = (${quote(sample.path)}):gsub("KEY", key)
  if math.random() < reads then return wrk.format("GET", target(key)) end
  ${kind === 'F' ? `last = path; return wrk.format("GET", target(key))` : `return wrk.format("${sample.method}", path, nil, body)`}
end`;
  };
}

/** Transactions of 100 puts of 100 bytes each on PortKV. */
export const transactions: Workload = () => {
  const bodies = Array.from({ length: 20 }, (_, i) =>
    JSON.stringify({
      operations: Array.from({ length: 100 }, (_, k) => ({ put: { key: `tx-${i}-${k}`, text: 'x'.repeat(100) } })),
    }),
  );
  return `
local bodies, n = {${bodies.map(quote).join(', ')}}, 0
request = function()
  n = n % 20 + 1
  return wrk.format("POST", "/api/v1/projects/bench/transactions", nil, bodies[n])
end`;
};

/** MSET of 100 values through webdis. */
export const msets: Workload = () => {
  const bodies = Array.from({ length: 20 }, (_, i) =>
    ['MSET', ...Array.from({ length: 100 }, (_, k) => `tx-${i}-${k}/${'x'.repeat(100)}`)].join('/'),
  );
  return `
local bodies, n = {${bodies.map(quote).join(', ')}}, 0
request = function()
  n = n % 20 + 1
  return wrk.format("POST", "/", nil, bodies[n])
end`;
};

/** Pages of 100 items. */
export const pages: Workload = () => `wrk.path = "/api/v1/projects/bench/store?limit=100"`;
