#!/bin/sh
# Installs what the browser tests need: Debian's chromium (when it is missing) and playwright-core.
set -eu
cd "$(dirname "$0")/.."

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

if ! command -v "${CHROMIUM:-chromium}" >/dev/null 2>&1; then
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-inter
fi

cd tests/browser
npm ci --no-audit --no-fund --omit=optional
