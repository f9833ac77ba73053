# syntax=docker/dockerfile:1
# One image for the server, the worker and the command line. It runs as an unprivileged user and expects
# DATABASE_URL: the embedded PostgreSQL is for machines, not for images (docker-compose.yml brings one).

FROM node:20-bookworm-slim AS web
WORKDIR /build/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web ./
RUN npm run build

FROM rust:1.95-bookworm AS programs
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 python3-pip \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
ENV CAMBIUM_CACHE=/opt/cambium \
    SQLX_OFFLINE=true
# Before the sources: half a gigabyte that changes with its pins only.
COPY scripts/fetch.py scripts/fetch.py
RUN python3 scripts/fetch.py libtorch
COPY Cargo.toml Cargo.lock build.rs ./
COPY .sqlx .sqlx
COPY migrations migrations
COPY src src
COPY --from=web /build/web/dist web/dist
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    LIBTORCH=/opt/cambium/libtorch-2.13.0 cargo build --release --locked --features torch --bins \
    && install -D -t /opt/cambium/bin target/release/cambium target/release/cambium-smoke

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libstdc++6 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --home-dir /var/lib/cambium --shell /usr/sbin/nologin cambium \
    && install -d -o cambium -g cambium -m 0700 /var/lib/cambium
# The smoke program finds libtorch where it was built: the path is the same in both stages.
COPY --from=programs /opt/cambium/libtorch-2.13.0/lib /opt/cambium/libtorch-2.13.0/lib
COPY --from=programs /opt/cambium/bin /opt/cambium/bin
ENV PATH=/opt/cambium/bin:$PATH \
    CAMBIUM_DATA=/var/lib/cambium \
    CAMBIUM_SMOKE=/opt/cambium/bin/cambium-smoke \
    CAMBIUM_LISTEN=0.0.0.0:8123 \
    CAMBIUM_LOG=json
USER 10001:10001
VOLUME /var/lib/cambium
EXPOSE 8123
# SIGTERM is Docker's default and a clean shutdown: running smoke jobs are given back.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8123 && printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3 && read -r line <&3 && [[ $line == *' 200 '* ]]"]
ENTRYPOINT ["cambium"]
CMD ["serve"]
