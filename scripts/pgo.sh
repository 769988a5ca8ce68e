#!/usr/bin/env bash
# A release build that is optimized for what a run of it did most (profile-guided optimization): two builds in
# target/pgo with a load on PostgreSQL between them. What it gains is in docs/BENCHMARKS.md.
#   scripts/pgo.sh      needs llvm-profdata (rustup component add llvm-tools) and PostgreSQL
#                       (scripts/setup-servers.sh); prints where the program is
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$PWD/target/pgo
host=$(rustc -vV | sed -n 's/^host: //p')
program=$folder/$host/release/kyo-collaboration
profdata=$(rustc --print sysroot)/lib/rustlib/$host/bin/llvm-profdata
[ -x "$profdata" ] || { echo "please install: rustup component add llvm-tools" >&2; exit 1; }

# With --target, so that build scripts and macros are left as they are.
build() { RUSTFLAGS=$1 cargo build --release --bin kyo-collaboration --target "$host" --target-dir "$folder"; }

echo "1 of 3: a build that counts" >&2
rm -rf "$folder/raw"
build "-Cprofile-generate=$folder/raw"

echo "2 of 3: what it is to be good at" >&2
cargo build --release --bin kyo-load
cp target/release/kyo-load "$(dirname "$program")/"
KYO_BIN=$program python3 benches/peers/run.py --only kyo --work fanout --work rooms --work cursors --work durable \
    --out "$folder/training.json" >&2
"$profdata" merge -o "$folder/kyo.profdata" "$folder/raw"

echo "3 of 3: the build for that" >&2
build "-Cprofile-use=$folder/kyo.profdata"
echo "$program"
