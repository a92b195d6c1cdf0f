# SPDX-License-Identifier: Apache-2.0
"""A centre that speaks HTTP/2: it takes what lanes deliver, several at a time on a connection."""

import json
import socket
import ssl
import threading

import h2.config
import h2.connection
import h2.events

TIMEOUT_S = 20

# How long answers are held back for others that may come beside them.
GATHER_S = 0.5


class Centre:
    """Streams of deliveries are answered together, when as many are open or none comes any more."""

    def __init__(self, keys, gather):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(keys / "central.pem", keys / "central.key")
        self.context.load_verify_locations(keys / "ca.pem")
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.context.set_alpn_protocols(["h2"])
        self.gather = gather
        self.bodies = {}     # path: body, of what was delivered
        self.digests = {}    # path: Content-Digest
        self.connections = 0  # that carried deliveries
        self.open_most = 0   # deliveries at once on one connection
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self):
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(plain,), daemon=True).start()

    def serve(self, plain):
        plain.settimeout(TIMEOUT_S)
        try:
            peer = self.context.wrap_socket(plain, server_side=True)
            if peer.selected_alpn_protocol() == "h2":
                Conversation(self, peer).hold()
            peer.close()
        except OSError:
            plain.close()

    def take(self, request, body):
        """The answer to a whole request: status and JSON."""
        path = request[":path"]
        if request[":method"] == "GET":
            return 200, {"voyages": []}
        if request[":method"] != "PUT" or path.startswith("/v1/witness/"):
            return 404, {"error": {"status": 404, "code": "no_such_path", "reason": "none"}}
        self.bodies[path] = body
        self.digests[path] = request.get("content-digest")
        return 201, {"id": path.split("/")[3], "stored": True}


class Conversation:
    """One connection."""

    def __init__(self, centre, peer):
        self.centre = centre
        self.peer = peer
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        self.requests = {}  # stream: headers
        self.bodies = {}
        self.whole = []     # streams that wait for their answers
        self.carried = False

    def send(self):
        self.peer.sendall(self.h2.data_to_send())

    def answer(self, stream):
        status, said = self.centre.take(self.requests.pop(stream), self.bodies.pop(stream))
        data = json.dumps(said).encode()
        self.h2.send_headers(stream, [(":status", str(status)), ("content-type", "application/json"),
                                      ("content-length", str(len(data)))])
        self.h2.send_data(stream, data, end_stream=True)

    def answer_all(self):
        for stream in self.whole:
            self.answer(stream)
        self.whole = []
        self.send()

    def delivers(self, stream):
        return self.requests[stream][":method"] == "PUT"

    def take(self, event):
        if isinstance(event, h2.events.RequestReceived):
            self.requests[event.stream_id] = {
                (name if isinstance(name, str) else name.decode()):
                (value if isinstance(value, str) else value.decode())
                for name, value in event.headers}
            self.bodies[event.stream_id] = b""
            count = sum(map(self.delivers, self.requests))
            self.centre.open_most = max(self.centre.open_most, count)
            if count and not self.carried:
                self.carried = True
                self.centre.connections += 1
        elif isinstance(event, h2.events.DataReceived):
            self.bodies[event.stream_id] += event.data
            self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            self.whole.append(event.stream_id)

    def hold(self):
        self.h2.initiate_connection()
        self.send()
        while True:
            self.peer.settimeout(GATHER_S if self.whole else TIMEOUT_S)
            try:
                data = self.peer.recv(65536)
            except TimeoutError:
                if not self.whole:
                    return
                self.answer_all()
                continue
            if not data:
                return
            for event in self.h2.receive_data(data):
                self.take(event)
            self.send()
            if len(self.whole) >= self.centre.gather:
                self.answer_all()
