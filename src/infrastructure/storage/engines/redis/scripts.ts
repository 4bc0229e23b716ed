import { KEPT_COMMITS } from '../../building-blocks/server/commit-log/kept-commits.js';
import { KEEP_IMAGE } from './view-scripts.js';

/**
 * The names of one store, all with the same hash tag, so that they are in one slot of a Redis Cluster:
 * `{NAME}:made` the format, without which there is no store · `{NAME}:e:KEY` an entry · `{NAME}:keys` its keys in the
 * order of their bytes, a sorted set whose scores are equal · `{NAME}:expiry` when they expire · `{NAME}:size` counts ·
 * `{NAME}:fence` is there if commits are refused · `{NAME}:log` a stream of the latest commits that are recorded, with
 * ids that count without a gap up to `commits` in `{NAME}:size` · `{NAME}:views` which views there are: see
 * `view-scripts.ts`.
 *
 * An entry is: version as text of 16 digits · bytes of value and metadata as text of 10 digits · expiry as text of 16
 * digits, or as many spaces · the record. Lua compares and adds these without knowing records.
 */
export const HEADER_BYTES = 42;

/**
 * ARGV: numbers of expectations, puts and removals; the most keys and bytes, and the bytes of each entry that do not
 * count, or three empty texts; what the log gets, or an empty text; key and version of each expectation; key and
 * entry; key.
 *
 * Returns 1 if it is done, 0 if an expectation does not hold, -1 if there is no store, -2 if it is fenced, or which
 * limit it would exceed and how much there would be.
 */
export const COMMIT = `
local s = KEYS[1]
if redis.call('EXISTS', s .. ':made') == 0 then return -1 end
if redis.call('EXISTS', s .. ':fence') == 1 then return -2 end
local expects, puts, removals = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local at = 8
for i = 1, expects do
  if redis.call('GETRANGE', s .. ':e:' .. ARGV[at], 0, 15) ~= ARGV[at + 1] then return 0 end
  at = at + 2
end
if ARGV[4] ~= '' then
  local mostKeys, mostBytes, uncounted = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
  local moreKeys, moreBytes = 0, 0
  local function count(key, entry, times)
    if entry == '' then return end
    moreKeys = moreKeys + times
    moreBytes = moreBytes + times * (#key + tonumber(string.sub(entry, 17, 26)))
  end
  local function leave(key)
    count(key, redis.call('GETRANGE', s .. ':e:' .. key, 0, ${HEADER_BYTES - 1}), -1)
  end
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
if ARGV[7] ~= '' then
  local id = redis.call('HINCRBY', s .. ':size', 'commits', 1) .. '-0'
  redis.call('XADD', s .. ':log', 'MAXLEN', '~', ${KEPT_COMMITS}, id, 'c', ARGV[7])
end
${KEEP_IMAGE}
local keys, bytes = 0, 0
local function forget(key)
  if #views > 0 then keep(key) end
  local header = redis.call('GETRANGE', s .. ':e:' .. key, 0, ${HEADER_BYTES - 1})
  if header == '' then return false end
  keys = keys - 1
  bytes = bytes - #key - tonumber(string.sub(header, 17, 26))
  if string.sub(header, 42, 42) ~= ' ' then redis.call('ZREM', s .. ':expiry', key) end
  return true
end
for i = 1, puts do
  local key, entry = ARGV[at], ARGV[at + 1]
  if not forget(key) then redis.call('ZADD', s .. ':keys', 0, key) end
  redis.call('SET', s .. ':e:' .. key, entry)
  keys = keys + 1
  bytes = bytes + #key + tonumber(string.sub(entry, 17, 26))
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
if keys ~= 0 then redis.call('HINCRBY', s .. ':size', 'keys', keys) end
if bytes ~= 0 then redis.call('HINCRBY', s .. ':size', 'bytes', bytes) end
return 1`;

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
