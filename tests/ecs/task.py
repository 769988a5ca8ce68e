"""What ECS and AWS are to a task, on loopback: the address that hands out metadata and the role's keys, and TLS in
front of an emulator, which lets only requests through that those keys have signed."""

import datetime
import ipaddress
import json
import ssl
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from emulator import REGION

KEYS = {"AccessKeyId": "ASIATASK", "SecretAccessKey": "of the role", "Token": "for six hours"}
REFUSED = b"<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>no</Message></Error></ErrorResponse>"


@contextmanager
def inside_ecs(emulator, folder, address):
    """The environment of a task whose address is that, and a list that grows with each question to AWS;
    `emulator` is a port."""
    refused, asked = [], []
    with listening(handing_out(address)) as ecs, listening(checking(emulator, refused, asked), certificate(folder)) as aws:
        environment = {
            "ECS_CONTAINER_METADATA_URI_V4": f"http://127.0.0.1:{ecs}/v4/task",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{ecs}/keys",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": "let me in",
            "AWS_ENDPOINT_URL": f"https://127.0.0.1:{aws}/", "SSL_CERT_FILE": f"{folder}/certificate.pem",
        }
        yield environment, asked
    assert not refused, refused


@contextmanager
def listening(handler, tls=None):
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


class Quiet(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def handing_out(address):
    class Handler(Quiet):
        def do_GET(self):
            end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=6)
            keys = {**KEYS, "RoleArn": "arn:aws:iam::123456789012:role/task", "Expiration": end.strftime("%Y-%m-%dT%H:%M:%SZ")}
            metadata = {"Name": "collaboration-service", "Networks": [{"NetworkMode": "awsvpc", "IPv4Addresses": [address]}]}
            if self.path == "/v4/task":
                self.answer(200, json.dumps(metadata).encode())
            elif self.path == "/keys" and self.headers["authorization"] == "let me in":
                self.answer(200, json.dumps(keys).encode())
            else:
                self.answer(401, b"{}")

    return Handler


def checking(emulator, refused, asked):
    class Handler(Quiet):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            if signature(self, body) != self.headers["authorization"]:
                refused.append(dict(self.headers))
                return self.answer(403, REFUSED)
            given = {name: self.headers[name] for name in ("authorization", "content-type", "x-amz-date")}
            request = urllib.request.Request(f"http://127.0.0.1:{emulator}/", body, given)
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    self.answer(200, answer.read())
                asked.append(self.path)
            except urllib.error.HTTPError as error:
                self.answer(error.code, error.read())

    return Handler


def signature(handler, body):
    """As botocore signs that request, at the time that it says."""
    keys = Credentials(KEYS["AccessKeyId"], KEYS["SecretAccessKey"], KEYS["Token"])
    signer = SigV4Auth(keys, "elasticloadbalancing", REGION)
    url = f"https://{handler.headers['host']}{handler.path}"
    request = AWSRequest("POST", url, {"content-type": handler.headers["content-type"]}, body)
    request.context["timestamp"] = handler.headers["x-amz-date"]
    request.headers["X-Amz-Date"] = handler.headers["x-amz-date"]
    request.headers["X-Amz-Security-Token"] = KEYS["Token"]
    canonical = signer.canonical_request(request)
    signed = signer.signature(signer.string_to_sign(request, canonical), request)
    names = signer.signed_headers(signer.headers_to_sign(request))
    return f"AWS4-HMAC-SHA256 Credential={signer.scope(request)}, SignedHeaders={names}, Signature={signed}"


def certificate(folder):
    """Of 127.0.0.1, by itself; for whoever trusts `certificate.pem`."""
    folder.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "aws")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "certificate.pem").write_bytes(made.public_bytes(pem))
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context
