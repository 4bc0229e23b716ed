import { KEPT_COMMITS } from '../../building-blocks/server/commit-log/kept-commits.js';
import { KEEP_IMAGE } from './view-scripts.js';

/**
 * The names of one store, all with the same hash tag, so that they are in one slot of a Redis Cluster:
 * `{NAME}:made` the format, without which there is no store · `{NAME}:e:KEY` an entry · `{NAME}:keys` its keys in the
 * order of their bytes, a sorted set whose scores are equal · `{NAME}:expiry` when they expire · `{NAME}:size` counts ·
 * `{NAME}:fence` is there if commits are refused · `{NAME}:log` a stream of the latest commits that are recorded, with
 * ids that count without a gap up to `commits` in `{NAME}:size`, each with a random mark: the same number may be given
 * to another commit after a failover that lost the first · `{NAME}:views` which views there are: see `view-scripts.ts`.
 *
 * An entry is: version as text of 16 digits · bytes of value and metadata as text of 10 digits · expiry as text of 16
 * digits, or as many spaces · the record. Lua compares and adds these without knowing records.
 */
export const HEADER_BYTES = 42;

/**
 * Does commits one after another, each on its own: one that is refused, or fails, does not concern the others.
 *
 * ARGV, for each commit: numbers of expectations, puts and removals; the most keys and bytes, and the bytes of each
 * entry that do not count, or three empty texts; what the log gets, or an empty text, and the mark of the commit there;
 * key and version of each expectation; key and entry; key.
 *
 * Returns -1 if there is no store, -2 if it is fenced; else for each commit 1 if it is done, 0 if an expectation does
 * not hold, which limit it would exceed and how much there would be, or an error.
 */
export const COMMIT = `
local s = KEYS[1]
if redis.call('EXISTS', s .. ':made') == 0 then return -1 end
if redis.call('EXISTS', s .. ':fence') == 1 then return -2 end
${KEEP_IMAGE}
local moreKeys, moreBytes
local function count(key, entry, times)
  if entry == '' then return end
  moreKeys = moreKeys + times
  moreBytes = moreBytes + times * (#key + tonumber(string.sub(entry, 17, 26)))
end
local function leave(key)
  local header = redis.call('GETRANGE', s .. ':e:' .. key, 0, ${HEADER_BYTES - 1})
  count(key, header, -1)
  return header
end
local function forget(key)
  if #views > 0 then keep(key) end
  local header = leave(key)
  if header == '' then return false end
  if string.sub(header, 42, 42) ~= ' ' then redis.call('ZREM', s .. ':expiry', key) end
  return true
end
local function commit(at, expects, puts, removals)
  local head = at
  at = at + 8
  for i = 1, expects do
    if redis.call('GETRANGE', s .. ':e:' .. ARGV[at], 0, 15) ~= ARGV[at + 1] then return 0 end
    at = at + 2
  end
  if ARGV[head + 3] ~= '' then
    local mostKeys, mostBytes = tonumber(ARGV[head + 3]), tonumber(ARGV[head + 4])
    local uncounted = tonumber(ARGV[head + 5])
    moreKeys, moreBytes = 0, 0
    for i = at, at + 2 * (puts - 1), 2 do
      leave(ARGV[i])
      count(ARGV[i], ARGV[i + 1], 1)
    end
    for i = at + 2 * puts, at + 2 * puts + removals - 1 do leave(ARGV[i]) end
    local size = redis.call('HMGET', s .. ':size', 'keys', 'bytes')
    local allKeys, allBytes = tonumber(size[1]) + moreKeys, tonumber(size[2]) + moreBytes
    if moreKeys > 0 and allKeys > mostKeys then return { 'keys', allKeys } end
    moreBytes = moreBytes - moreKeys * uncounted
    allBytes = allBytes - allKeys * uncounted
    if moreBytes > 0 and allBytes > mostBytes then return { 'bytes', allBytes } end
  end
  -- First: it may fail if others changed the log, and nothing is undone then.
  if ARGV[head + 6] ~= '' then
    local id = redis.call('HINCRBY', s .. ':size', 'commits', 1) .. '-' .. ARGV[head + 7]
    redis.call('XADD', s .. ':log', 'MAXLEN', '~', ${KEPT_COMMITS}, id, 'c', ARGV[head + 6])
  end
  moreKeys, moreBytes = 0, 0
  for i = 1, puts do
    local key, entry = ARGV[at], ARGV[at + 1]
    if not forget(key) then redis.call('ZADD', s .. ':keys', 0, key) end
    redis.call('SET', s .. ':e:' .. key, entry)
    count(key, entry, 1)
    if string.sub(entry, 42, 42) ~= ' ' then redis.call('ZADD', s .. ':expiry', string.sub(entry, 27, 42), key) end
    at = at + 2
  end
  for i = 1, removals do
    local key = ARGV[at]
    if forget(key) then
      redis.call('DEL', s .. ':e:' .. key)
      redis.call('ZREM', s .. ':keys', key)
    end
    at = at + 1
  end
  if moreKeys ~= 0 then redis.call('HINCRBY', s .. ':size', 'keys', moreKeys) end
  if moreBytes ~= 0 then redis.call('HINCRBY', s .. ':size', 'bytes', moreBytes) end
  return 1
end
local results, at, last = {}, 1, #ARGV
while at < last do
  local expects, puts, removals = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local ended, result = pcall(commit, at, expects, puts, removals)
  if not ended then result = { err = type(result) == 'table' and result.err or tostring(result) } end
  results[#results + 1] = result
  at = at + 8 + 2 * (expects + puts) + removals
end
return results`;

/**
 * ARGV: command, its two bounds, limit, bytes of values and metadata that end it, how much of an entry is returned.
 * Returns key, entry, its length, in turn; nil if there is no store.
 */
export const SCAN = `
local s, found, left, most = KEYS[1], {}, tonumber(ARGV[5]), tonumber(ARGV[6])
if redis.call('EXISTS', s .. ':made') == 0 then return false end
for _, key in ipairs(redis.call(ARGV[1], s .. ':keys', ARGV[2], ARGV[3], 'LIMIT', 0, ARGV[4])) do
  local name = s .. ':e:' .. key
  local entry = redis.call('GETRANGE', name, 0, most)
  found[#found + 1] = key
  found[#found + 1] = entry
  found[#found + 1] = redis.call('STRLEN', name)
  left = left - tonumber(string.sub(entry, 17, 26))
  if left <= 0 then break end
end
return found`;
