# SPDX-License-Identifier: Apache-2.0
"""A small real proxy on loopback: HTTP with CONNECT, with or without TLS, and SOCKS 5."""

import base64
import select
import socket
import ssl
import struct
import threading

TIMEOUT_S = 20


class Proxy:
    """
    Carries connections to loopback. credentials is "user:password"; answer is a status that CONNECT
    is met with instead of being carried; certificate and key make it speak TLS.
    """

    def __init__(self, kind="http", credentials=None, answer=None, certificate=None, key=None):
        self.kind = kind
        self.credentials = credentials
        self.answer = answer
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(certificate, key)
        self.asked = []      # "localhost:port" of each that was asked for
        self.carried = 0     # connections
        self.bytes = 0       # both ways
        self.heads = []      # what clients said before they were carried
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.stopping = False
        threading.Thread(target=self.accept, daemon=True).start()

    def url(self, scheme):
        return f"{scheme}://localhost:{self.port}"

    def stop(self):
        self.stopping = True
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def accept(self):
        while not self.stopping:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(near,), daemon=True).start()

    def serve(self, near):
        near.settimeout(TIMEOUT_S)
        try:
            if self.context:
                near = self.context.wrap_socket(near, server_side=True)
            far = self.socks(near) if self.kind == "socks" else self.connect(near)
            if far:
                self.carry(near, far)
        except (OSError, ssl.SSLError, ValueError, struct.error):
            pass
        finally:
            near.close()

    def reach(self, target):
        self.asked.append(target)
        return socket.create_connection(("127.0.0.1", int(target.rpartition(":")[2])), TIMEOUT_S)

    def connect(self, near):
        """RFC 9110, 9.3.6."""
        while True:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                byte = near.recv(1)
                if not byte:
                    return None
                head += byte
            lines = head.decode().split("\r\n")
            self.heads.append(head.decode())
            method, target, _ = lines[0].split(" ")
            assert method == "CONNECT"
            if self.answer:
                near.sendall(f"HTTP/1.1 {self.answer} Said\r\nRetry-After: 3000\r\n"
                             "Content-Length: 0\r\n\r\n".encode())
                return None
            if self.credentials and not self.knows(lines[1:]):
                near.sendall(b"HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"x\"\r\n"
                             b"Content-Length: 0\r\n\r\n")
                continue
            far = self.reach(target)
            near.sendall(b"HTTP/1.1 200 Carried\r\n\r\n")
            return far

    def knows(self, lines):
        wanted = "basic " + base64.b64encode(self.credentials.encode()).decode()
        given = [line.partition(": ")[2] for line in lines
                 if line.lower().startswith("proxy-authorization:")]
        return len(given) == 1 and given[0][:6].lower() + given[0][6:] == wanted

    def socks(self, near):
        """RFC 1928, and RFC 1929 for credentials."""
        _, count = near.recv(2)
        methods = near.recv(count)
        wanted = 2 if self.credentials else 0
        near.sendall(bytes([5, wanted if wanted in methods else 255]))
        if wanted not in methods:
            return None
        if self.credentials:
            _, length = near.recv(2)
            user = near.recv(length).decode()
            password = near.recv(near.recv(1)[0]).decode()
            fine = f"{user}:{password}" == self.credentials
            near.sendall(bytes([1, 0 if fine else 1]))
            if not fine:
                return None
        _, _, _, kind = near.recv(4)
        assert kind == 3  # the name is not looked up on this side
        name = near.recv(near.recv(1)[0]).decode()
        port, = struct.unpack("!H", near.recv(2))
        if self.answer:
            near.sendall(bytes([5, self.answer, 0, 1]) + bytes(6))
            return None
        far = self.reach(f"{name}:{port}")
        near.sendall(bytes([5, 0, 0, 1]) + bytes(6))
        return far

    def carry(self, near, far):
        self.carried += 1
        with far:
            far.settimeout(TIMEOUT_S)
            while not self.stopping:
                pending = isinstance(near, ssl.SSLSocket) and near.pending() > 0
                ready = [near] if pending else select.select([near, far], [], [], 0.2)[0]
                for one in ready:
                    data = one.recv(65536)
                    if not data:
                        return
                    self.bytes += len(data)
                    (far if one is near else near).sendall(data)
