#!/bin/sh
# Installs the Socket.IO clients that tests/clients drives, under target/clients: three versions of
# socket.io-client, python-socketio, and rust_socketio as a program of ours. What they need of the
# system (Node, Python with venv, OpenSSL's headers) is installed where it is missing.
set -eu
cd "$(dirname "$0")/.."
sources=tests/clients
clients=target/clients

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

has_openssl() {
    command -v pkg-config >/dev/null 2>&1 && pkg-config --exists openssl
}

# Whether the lock file $1 is what was installed last, as its copy $2 tells.
is_installed() {
    cmp -s "$1" "$2"
}

missing=""
command -v npm >/dev/null 2>&1 || missing="nodejs npm"
python3 -c 'import ensurepip, venv' >/dev/null 2>&1 || missing="$missing python3 python3-venv"
has_openssl || missing="$missing pkg-config libssl-dev"
if [ -n "$missing" ]; then
    command -v apt-get >/dev/null 2>&1 || { echo "please install: $missing" >&2; exit 1; }
    as_root apt-get update -qq
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
fi

mkdir -p "$clients/js"
if ! is_installed "$sources/js/package-lock.json" "$clients/js/installed.lock"; then
    cp "$sources/js/package.json" "$sources/js/package-lock.json" "$clients/js"
    npm --prefix "$clients/js" ci --no-audit --no-fund
    cp "$sources/js/package-lock.json" "$clients/js/installed.lock"
fi

# A new Python of the system leaves an environment behind that starts no more.
if ! is_installed "$sources/python/requirements.txt" "$clients/python/installed.lock" ||
    ! "$clients/python/bin/python" -c 'import socketio, aiohttp' 2>/dev/null; then
    python3 -m venv --clear "$clients/python"
    "$clients/python/bin/pip" install --quiet --disable-pip-version-check \
        --requirement "$sources/python/requirements.txt"
    cp "$sources/python/requirements.txt" "$clients/python/installed.lock"
fi

# Cargo knows by itself what is new. A minute and a half on two cores the first time.
${CARGO:-cargo} build --quiet --locked --manifest-path "$sources/rust/Cargo.toml" \
    --target-dir "$clients/rust"
