//! The scripts that keep addresses, announcements and leases in Redis. Each touches keys of one node or
//! one room only, so all of them lie in one slot, and every key ends by itself.
//!
//! * `kyo:node:{node}`: where a node is reached.
//! * `kyo:{room}:said`: a hash from node to `until value`; `until` is the server's time in
//!   milliseconds, because a field of a hash can't end by itself before Redis 7.4.
//! * `kyo:{room}:leases`: a hash from name to `until token holder`.
//! * `kyo:{room}:token`: the last token. A new one is greater than it and not less than the server's
//!   time in microseconds, so tokens grow even when everything stored was lost.

use redis::{Cmd, Script};

const NOW: &str = "
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function whole(n) return string.format('%.0f', n) end
local function keep(key, ttl)
  if redis.call('PTTL', key) < tonumber(ttl) then redis.call('PEXPIRE', key, ttl) end
end
";

const ADVERTISE: &str = "
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
";

/// Ends a key with a command that the others need anyway: operators list what a user may do.
const VANISH: &str = "return redis.call('PEXPIRE', KEYS[1], 0)";

const WHEREABOUTS: &str = "return redis.call('GET', KEYS[1])";

const ANNOUNCE: &str = "
redis.call('HSET', KEYS[1], ARGV[1], whole(now + ARGV[3]) .. ' ' .. ARGV[2])
keep(KEYS[1], ARGV[3])
return 1
";

const WITHDRAW: &str = "return redis.call('HDEL', KEYS[1], ARGV[1])";

const ANNOUNCED: &str = "
local all, found = redis.call('HGETALL', KEYS[1]), {}
for i = 1, #all, 2 do
  local till, value = string.match(all[i + 1], '^(%d+) (.*)$')
  if tonumber(till) > now then
    found[#found + 1] = all[i]
    found[#found + 1] = value
  else
    redis.call('HDEL', KEYS[1], all[i])
  end
end
return found
";

const CLAIM: &str = "
local held = redis.call('HGET', KEYS[1], ARGV[1])
if held then
  local till, token, holder = string.match(held, '^(%d+) (%d+) (.*)$')
  if tonumber(till) > now and token ~= ARGV[4] then
    return {'held', token, whole(till - now), holder}
  end
end
local token = time[1] * 1000000 + time[2]
token = math.max(token, (tonumber(redis.call('GET', KEYS[2])) or 0) + 1)
token = whole(math.max(token, (tonumber(ARGV[4]) or 0) + 1))
redis.call('SET', KEYS[2], token, 'PX', math.max(86400000, ARGV[3]))
redis.call('HSET', KEYS[1], ARGV[1], whole(now + ARGV[3]) .. ' ' .. token .. ' ' .. ARGV[2])
keep(KEYS[1], ARGV[3])
return {'granted', token}
";

const RELEASE: &str = "
local held = redis.call('HGET', KEYS[1], ARGV[1])
if not held then return 0 end
local till, token = string.match(held, '^(%d+) (%d+) ')
if token ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
if tonumber(till) > now then return 1 end
return 0
";

const LEASES: &str = "
local all, found = redis.call('HGETALL', KEYS[1]), {}
for i = 1, #all, 2 do
  local till, token, holder = string.match(all[i + 1], '^(%d+) (%d+) (.*)$')
  if tonumber(till) > now then
    found[#found + 1] = {all[i], token, whole(till - now), holder}
  else
    redis.call('HDEL', KEYS[1], all[i])
  end
end
return found
";

/// All of them.
pub(super) struct Scripts {
    pub advertise: Routine,
    pub vanish: Routine,
    pub whereabouts: Routine,
    pub announce: Routine,
    pub withdraw: Routine,
    pub announced: Routine,
    pub claim: Routine,
    pub release: Routine,
    pub leases: Routine,
}

/// One script with its name on the server.
pub(super) struct Routine {
    code: String,
    hash: String,
    /// May run twice for one call: the second time changes nothing.
    pub repeatable: bool,
}

impl Scripts {
    pub(super) fn new() -> Self {
        Self {
            advertise: Routine::new(ADVERTISE, true),
            vanish: Routine::new(VANISH, true),
            whereabouts: Routine::new(WHEREABOUTS, true),
            announce: Routine::new(ANNOUNCE, true),
            withdraw: Routine::new(WITHDRAW, true),
            announced: Routine::new(ANNOUNCED, true),
            claim: Routine::new(CLAIM, false),
            release: Routine::new(RELEASE, false),
            leases: Routine::new(LEASES, true),
        }
    }
}

impl Routine {
    fn new(code: &str, repeatable: bool) -> Self {
        let code = format!("{NOW}{code}");
        Self { hash: Script::new(&code).get_hash().to_owned(), code, repeatable }
    }

    /// A call of the script as the server may know it.
    pub(super) fn by_hash(&self, keys: &[String], args: &[Vec<u8>]) -> Cmd {
        call("EVALSHA", &self.hash, keys, args)
    }

    /// The same with the script itself.
    pub(super) fn by_code(&self, keys: &[String], args: &[Vec<u8>]) -> Cmd {
        call("EVAL", &self.code, keys, args)
    }
}

fn call(verb: &str, script: &str, keys: &[String], args: &[Vec<u8>]) -> Cmd {
    let mut command = redis::cmd(verb);
    command.arg(script).arg(keys.len()).arg(keys).arg(args);
    command
}
