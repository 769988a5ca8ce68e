#!/bin/sh
# Builds the board and the console into web/dist, where the next build of the binary takes them from.
# Installs the packages that the lock file names when they are missing or older than it.
set -eu
cd "$(dirname "$0")/../web"

command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || {
    echo "the board needs Node 20 or newer (https://nodejs.org, or 'apt install nodejs npm')" >&2
    exit 1
}
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    npm ci --no-audit --no-fund --silent
    touch node_modules/.package-lock.json
fi
node build.mjs
