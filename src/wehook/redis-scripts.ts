/**
 * What Redis does in one step, as scripts of its (Redis: "Scripting with Lua"). But for what keeps a callback, they are
 * run when its memory is full too (`allow-oom`): what is there is to be handed out, and makes room in the end.
 */

/** What Redis 7 takes for a callback beside its own bytes: measured. */
export const ENTRY_BYTES = 210
/** For its mark. */
export const MARK_BYTES = 190
/** For what came of it at a listener. */
export const OUTCOME_BYTES = 190
/** For it where it waits for a listener, or is being handed to it. */
export const WAITING_BYTES = 280
/** How long it is known what a WeHook was told, after its last callback: longer than it is without Redis and asks again. */
const UNHEARD_MS = 600_000

/**
 * Keeps a callback. Its id in the stream is greater than every one before, in whichever stream: a stream's own ids are its
 * alone. Asked once more where the answer was lost, it says what it said. KEYS: stream, bytes, mark, sources, last, unheard.
 * ARGV: value, most bytes, the mark or '', source, channel, the number of this keep, those that are not asked any more.
 * @returns its id in the stream and all bytes then, `repeated` or `full`
 */
export const KEEP = `#!lua
for at = 7, #ARGV do redis.call('HDEL', KEYS[6], ARGV[at]) end
local said = redis.call('HGET', KEYS[6], ARGV[6])
if said then return { said, tonumber(redis.call('GET', KEYS[2]) or '0') } end
local size = #ARGV[1] + ${ENTRY_BYTES}
if ARGV[3] ~= '' then
  if redis.call('EXISTS', KEYS[3]) == 1 then return 'repeated' end
  size = size + ${MARK_BYTES}
end
if tonumber(redis.call('GET', KEYS[2]) or '0') + size > tonumber(ARGV[2]) then return 'full' end
local time = redis.call('TIME')
local ms, count = time[1] * 1000 + math.floor(time[2] / 1000), 0
local lastMs, lastCount = string.match(redis.call('GET', KEYS[5]) or '0-0', '^(%d+)-(%d+)$')
if tonumber(lastMs) >= ms then ms, count = tonumber(lastMs), lastCount + 1 end
local id = redis.call('XADD', KEYS[1], string.format('%.0f-%.0f', ms, count), 'b', ARGV[1], 'm', ARGV[3])
redis.call('SET', KEYS[5], id)
if ARGV[3] ~= '' then redis.call('SET', KEYS[3], id) end
redis.call('HSET', KEYS[6], ARGV[6], id)
redis.call('PEXPIRE', KEYS[6], ${UNHEARD_MS})
redis.call('SADD', KEYS[4], ARGV[4])
redis.call('PUBLISH', ARGV[5], ARGV[4])
return { id, redis.call('INCRBY', KEYS[2], size) }
`

/**
 * A listener follows. What comes gets an id behind the last one, even where Redis's clock is before that time. KEYS: stream,
 * listeners, last. ARGV: the listener, source, milliseconds since 1970 from which on it gets all.
 */
export const FOLLOW = `#!lua flags=allow-oom
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
local had = redis.call('GET', KEYS[3]) or '0-0'
if tonumber(string.match(had, '^%d+')) >= tonumber(ARGV[3]) then
  had = string.format('%.0f-18446744073709551615', ARGV[3] - 1)
end
redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], had, 'MKSTREAM') -- where it follows already: BUSYGROUP
`

/**
 * What a listener is to get now, moved behind a lease. KEYS: stream, due, tried, bytes, listeners. ARGV: the listener,
 * most, now, end of the lease, what is said of those that were not tried, `again` or `new` for what comes first, bytes: none
 * is added once they are as many.
 * @returns for each: id, value, how it was tried, when it was due ('' for the first time)
 */
export const TAKE = `#!lua flags=allow-oom
local found = {}
if redis.call('HEXISTS', KEYS[5], ARGV[1]) == 0 then return found end
local most = tonumber(ARGV[2])
local room = tonumber(ARGV[7])
local function isRoom() return #found < most and room > 0 end
local function again()
  local due = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[3], 'WITHSCORES', 'LIMIT', 0, most - #found)
  for at = 1, #due, 2 do
    if not isRoom() then return end
    local entry = redis.call('XRANGE', KEYS[1], due[at], due[at])[1]
    if entry then
      redis.call('ZADD', KEYS[2], ARGV[4], due[at])
      local tried = redis.call('HGET', KEYS[3], due[at]) or ARGV[5]
      found[#found + 1] = { due[at], entry[2][2], tried, due[at + 1] }
      room = room - #entry[2][2]
    else
      redis.call('ZREM', KEYS[2], due[at])
      redis.call('HDEL', KEYS[3], due[at])
      redis.call('DECRBY', KEYS[4], ${WAITING_BYTES})
    end
  end
end
local function unseen()
  -- One by one: what is read is given out, however large it is.
  while isRoom() do
    local read = redis.call('XREADGROUP', 'GROUP', ARGV[1], 'wehook', 'COUNT', 1, 'STREAMS', KEYS[1], '>')
    if not read then return end
    local entry = read[1][2][1]
    redis.call('XACK', KEYS[1], ARGV[1], entry[1])
    if not redis.call('ZSCORE', KEYS[2], entry[1]) then -- else somebody asked for it before it came
      redis.call('ZADD', KEYS[2], ARGV[4], entry[1])
      redis.call('INCRBY', KEYS[4], ${WAITING_BYTES})
      found[#found + 1] = { entry[1], entry[2][2], ARGV[5], '' }
      room = room - #entry[2][2]
    end
  end
end
local order = ARGV[6] == 'again' and { again, unseen } or { unseen, again }
for _, take in ipairs(order) do
  if isRoom() then take() end
end
return found
`

