"""Who is compared: how each peer is started, in its documented best configuration for this work, and how kyo-load
speaks to it. A peer that is not installed is left out of the run with a word."""

import json
import os
import shutil
from pathlib import Path

from servers import ROOT, Server, free_port

INSTALLED = ROOT / "target/peers"
SECRET = "a-secret-for-black-box-tests-that-is-long-enough"

# Under which no limit or heartbeat takes part in what is measured.
KYO = {
    "JWT_SECRET": SECRET,
    "KYO__SERVER__HOST": "127.0.0.1",
    "KYO__LIMITS__OPS_PER_SECOND": "1000000",
    "KYO__LIMITS__OPS_BURST": "1000000",
    "KYO__LIMITS__TENANT_OPS_PER_SECOND": "1000000",
    "KYO__LIMITS__TENANT_REQUESTS_PER_SECOND": "1000000",
    "KYO__LIMITS__PRESENCE_PER_SECOND": "1000000",
    "KYO__LIMITS__MAX_CONNECTIONS": "100000",
    "KYO__REALTIME__PING_INTERVAL_MS": "300000",
    "KYO__TELEMETRY__FILTER": "warn",
}

NGINX = """
load_module /usr/lib/nginx/modules/ngx_nchan_module.so;
worker_processes auto;
worker_rlimit_nofile 65535;
daemon off;
pid nginx.pid;
error_log error.log;
events {{ worker_connections 32768; }}
http {{
  access_log off;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    tcp_nodelay on;
    location ~ ^/room/(.+)$ {{
      nchan_pubsub websocket;
      nchan_channel_id $1;
      nchan_store_messages off;
    }}
  }}
}}
"""

NATS = """
listen: "127.0.0.1:{tcp}"
ping_interval: "300s"
max_connections: 65535
websocket {{ host: "127.0.0.1", port: {port}, no_tls: true, compression: false }}
"""


class Peer:
    """One system in one configuration."""

    def __init__(self, name, system, program, starts, options=(), keeps=False):
        self.name, self.system, self.options, self.keeps = name, system, list(options), keeps
        self.program, self.starts = Path(program), starts

    def missing(self):
        """What is not installed, or nothing."""
        return None if self.program.exists() else str(self.program)

    def start(self, stage):
        """The running server; `stage` has what it may need beside it."""
        return self.starts(self, stage)


def kyo(peer, stage):
    port = free_port()
    environment = {**KYO, "PORT": str(port), "DATABASE_URL": stage.postgres.database()}
    return Server("kyo", [peer.program], port, environment)


def node(peer, stage, **environment):
    port = free_port()
    return Server("node", [shutil.which("node"), peer.program], port, {"PORT": str(port), **environment})


def node_with_redis(peer, stage):
    return node(peer, stage, REDIS_URL=f"redis://127.0.0.1:{stage.redis().port}")


def node_with_postgres(peer, stage):
    return node(peer, stage, DATABASE_URL=stage.postgres.database())


def plain(peer, stage):
    port = free_port()
    return Server(peer.program.name, [peer.program], port, {"PORT": str(port)})


def nchan(peer, stage):
    port = free_port()
    folder = stage.folder("nginx")
    (folder / "nginx.conf").write_text(NGINX.format(port=port))
    # nginx's workers leave root's folder for their own user's sake.
    command = [shutil.which("nginx") or "/usr/sbin/nginx", "-p", folder, "-c", folder / "nginx.conf"]
    return Server("nginx", command, port, folder=folder)


def nats(peer, stage):
    port, tcp = free_port(), free_port()
    folder = stage.folder("nats")
    (folder / "nats.conf").write_text(NATS.format(port=port, tcp=tcp))
    return Server("nats", [peer.program, "-c", folder / "nats.conf"], port, folder=folder)


