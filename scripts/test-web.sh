#!/bin/sh
# The pages and the client library without a browser: types, unit tests, whether the generated types are
# the schema's, the built package, and the client against the real service. BIN names another binary;
# KYO_OUTAGE_MS shortens the longest outage (30 s).
set -eu
cd "$(dirname "$0")/.."

[ -n "${BIN:-}" ] || cargo build
BIN="$(realpath "${BIN:-target/debug/kyo-collaboration}")"
export BIN

cd web
[ -d node_modules ] || npm ci --no-audit --no-fund
npm run --silent check
npm test --silent
npm run --silent build -w client
npm run --silent test:live -w client
