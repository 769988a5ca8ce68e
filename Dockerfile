# The service as an image: one binary on Debian's C library, no shell, uid 65532 (docs/OPERATIONS.md, The image).
# BuildKit and Buildah build it, for the machine's own architecture or across. Bases are pinned by digests of all
# architectures, which .github/dependabot.yml moves; what is built on them is pinned by lock files.

FROM --platform=$BUILDPLATFORM docker.io/library/node:24-trixie-slim@sha256:6950b66b4c0cb0151ce89fa75074673850763d096b044f422c6729b588dd4956 AS web
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
COPY web/client/package.json client/
COPY web/board/package.json board/
COPY web/console/package.json console/
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY web ./
RUN node build.mjs
WORKDIR /src/ops/image
COPY ops/image ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund && node rds-authorities.mjs > /rds-authorities.pem

# Debian's compilers answer to the name of their architecture, be they native or not; the full image of Rust has
# what the allocator, the cryptography and SQLite are compiled with.
FROM --platform=$BUILDPLATFORM docker.io/library/rust:1.95.0-trixie@sha256:f49565f188ee00bc2a18dd418183f2c5f23ef7d6e691890517ed341a598f67c3 AS build
ENV CC_x86_64_unknown_linux_gnu=x86_64-linux-gnu-gcc \
    CC_aarch64_unknown_linux_gnu=aarch64-linux-gnu-gcc \
    CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER=x86_64-linux-gnu-gcc \
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc \
    CARGO_INCREMENTAL=0 \
    KYO_WEB=skip
ARG TARGETARCH
# Where another architecture is built for than on; a release never does, so that no package of the day is in it.
# hadolint ignore=DL3008
RUN case "$TARGETARCH" in \
        amd64) cpu=x86_64 package=gcc-x86-64-linux-gnu ;; \
        arm64) cpu=aarch64 package=gcc-aarch64-linux-gnu ;; \
        *) echo "not for $TARGETARCH" >&2; exit 1 ;; \
    esac \
    && echo "$cpu-unknown-linux-gnu" > /triple \
    && if ! command -v "$cpu-linux-gnu-gcc"; then \
        rustup target add "$cpu-unknown-linux-gnu" \
        && apt-get update \
        && apt-get install -y --no-install-recommends "$package" "libc6-dev-$TARGETARCH-cross" \
        && rm -rf /var/lib/apt/lists/*; \
    fi
WORKDIR /src
COPY . .
COPY --from=web /src/web/dist web/dist
# Dependencies stay compiled in the cache. What is ours is compiled anew: cargo goes by the time of a file, and
# a source that is older than the cache may still be another one.
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    find src build.rs -exec touch {} + \
    && cargo build --locked --profile dist --target "$(cat /triple)" --bin kyo-collaboration \
    && mkdir -p /out/home/config /out/data \
    && cp "target/$(cat /triple)/dist/kyo-collaboration" /out/

# Nothing here belongs to the service's user but the folder of the embedded database, which needs a volume where
# the root is read-only. `config/` is where a folder of settings may be mounted.
# The platform is said because Buildah 1.28 goes on with the last stage's.
# hadolint ignore=DL3065
FROM --platform=$TARGETPLATFORM gcr.io/distroless/cc-debian13:nonroot@sha256:54df941ed0d06a1bd95ef5e0ce391fd8d9f94b64782dc9a60062727849ee3f97
COPY --from=build --chmod=0555 /out/kyo-collaboration /usr/local/bin/kyo-collaboration
COPY --from=web --chmod=0444 /rds-authorities.pem /etc/ssl/rds-authorities.pem
COPY --from=build /out/home /var/lib/kyo
COPY --from=build --chown=65532:65532 /out/data /var/lib/kyo/data
WORKDIR /var/lib/kyo
ENV APP_ENV=production
USER 65532:65532
EXPOSE 3001
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/kyo-collaboration"]
ARG VERSION=""
ARG REVISION=""
LABEL org.opencontainers.image.title="kyo-collaboration" \
      org.opencontainers.image.description="Realtime collaboration on gym class timetables" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
