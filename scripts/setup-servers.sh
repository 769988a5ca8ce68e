#!/bin/sh
# Installs the servers that the tests start for themselves where they are missing: PostgreSQL 15 or
# newer, Redis 7 or newer and HAProxy. None of them is left running as a service of the system. And
# valgrind, which counts instructions.
set -eu

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# The first number after a "v" or a space: the major version.
major() {
    sed -n 's/^[^0-9]*\([0-9][0-9]*\).*/\1/p' | head -n 1
}

has_postgres() {
    for bin in /usr/lib/postgresql/*/bin "$(pg_config --bindir 2>/dev/null || echo /nowhere)"; do
        [ -x "$bin/initdb" ] && [ -x "$bin/postgres" ] || continue
        [ "$("$bin/postgres" --version | major)" -ge 15 ] && return 0
    done
    return 1
}

has_redis() {
    command -v redis-server >/dev/null 2>&1 || return 1
    [ "$(redis-server --version | sed 's/.*v=//' | major)" -ge 7 ] || return 1
    # Built without TLS, it takes the option for a mistake.
    ! redis-server --tls-port 0 --port 0 --save '' 2>&1 | grep -qi 'bad directive\|fatal config'
}

missing=""
has_postgres || missing="postgresql-15"
has_redis || missing="$missing redis-server"
command -v haproxy >/dev/null 2>&1 || [ -x /usr/sbin/haproxy ] || missing="$missing haproxy"
command -v valgrind >/dev/null 2>&1 || missing="$missing valgrind"
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "please install:$missing (PostgreSQL 15 or newer with its contrib modules;" >&2
    echo "Redis 7 or newer with TLS, as redis-server in the search path; HAProxy; valgrind)" >&2
    exit 1
fi

# A package of a server starts it, and the one of PostgreSQL makes a cluster: neither is wanted
# where it was not there before. The policy file is what Debian asks whether services may start.
policy=/usr/sbin/policy-rc.d
made_policy=""
if [ ! -e "$policy" ]; then
    made_policy=yes
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
fi
restore() {
    if [ -n "$made_policy" ]; then as_root rm -f "$policy"; fi
}
trap restore EXIT

as_root apt-get update -qq
case "$missing" in *postgresql*)
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends postgresql-common
    if ! grep -qs '^create_main_cluster' /etc/postgresql-common/createcluster.conf; then
        echo 'create_main_cluster = false' |
            as_root tee -a /etc/postgresql-common/createcluster.conf >/dev/null
    fi
    # Systems newer than Debian 12 carry a newer one.
    apt-cache show postgresql-15 >/dev/null 2>&1 || missing=$(echo "$missing" | sed 's/-15//')
    ;;
esac
# shellcheck disable=SC2086
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing

has_postgres || { echo "what apt installed is older than PostgreSQL 15" >&2; exit 1; }
has_redis || { echo "what apt installed is older than Redis 7, or has no TLS" >&2; exit 1; }