def centrifugo(peer, stage, engine=()):
    port = free_port()
    folder = stage.folder("centrifugo")
    config = {
        "http_server": {"address": "127.0.0.1", "port": port},
        "client": {"insecure": True, "allowed_origins": ["*"], "channel_limit": 128,
                   "ping_interval": "300s", "pong_timeout": "30s"},
        "channel": {"without_namespace": {
            "allow_subscribe_for_client": True, "allow_publish_for_client": True}},
        "log": {"level": "error"},
        **dict(engine),
    }
    (folder / "config.json").write_text(json.dumps(config))
    return Server("centrifugo", [peer.program, "-c", folder / "config.json"], port, folder=folder)


def centrifugo_with_redis(peer, stage):
    address = f"redis://127.0.0.1:{stage.redis().port}"
    return centrifugo(peer, stage, {"engine": {"type": "redis", "redis": {"address": address}}})


def centrifugo_with_postgres(peer, stage):
    database = {"dsn": stage.postgres.database(), "use_notify": True}
    return centrifugo(peer, stage, {"broker": {"enabled": True, "type": "postgres", "postgres": database}})


def sockudo(peer, stage):
    port = free_port()
    folder = stage.folder("sockudo")
    # Zero is no limit. The app is kyo-load's.
    app = {"id": "load", "key": "kyo-load", "secret": "the-secret-of-kyo-load", "enabled": True, "policy": {
        "limits": {"max_connections": 0, "max_client_events_per_second": 0},
        "features": {"enable_client_messages": True}}}
    config = {
        "host": "127.0.0.1", "port": port, "mode": "production", "debug": False, "activity_timeout": 300,
        "shutdown_grace_period": 0,
        "adapter": {"driver": "local"},
        "app_manager": {"driver": "memory", "array": {"apps": [app]}},
        "queue": {"driver": "none"},
        "rate_limiter": {"enabled": False}, "metrics": {"enabled": False},
        "idempotency": {"enabled": False},
    }
    (folder / "config.json").write_text(json.dumps(config))
    environment = {"RUST_LOG": "error"}
    return Server("sockudo", [peer.program, "--config", folder / "config.json"], port, environment, folder)


KYO_BIN = Path(os.environ.get("KYO_BIN", "target/release/kyo-collaboration"))
KYO_BIN = KYO_BIN if KYO_BIN.is_absolute() else ROOT / KYO_BIN
CENTRIFUGO = INSTALLED / "bin/centrifugo"

PEERS = [
    Peer("floor", "relay", INSTALLED / "bin/floor", plain),
    Peer("kyo", "kyo", KYO_BIN, kyo, keeps=True),
    Peer("kyo, MessagePack", "kyo", KYO_BIN, kyo, ["--framing", "msgpack"], keeps=True),
    Peer("kyo, Socket.IO", "kyo", KYO_BIN, kyo, ["--framing", "socketio"], keeps=True),
    Peer("Socket.IO on Node", "socketio", INSTALLED / "js/socketio.mjs", node),
    Peer("Socket.IO on Node, Redis streams", "socketio", INSTALLED / "js/socketio.mjs", node_with_redis),
    Peer("ws on Node", "relay", INSTALLED / "js/relay.mjs", node),
    Peer("ws + pg on Node", "relay", INSTALLED / "js/relay.mjs", node_with_postgres, keeps=True),
    Peer("socketioxide", "socketio", INSTALLED / "bin/socketioxide", plain),
    Peer("nchan", "nchan", "/usr/lib/nginx/modules/ngx_nchan_module.so", nchan),
    Peer("nats-server", "nats", INSTALLED / "bin/nats-server", nats),
    Peer("Centrifugo", "centrifugo", CENTRIFUGO, centrifugo),
    Peer("Centrifugo, Redis", "centrifugo", CENTRIFUGO, centrifugo_with_redis),
    Peer("Centrifugo, PostgreSQL", "centrifugo", CENTRIFUGO, centrifugo_with_postgres, keeps=True),
    Peer("sockudo", "pusher", INSTALLED / "bin/sockudo", sockudo),
]
