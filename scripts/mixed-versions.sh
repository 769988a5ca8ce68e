#!/bin/sh
# Replicas of this build and of another revision in the same rooms, under faults, and a deploy of this
# build on the other.
#   scripts/mixed-versions.sh [REF]
# REF is a tag or commit; without it, the last release tag. KYO_SEED repeats a run. The other revision
# is built in a temporary worktree, into a target folder that is kept for the next time.
set -eu
cd "$(dirname "$0")/.."

ref="${1:-$(git describe --tags --abbrev=0 --match 'v*' 2>/dev/null || true)}"
if [ -z "$ref" ]; then
    echo "there is no release tag yet: name a revision, as in $0 HEAD~10" >&2
    exit 2
fi
commit="$(git rev-parse --verify --quiet "$ref^{commit}")" || {
    echo "no such revision: $ref" >&2
    exit 2
}

tree="$(mktemp -d)"
forget() {
    git worktree remove --force "$tree/other" 2>/dev/null || true
    rm -rf "$tree"
}
trap forget EXIT INT TERM
git worktree add --quiet --detach "$tree/other" "$commit"

target="$PWD/target/mixed"
echo "building $ref ($commit)"
cargo build --manifest-path "$tree/other/Cargo.toml" --target-dir "$target" --bin kyo-collaboration
KYO_OTHER_BIN="$target/debug/kyo-collaboration" \
    cargo test --test faults -- --ignored --exact --nocapture --test-threads=1 \
    mixed::two_versions_work_in_one_room rolling::another_version_is_replaced_by_this_one
