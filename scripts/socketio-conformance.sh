#!/usr/bin/env bash
# The official protocol suites of Engine.IO 4 (25 tests) and Socket.IO 5 (32 tests) against our two
# layers, as examples/socketio_conformance.rs mounts them.
#
#   scripts/socketio-conformance.sh [times] [folder]
#
# The suites are not ours and not in this repository: they are docs/engine.io-protocol/v4-test-suite
# and docs/socket.io-protocol/v5-test-suite of https://github.com/socketio/socket.io. They are taken
# from `folder` or $KYO_SOCKETIO_SUITES (that repository, or a folder with its docs/), else fetched
# with git. Needs node and npm. Without the suites it says so and ends with status 77.
set -euo pipefail
cd "$(dirname "$0")/.."

times=${1:-1}
from=${2:-${KYO_SOCKETIO_SUITES:-}}
work=target/socketio-suites
engine=docs/engine.io-protocol/v4-test-suite
socket=docs/socket.io-protocol/v5-test-suite

if [ -z "$from" ]; then
    from=$work/upstream
    if [ ! -d "$from/$socket" ]; then
        echo "fetching the suites ..."
        rm -rf "$from"
        # Without questions: a machine without network or rights should say so, not wait.
        if ! GIT_TERMINAL_PROMPT=0 timeout 120 git clone --quiet --depth 1 --filter=blob:none --sparse \
            https://github.com/socketio/socket.io "$from" ||
            ! git -C "$from" sparse-checkout set --no-cone "/$engine/" "/$socket/"; then
            rm -rf "$from"
        fi
    fi
fi
if [ ! -f "$from/$engine/test-suite.js" ] || [ ! -f "$from/$socket/test-suite.js" ]; then
    echo "SKIPPED: the official Socket.IO suites are not here and could not be fetched." >&2
    echo "Get https://github.com/socketio/socket.io and run: KYO_SOCKETIO_SUITES=<it> $0" >&2
    exit 77
fi

cargo build --quiet --example socketio_conformance
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')

# The address is a constant in the suites; it is replaced in a copy.
for suite in "$engine" "$socket"; do
    copy=$work/run/$suite
    mkdir -p "$copy"
    cp "$from/$suite"/*.js* "$copy"
    sed -i "s#http://localhost:3000#http://127.0.0.1:$port#" "$copy/test-suite.js"
    [ -d "$copy/node_modules" ] || (cd "$copy" && npm ci --silent --no-audit --no-fund)
done

"${CARGO_TARGET_DIR:-target}/debug/examples/socketio_conformance" "$port" 2 &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT
for _ in $(seq 100); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
    sleep 0.1
done

failed=0
for run in $(seq "$times"); do
    for suite in "$engine" "$socket"; do
        log=$work/run/$suite/run.log
        status=passed
        (cd "$work/run/$suite" && timeout 120 npx mocha --exit test-suite.js) >"$log" 2>&1 || status=FAILED
        echo "run $run, $suite: $status, $(grep -E '^ +[0-9]+ passing' "$log" | sed 's/^ *//' || true)"
        if [ "$status" = FAILED ]; then
            failed=$((failed + 1))
            sed -n '/failing/,$p' "$log"
        fi
    done
done
exit $((failed > 0))
