"""The wall, with real connections: into no private network, by no name, no redirect, and no change of mind of a name server."""

import datetime as dates
import ipaddress
import socket
import ssl
import threading

import pytest

from tilth.core.wall import Forbidden
from tilth.notify import wall
from tilth.notify.wall import Unreachable, post

NO_DOOR = "into a private network"


def told_to_resolve(monkeypatch, *answers):
    """The name server says the first of these, then the second, and so on; returns the names that it was asked."""
    asked, left = [], list(answers)

    def resolve(host, port, *_args, **_kwargs):
        asked.append(host)
        addresses = left.pop(0) if len(left) > 1 else left[0]
        family = {4: socket.AF_INET, 6: socket.AF_INET6}
        return [(family[ipaddress.ip_address(a).version], socket.SOCK_STREAM, 6, "", (a, port)) for a in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


@pytest.fixture
def nobody_is_called(monkeypatch):
    """Whoever opens a connection fails the test."""
    called = []
    monkeypatch.setattr(socket.socket, "connect", lambda _self, where: called.append(where))
    yield
    assert called == []


@pytest.mark.usefixtures("nobody_is_called")
@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "10.0.0.5", "172.20.1.1", "192.168.0.10", "169.254.169.254", "100.100.100.200", "0.0.0.0",
        "[::1]", "[fe80::1]", "[fd00::1]", "[::ffff:127.0.0.1]", "[::ffff:169.254.169.254]", "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]", "0177.0.0.1", "0x7f000001", "2130706433", "127.1",
    ],
)  # fmt: skip
def test_nothing_is_sent_into_a_private_network(host):
    with pytest.raises((Forbidden, Unreachable)):
        post(f"https://{host}/", b"{}", {})


@pytest.mark.usefixtures("nobody_is_called")
@pytest.mark.parametrize("addresses", [["10.0.0.1"], ["1.1.1.1", "10.0.0.1"], ["::1"], ["1.1.1.1", "::ffff:10.1.1.1"]])
def test_a_name_that_leads_there_does_not_help_nor_one_that_also_leads_elsewhere(monkeypatch, addresses):
    told_to_resolve(monkeypatch, addresses)
    with pytest.raises(Forbidden, match=NO_DOOR):
        post("https://hooks.receiver.example/", b"{}", {})


def test_a_name_is_looked_up_once_and_what_it_means_later_does_not_matter(monkeypatch):
    """DNS rebinding: public when it is looked at, private a moment later."""
    asked, called = told_to_resolve(monkeypatch, ["93.184.215.14"], ["127.0.0.1"]), []

    def connect(_self, where):
        called.append(where)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(Unreachable):
        post("https://rebinding.example/", b"{}", {})
    assert asked == ["rebinding.example"]
    assert called == [("93.184.215.14", 443)]


def test_a_redirect_is_not_followed(receiver):
    receiver.answers = [(302, {"Location": receiver.url + "/second"}, b"")]
    assert post(receiver.url, b"{}", {}).status == 302
    receiver.answers = [(307, {"Location": "http://169.254.169.254/"}, b"")]
    assert post(receiver.url, b"{}", {}).status == 307
    assert [path for path, _headers, _body in receiver.got] == ["/in", "/in"]


def test_without_an_opening_even_a_receiver_on_this_machine_is_not_reached(receiver):
    wall.OPENINGS.clear()
    with pytest.raises(Forbidden):
        post(receiver.url, b"{}", {})
    assert receiver.got == []


def test_no_setting_opens_the_wall():
    assert not wall.OPENINGS


def test_a_proxy_of_the_environment_is_not_asked(receiver, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert post(receiver.url, b"{}", {}).status == 200


def test_only_the_beginning_of_an_answer_is_read(receiver):
    receiver.answers = [(200, {}, b"x" * 1_000_000)]
    assert len(post(receiver.url, b"{}", {}).body) == wall.MOST


def test_who_answers_a_byte_at_a_time_is_cut_off(monkeypatch):
    monkeypatch.setattr(wall, "WHOLE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setattr(wall, "OPENINGS", {("127.0.0.1", port)})
        done = threading.Event()

        def drip():
            there, _where = server.accept()
            with there:
                there.sendall(b"HTTP/1.1 200 OK\r\n")
                while not done.wait(0.1):
                    try:
                        there.sendall(b"x")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            with pytest.raises(Unreachable, match="No answer within"):
                post(f"http://127.0.0.1:{port}/", b"{}", {})
        finally:
            done.set()
            thread.join()


def test_who_answers_no_http_or_nobody_is_said(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setattr(wall, "OPENINGS", {("127.0.0.1", port)})

        def mumble():
            there, _where = server.accept()
            with there:
                there.recv(4096)
                there.sendall(b"SSH-2.0-OpenSSH\r\n\r\n")

        thread = threading.Thread(target=mumble)
        thread.start()
        with pytest.raises(Unreachable, match="no HTTP"):
            post(f"http://127.0.0.1:{port}/", b"{}", {})
        thread.join()
    with pytest.raises(Unreachable, match="Not reached"):
        post(f"http://127.0.0.1:{port}/", b"{}", {})


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Of hooks.receiver.example, signed by itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hooks.receiver.example")])
    begins = dates.datetime(2026, 1, 1, tzinfo=dates.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(begins).not_valid_after(begins + dates.timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.receiver.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.mark.parametrize(
    ("host", "trusted", "trouble"),
    [("hooks.receiver.example", True, ""), ("other.receiver.example", True, "certificate"), ("hooks.receiver.example", False, "certificate")],
)  # fmt: skip
def test_the_certificate_must_be_that_of_the_name_though_we_connect_to_an_address(
    receiver, certificate, monkeypatch, host, trusted, trouble
):
    receiver_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    receiver_context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setattr(wall, "OPENINGS", {("127.0.0.1", port), (host, port)})
        if trusted:
            monkeypatch.setattr(wall, "_context", lambda: ssl.create_default_context(cafile=certificate))
        told_to_resolve(monkeypatch, ["127.0.0.1"])

        def answer():
            plain, _where = server.accept()
            try:
                with receiver_context.wrap_socket(plain, server_side=True) as there:
                    said = b""
                    while not said.endswith(b"{}"):  # who closes with something unread breaks the connection
                        said += there.recv(4096)
                    there.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
            except OSError:
                plain.close()

        thread = threading.Thread(target=answer)
        thread.start()
        if trouble:
            with pytest.raises(Unreachable, match=trouble):
                post(f"https://{host}:{port}/", b"{}", {})
        else:
            assert post(f"https://{host}:{port}/", b"{}", {}).status == 204
        thread.join()
