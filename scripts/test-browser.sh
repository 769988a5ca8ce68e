#!/bin/sh
# The board in a real browser against the real service: two people, a phone, a cut cable, a restart.
# Screenshots end up in test-output/. BIN names another binary.
set -eu
cd "$(dirname "$0")/.."

[ -n "${BIN:-}" ] || cargo build
bin="$(realpath "${BIN:-target/debug/kyo-collaboration}")"
data="$(mktemp -d)"
log="$data/service.log"

stop() {
    status=$?
    [ -z "${service:-}" ] || kill "$service" 2>/dev/null || true
    [ "$status" -eq 0 ] || tail -n 30 "$log"
    rm -rf "$data"
}
trap stop EXIT INT TERM

port="$(node -e 'const s = require("net").createServer().listen(0, () => { console.log(s.address().port); s.close(); })')"
(cd "$data" && exec env APP_ENV=development PORT="$port" KYO__SERVER__HOST=127.0.0.1 \
    DATABASE_URL="sqlite://$data/kyo.db" KYO__DRAIN__DEADLINE_MS=1000 "$bin" serve >"$log" 2>&1) &
service=$!
PORT="$port"
export PORT
until "$bin" healthcheck --url "http://127.0.0.1:$port" >/dev/null 2>&1; do
    kill -0 "$service" 2>/dev/null || exit 1
    sleep 0.2
done

BIN="$bin"
export BIN
export BOARD_URL="http://127.0.0.1:$port/"
node tests/browser/board.mjs
node tests/browser/panels.mjs
BIN="$bin" node tests/browser/console.mjs
