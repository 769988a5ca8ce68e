#!/usr/bin/env bash
# A release build that was optimized for what a run of it did most (profile-guided optimization): two builds with a
# load on PostgreSQL between them, in target/pgo. What it gains is in docs/BENCHMARKS.md.
#   scripts/pgo.sh      needs the compiler's own llvm-profdata (rustup component add llvm-tools) and PostgreSQL
#                       (scripts/setup-servers.sh); prints where the program is
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$PWD/target/pgo
host=$(rustc -vV | sed -n 's/^host: //p')
profdata=$(rustc --print sysroot)/lib/rustlib/$host/bin/llvm-profdata
[ -x "$profdata" ] || { echo "please install: rustup component add llvm-tools" >&2; exit 1; }

# With --target, so that build scripts and macros are left as they are.
build() { RUSTFLAGS=$1 cargo build --release --target "$host" --target-dir "$folder"; }

rm -rf "$folder/raw"
build "-Cprofile-generate=$folder/raw"
# A profile is written when the program ends by itself, so its drain must be short.
KYO_BIN=$folder/$host/release/kyo-collaboration KYO__DRAIN__DEADLINE_MS=1000 \
    python3 benches/peers/run.py --only kyo --work fanout --work rooms --work cursors --work durable \
    --out "$folder/training.json"
"$profdata" merge -o "$folder/kyo.profdata" "$folder/raw"
build "-Cprofile-use=$folder/kyo.profdata"
echo "$folder/$host/release/kyo-collaboration"