/**
 * What came of an attempt, and when the next one is: as it was asked for, where it was meanwhile. Of a callback that was
 * trimmed nothing is noted. KEYS: stream, due, tried, bytes, listeners, listed, outcomes. ARGV: the listener, id in the
 * stream, outcome, when it is due or '' for never, how it was tried, since when.
 */
export const TRIED = `#!lua flags=allow-oom
if redis.call('HEXISTS', KEYS[5], ARGV[1]) == 0 then return end
local isThere = #redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2]) == 1
local tried = redis.call('HGET', KEYS[3], ARGV[2])
local isAsked = tried and cjson.decode(tried).sinceMs > tonumber(ARGV[6])
local more = 0
if isAsked and isThere then
  -- That is another attempt: it stays as it is.
elseif ARGV[4] ~= '' and isThere then
  more = more + redis.call('ZADD', KEYS[2], ARGV[4], ARGV[2]) * ${WAITING_BYTES}
  redis.call('HSET', KEYS[3], ARGV[2], ARGV[5])
else
  more = more - redis.call('ZREM', KEYS[2], ARGV[2]) * ${WAITING_BYTES}
  redis.call('HDEL', KEYS[3], ARGV[2])
end
if isThere then more = more + redis.call('HSET', KEYS[7], ARGV[1], ARGV[3]) * ${OUTCOME_BYTES} end
redis.call('INCRBY', KEYS[4], more)
`

/**
 * Hands a callback out once more. KEYS: stream, due, tried, bytes, listeners. ARGV: the listener, id in the stream, now,
 * how it was tried. @returns 1, or 0 where there is no such callback or listener
 */
export const AGAIN = `#!lua flags=allow-oom
if redis.call('HEXISTS', KEYS[5], ARGV[1]) == 0 or #redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2]) == 0 then return 0 end
redis.call('INCRBY', KEYS[4], redis.call('ZADD', KEYS[2], ARGV[3], ARGV[2]) * ${WAITING_BYTES})
redis.call('HSET', KEYS[3], ARGV[2], ARGV[4])
return 1
`

/**
 * The latest of a stream first, without their bodies: callback-bytes.ts has how a value is made. KEYS: stream. ARGV: before
 * what, how many. @returns for each: id, head
 */
export const LATEST = `#!lua flags=no-writes
local found, last = {}, ARGV[1]
while #found < tonumber(ARGV[2]) do
  local entry = redis.call('XREVRANGE', KEYS[1], last, '-', 'COUNT', 1)[1]
  if not entry then break end
  local value = entry[2][2]
  found[#found + 1] = { entry[1], string.sub(value, 5, 4 + struct.unpack('>I4', value)) }
  last = '(' .. entry[1]
end
return found
`

/** A list has these listeners. KEYS: listed. ARGV: milliseconds since 1970 when it was right, the listeners. */
export const LISTED = `#!lua flags=allow-oom
for at = 2, #ARGV do redis.call('ZADD', KEYS[1], 'GT', ARGV[1], ARGV[at]) end
`

/** KEYS: stream, due, tried, bytes, listeners, listed. ARGV: the listener. */
export const FORGET = `#!lua flags=allow-oom
redis.call('XGROUP', 'DESTROY', KEYS[1], ARGV[1])
redis.call('DECRBY', KEYS[4], redis.call('ZCARD', KEYS[2]) * ${WAITING_BYTES})
redis.call('DEL', KEYS[2], KEYS[3])
redis.call('HDEL', KEYS[5], ARGV[1])
redis.call('ZREM', KEYS[6], ARGV[1])
`

/**
 * Takes away some of what came before a time, with its mark and what came of it. KEYS: stream, bytes. ARGV: milliseconds
 * since 1970, how many at most, what the keys of marks and of outcomes begin with.
 * @returns how many those were
 */
export const TRIM = `#!lua flags=allow-oom
local old = redis.call('XRANGE', KEYS[1], '-', '(' .. ARGV[1] .. '-0', 'COUNT', ARGV[2])
for _, entry in ipairs(old) do
  local id, value, mark = entry[1], entry[2][2], entry[2][4]
  local less = #value + ${ENTRY_BYTES}
  if mark ~= '' then
    redis.call('DEL', ARGV[3] .. mark)
    less = less + ${MARK_BYTES}
  end
  local outcomes = ARGV[4] .. id
  less = less + redis.call('HLEN', outcomes) * ${OUTCOME_BYTES}
  redis.call('DEL', outcomes)
  redis.call('XDEL', KEYS[1], id)
  redis.call('DECRBY', KEYS[2], less)
end
return #old
`
