#!/bin/sh
# Counts the instructions of the hot paths against their baseline (benches/instructions), in the
# debug profile, which the tests have built anyway. Then asks the same of a baseline that promises a
# tenth less for one path: a check that can't fail is none.
set -eu
cd "$(dirname "$0")/.."

if ! command -v valgrind >/dev/null 2>&1; then
    echo "please install valgrind, or run scripts/setup-servers.sh, which does it" >&2
    exit 1
fi

cargo=${CARGO:-cargo}
"$cargo" run --quiet --example instructions

promised=$(mktemp)
trap 'rm -f "$promised"' EXIT
awk '/^"digest" = / { $3 = int($3 * 0.9) } { print }' benches/instructions/baseline.toml >"$promised"
if said=$("$cargo" run --quiet --example instructions -- --baseline "$promised" digest); then
    echo "a path that grew by a tenth was let pass:" >&2
    echo "$said" >&2
    exit 1
fi
case "$said" in *GROWN*) ;; *)
    echo "it failed, but not for its growth: $said" >&2
    exit 1 ;;
esac
