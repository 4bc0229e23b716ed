/**
 * A view `{NAME}:view:ID` is a hash of what the entries were, when it began, that were changed since; empty for keys
 * that did not exist, which no key is: the field without a name has how many bytes that is. `{NAME}:view:ID:keys` has
 * these keys in the order of their bytes, after an empty one. Commits write to every view in `{NAME}:views`. What a
 * server that ended has left expires.
 */

/** The most bytes of changed entries that a view keeps: then it is given up. */
export const MAX_KEPT_BYTES = 256 * 1024 * 1024;

/** A part of the script of a commit: `keep` is called before a key is changed, if there are `views`. */
export const KEEP_IMAGE = `
local views = redis.call('SMEMBERS', s .. ':views')
local function keep(key)
  for _, id in ipairs(views) do
    local view = s .. ':view:' .. id
    if redis.call('EXISTS', view) == 0 then
      redis.call('SREM', s .. ':views', id)
    elseif redis.call('HEXISTS', view, key) == 0 then
      local entry = redis.call('GET', s .. ':e:' .. key) or ''
      redis.call('HSET', view, key, entry)
      redis.call('ZADD', view .. ':keys', 0, key)
      if redis.call('HINCRBY', view, '', #key + #entry) > ${MAX_KEPT_BYTES} then
        redis.call('SREM', s .. ':views', id)
        redis.call('UNLINK', view, view .. ':keys')
      end
    end
  end
end`;

/** ARGV: id, for how many seconds without a renewal it is kept. Returns 1, or nil if there is no store. */
export const BEGIN_VIEW = `
local s, view = KEYS[1], KEYS[1] .. ':view:' .. ARGV[1]
if redis.call('EXISTS', s .. ':made') == 0 then return false end
redis.call('SADD', s .. ':views', ARGV[1])
redis.call('HSET', view, '', 0)
redis.call('ZADD', view .. ':keys', 0, '')
redis.call('EXPIRE', view, ARGV[2])
redis.call('EXPIRE', view .. ':keys', ARGV[2])
return 1`;

/**
 * ARGV: id, two bounds of keys, how many keys, and bytes of entries, may be read. Returns the last key that was looked
 * at, or an empty text if all were; keys and entries of those that are as they were; whether there are more of those
 * that were changed than these: key and entry as it was, in turn. Nil if there is no view, or no store.
 */
export const READ_VIEW = `
local s, view = KEYS[1], KEYS[1] .. ':view:' .. ARGV[1]
local isWhole = redis.call('EXISTS', view) == 1 and redis.call('ZSCORE', view .. ':keys', '')
if not isWhole or redis.call('EXISTS', s .. ':made') == 0 then return false end
local limit, left = tonumber(ARGV[4]), tonumber(ARGV[5])
local same, last = {}, ''
local keys = redis.call('ZRANGEBYLEX', s .. ':keys', ARGV[2], ARGV[3], 'LIMIT', 0, limit)
for i, key in ipairs(keys) do
  if redis.call('HEXISTS', view, key) == 0 then
    local entry = redis.call('GET', s .. ':e:' .. key)
    same[#same + 1] = key
    same[#same + 1] = entry
    left = left - #entry
  end
  if left <= 0 or i == limit then
    last = key
    break
  end
end
local upTo = last == '' and ARGV[3] or '[' .. last
local changed, more = {}, 0
keys = redis.call('ZRANGEBYLEX', view .. ':keys', ARGV[2], upTo, 'LIMIT', 0, limit)
left = tonumber(ARGV[5])
for i, key in ipairs(keys) do
  local entry = redis.call('HGET', view, key)
  changed[#changed + 1] = key
  changed[#changed + 1] = entry
  left = left - #entry
  if left <= 0 or i == limit then
    more = 1
    break
  end
end
return { last, same, more, changed }`;
