#!/bin/sh
# Stand-ins for the Dockerfile's bases, for machines that reach Debian, Rust and npm but no registry of images:
# image-bases.sh STORAGE ARCHITECTURE. What they hold comes from Debian 13 like the real ones; each is known
# to Buildah as localhost/kyo-base:STAGE. Never for a release: the real bases are pinned by digest.
set -eu
storage=$1
architecture=$2
rust=$(sed -n 's#^FROM .*/rust:\([0-9.]*\)-.*#\1#p' "$(dirname "$0")/../Dockerfile")
work=$(mktemp -d "${TMPDIR:-/tmp}/kyo-bases.XXXXXX")
trap 'rm -rf "$work"' EXIT
authorities=/etc/ssl/certs/ca-certificates.crt

build() { buildah --root "$storage/root" --runroot "$storage/run" "$@"; }
has() { build images --quiet "localhost/kyo-base:$1" >/dev/null 2>&1; }

# A file system of Debian packages, as a tar: debian VARIANT ARCHITECTURE PACKAGES TAR.
debian() {
    mmdebstrap --quiet --variant="$1" --architectures="$2" --include="$3" trixie "$4"
}

# keep STAGE SETTINGS... makes an image of $work/STAGE.tar and the folder $work/STAGE.
keep() {
    stage=$1
    shift
    container=$(build from scratch)
    build add --quiet "$container" "$work/$stage.tar" / >/dev/null
    [ ! -d "$work/$stage" ] || build add --quiet "$container" "$work/$stage" / >/dev/null
    build config "$@" "$container"
    build commit --quiet --rm "$container" "localhost/kyo-base:$stage" >/dev/null
}

if ! has build; then
    echo "a stand-in for rust:$rust" >&2
    debian minbase "$(dpkg --print-architecture)" ca-certificates,gcc,libc6-dev,make "$work/build.tar"
    mkdir -p "$work/build/usr/local/cargo/bin" "$work/build/usr/local/rustup" "$work/build/etc/ssl/certs"
    # What this machine trusts: it may sit behind a proxy with an authority of its own.
    cp "$authorities" "$work/build/etc/ssl/certs/"
    cp -L "$(command -v rustup)" "$work/build/usr/local/cargo/bin/rustup"
    for tool in cargo rustc; do ln -s rustup "$work/build/usr/local/cargo/bin/$tool"; done
    RUSTUP_HOME="$work/build/usr/local/rustup" rustup --quiet toolchain install "$rust" --profile minimal
    RUSTUP_HOME="$work/build/usr/local/rustup" rustup --quiet default "$rust"
    keep build --env RUSTUP_HOME=/usr/local/rustup --env CARGO_HOME=/usr/local/cargo \
        --env PATH=/usr/local/cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
fi

if ! has web; then
    echo "a stand-in for node, with this machine's own" >&2
    debian minbase "$(dpkg --print-architecture)" ca-certificates,libstdc++6 "$work/web.tar"
    mkdir -p "$work/web/usr/local/bin" "$work/web/usr/local/lib/node_modules" "$work/web/etc/ssl/certs"
    cp "$authorities" "$work/web/etc/ssl/certs/"
    cp -L "$(command -v node)" "$work/web/usr/local/bin/node"
    cp -R "$(npm root --global)/npm" "$work/web/usr/local/lib/node_modules/"
    ln -s ../lib/node_modules/npm/bin/npm-cli.js "$work/web/usr/local/bin/npm"
    keep web --env NODE_EXTRA_CA_CERTS=$authorities \
        --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
fi

if ! has "runtime-$architecture"; then
    echo "a stand-in for distroless, $architecture" >&2
    stage=runtime-$architecture
    debian extract "$architecture" base-files,libc6,libgcc-s1,libstdc++6,netbase,tzdata "$work/$stage.tar"
    # What comes with those by dependency only, and what a bootstrap leaves: the real base has none of it.
    tar --delete --wildcards --file "$work/$stage.tar" './usr/bin/*' './usr/sbin/*' './etc/apt/*' './dev/*' \
        './usr/share/perl*' './usr/share/doc/*' './usr/share/man/*' './var/lib/apt/*' './var/lib/dpkg/*'
    mkdir -p "$work/$stage/etc/ssl/certs" "$work/$stage/home/nonroot" "$work/authorities"
    # Its authorities are Debian's, not this machine's.
    debian extract "$architecture" ca-certificates "$work/authorities.tar"
    tar -x -f "$work/authorities.tar" -C "$work/authorities" ./usr/share/ca-certificates
    cat "$work"/authorities/usr/share/ca-certificates/mozilla/*.crt >"$work/$stage/etc/ssl/certs/ca-certificates.crt"
    printf 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n' \
        >"$work/$stage/etc/passwd"
    printf 'root:x:0:\nnonroot:x:65532:\n' >"$work/$stage/etc/group"
    keep "$stage" --arch "$architecture" --user 65532 --workingdir /home/nonroot \
        --env SSL_CERT_FILE=$authorities --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
fi
