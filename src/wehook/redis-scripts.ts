/** What Redis does in one step, as scripts of its (Redis: "Scripting with Lua"). */

/**
 * Keeps a callback. KEYS: stream, bytes, mark, sources. ARGV: value, most bytes, '1' where the mark counts, how long it
 * does in ms, source, channel. @returns its id in the stream, `repeated` or `full`
 */
export const KEEP = `
local size = #ARGV[1]
if tonumber(redis.call('GET', KEYS[2]) or '0') + size > tonumber(ARGV[2]) then return 'full' end
if ARGV[3] == '1' and not redis.call('SET', KEYS[3], '1', 'NX', 'PX', ARGV[4]) then return 'repeated' end
local id = redis.call('XADD', KEYS[1], '*', 'b', ARGV[1])
redis.call('INCRBY', KEYS[2], size)
redis.call('SADD', KEYS[4], ARGV[5])
redis.call('PUBLISH', ARGV[6], ARGV[5])
return id
`

/**
 * What a listener is to get now, moved behind a lease. KEYS: stream, due, tried. ARGV: group, most, now, end of the
 * lease, what is said of those that were not tried, `again` or `new` for what comes first.
 * @returns for each: id, value, how it was tried, when it was due ('' for the first time)
 */
export const TAKE = `
local found = {}
local most = tonumber(ARGV[2])
local function again()
  local due = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[3], 'WITHSCORES', 'LIMIT', 0, most - #found)
  for at = 1, #due, 2 do
    local entry = redis.call('XRANGE', KEYS[1], due[at], due[at])[1]
    if entry then
      redis.call('ZADD', KEYS[2], ARGV[4], due[at])
      local tried = redis.call('HGET', KEYS[3], due[at]) or ARGV[5]
      found[#found + 1] = { due[at], entry[2][2], tried, due[at + 1] }
    else
      redis.call('ZREM', KEYS[2], due[at])
      redis.call('HDEL', KEYS[3], due[at])
    end
  end
end
local function unseen()
  local read = redis.call('XREADGROUP', 'GROUP', ARGV[1], 'wehook', 'COUNT', most - #found, 'STREAMS', KEYS[1], '>')
  if not read then return end
  for _, entry in ipairs(read[1][2]) do
    redis.call('XACK', KEYS[1], ARGV[1], entry[1])
    redis.call('ZADD', KEYS[2], ARGV[4], entry[1])
    found[#found + 1] = { entry[1], entry[2][2], ARGV[5], '' }
  end
end
local order = ARGV[6] == 'again' and { again, unseen } or { unseen, again }
for _, take in ipairs(order) do
  if #found < most then take() end
end
return found
`

/** KEYS: stream, due, tried, listeners. ARGV: the listener. */
export const FORGET = `
redis.call('XGROUP', 'DESTROY', KEYS[1], ARGV[1])
redis.call('DEL', KEYS[2], KEYS[3])
redis.call('HDEL', KEYS[4], ARGV[1])
`

/** Takes away what came before a time. KEYS: stream, bytes. ARGV: milliseconds since 1970. */
export const TRIM = `
while true do
  local old = redis.call('XRANGE', KEYS[1], '-', '(' .. ARGV[1] .. '-0', 'COUNT', 100)
  if #old == 0 then return end
  for _, entry in ipairs(old) do
    redis.call('DECRBY', KEYS[2], #entry[2][2])
    redis.call('XDEL', KEYS[1], entry[1])
  end
end
`
