#!/bin/sh
# Installs the peers that docs/BENCHMARKS.md compares with, each in the version named here, under
# target/peers; nginx with nchan comes from the system's packages. What can't be had is said and left
# out, and so is it by the run.
#   benches/peers/install.sh [node] [rust] [nchan] [nats] [centrifugo] [sockudo]     all without names
set -u
cd "$(dirname "$0")/../.."
peers=$PWD/target/peers
mkdir -p "$peers/bin"
wanted=${*:-node rust nchan nats centrifugo sockudo}
missed=""

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# Socket.IO, the Redis streams adapter, ws and pg: the lock file says which.
install_node() {
    mkdir -p "$peers/js" && cp benches/peers/js/package.json benches/peers/js/package-lock.json "$peers/js" &&
        npm --prefix "$peers/js" ci --no-audit --no-fund --omit=dev &&
        cp benches/peers/js/*.mjs "$peers/js"
}

# socketioxide and the floor.
install_rust() {
    cargo build --release --locked --manifest-path benches/peers/rust/Cargo.toml --target-dir "$peers/rust" &&
        cp "$peers/rust/release/floor" "$peers/rust/release/socketioxide" "$peers/bin"
}

install_nchan() {
    modules=/usr/lib/nginx/modules
    [ -e "$modules/ngx_nchan_module.so" ] && command -v nginx >/dev/null && return
    # nginx must not be started as a service of the system: Debian asks this file.
    policy=/usr/sbin/policy-rc.d
    made=""
    if [ ! -e "$policy" ]; then
        made=yes
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
    fi
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends nginx-light libnginx-mod-nchan
    done=$?
    [ -z "$made" ] || as_root rm -f "$policy"
    return $done
}

install_nats() {
    GOBIN="$peers/bin" go install github.com/nats-io/nats-server/v2@v2.15.2
}

install_centrifugo() {
    GOBIN="$peers/bin" go install github.com/centrifugal/centrifugo/v6@v6.9.1
}

# One node needs none of its features but the local adapter; optimised as its own releases are.
install_sockudo() {
    # One of its metrics' crates generates code at build time, after messages of Google's that are a package of their own.
    if ! { command -v protoc && [ -e /usr/include/google/protobuf/timestamp.proto ]; } >/dev/null; then
        as_root apt-get install -y --no-install-recommends protobuf-compiler libprotobuf-dev || return
    fi
    CARGO_PROFILE_RELEASE_LTO=fat CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1 \
        cargo install sockudo --version =5.2.0 --locked --no-default-features --features local \
        --root "$peers" --target-dir "$peers/sockudo"
}

for peer in $wanted; do
    "install_$peer" || missed="$missed $peer"
done
[ -z "$missed" ] || echo "not installed:$missed" >&2
