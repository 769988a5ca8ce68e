#!/bin/sh
# Installs what the browser tests need where it is missing: Debian's chromium and Node, and
# playwright-core.
set -eu
cd "$(dirname "$0")/.."

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

missing=""
command -v "${CHROMIUM:-chromium}" >/dev/null 2>&1 || missing="chromium fonts-inter fonts-noto-cjk"
command -v npm >/dev/null 2>&1 || missing="$missing nodejs npm"
if [ -n "$missing" ]; then
    command -v apt-get >/dev/null 2>&1 || { echo "please install: $missing" >&2; exit 1; }
    as_root apt-get update -qq
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
fi

cd tests/browser
npm ci --no-audit --no-fund --omit=optional
