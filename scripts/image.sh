#!/usr/bin/env bash
# Builds the image for ARCHITECTURE (amd64, arm64; default this machine's) as an OCI archive in target/image, and
# prints its digest: scripts/image.sh [ARCHITECTURE] [more for the build, such as --no-cache]. Takes Buildah or
# Podman, else a running Docker; where there is none, installs Buildah. KYO_BASES=stand-ins builds on bases made
# of Debian's packages (scripts/image-bases.sh), which is also what is left when no registry answers.
set -euo pipefail
cd "$(dirname "$0")/.."
case "$(uname -m)" in aarch64 | arm64) machine=arm64 ;; *) machine=amd64 ;; esac
architecture=${1:-$machine}
shift || true
folder=$PWD/target/image
archive=$folder/kyo-collaboration-$architecture.tar
mkdir -p "$folder/tmp"
export TMPDIR=$folder/tmp

# The commit's time is the time of everything in the image, which does not depend on when it was built.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
arguments=(--build-arg "REVISION=$(git rev-parse HEAD)" --platform "linux/$architecture"
    --build-arg "VERSION=${VERSION:-$(git describe --tags --always --dirty)}" "$@")

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}
install_packages() {
    command -v apt-get >/dev/null 2>&1 || { echo "please install: $*" >&2; exit 1; }
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

# Storage of our own, so that nothing is left behind elsewhere: `make clean` removes it.
buildah_() { buildah --root "$folder/root" --runroot "$folder/run" "$@"; }

# Each FROM of the Dockerfile, replaced by the stand-in named after its stage; the last has none.
stand_ins() {
    command -v mmdebstrap >/dev/null 2>&1 || install_packages mmdebstrap
    scripts/image-bases.sh "$folder" "$architecture"
    while read -r image _ stage; do
        arguments+=(--build-context "$image=container-image://localhost/kyo-base:${stage:-runtime-$architecture}")
    done < <(sed -n 's/^FROM \(--platform=[^ ]* \)\?//p' Dockerfile)
    # Nothing but a chroot is asked of the machine: containers may not work on it.
    arguments+=(--isolation chroot --pull-never --build-arg "BUILDPLATFORM=linux/$machine"
        --build-arg "TARGETPLATFORM=linux/$architecture" --build-arg "TARGETARCH=$architecture")
}

with_buildah() {
    local runtime
    runtime=$(sed -n 's/^FROM .*\(gcr.io[^ ]*\)$/\1/p' Dockerfile)
    if [ "${KYO_BASES:-}" = stand-ins ] || ! buildah_ pull --quiet --arch "$architecture" "$runtime" >/dev/null; then
        echo "on stand-ins for the bases: not for a release" >&2
        stand_ins
    fi
    buildah_ build --layers --format oci --timestamp "$SOURCE_DATE_EPOCH" "${arguments[@]}" \
        --tag "localhost/kyo:$architecture" .
    buildah_ push --quiet "localhost/kyo:$architecture" "oci-archive:$archive"
}

rm -f "$archive"
if command -v buildah >/dev/null 2>&1; then
    with_buildah
elif command -v podman >/dev/null 2>&1; then
    podman build --format oci --timestamp "$SOURCE_DATE_EPOCH" "${arguments[@]}" --tag "localhost/kyo:$architecture" .
    podman push --quiet "localhost/kyo:$architecture" "oci-archive:$archive"
elif docker info >/dev/null 2>&1; then
    docker buildx build --provenance=false "${arguments[@]}" --output "type=oci,dest=$archive,rewrite-timestamp=true" .
else
    install_packages buildah
    with_buildah
fi
python3 tests/image/archive.py "$archive"
