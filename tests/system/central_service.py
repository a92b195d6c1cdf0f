# SPDX-License-Identifier: Apache-2.0
"""A real gatehouse-central on an ephemeral port, its demo keys, and a client that checks answers."""

import http.client
import json
import os
import re
import signal
import ssl
import subprocess
from pathlib import Path

import jsonschema
import pytest

SOURCE = Path(os.environ.get("GATEHOUSE_SOURCE_DIR", Path(__file__).resolve().parents[2]))
BUILD = Path(os.environ.get("GATEHOUSE_BUILD_DIR", SOURCE / ".build/release"))
API = json.loads((SOURCE / "docs/central.openapi.json").read_text())
HTTP_TIMEOUT_S = 20


def program(folder, name):
    path = BUILD / folder / name
    if not path.exists():
        pytest.skip(f"{path} is not built")
    return str(path)


def make_goods(folder):
    """Keys, records and bundles; see tests/system/programs/central_goods.c."""
    subprocess.run([program("test", "central_goods"), str(folder)], check=True, timeout=60)
    return Path(folder)


class Service:
    """gatehouse-central in a process of its own."""

    def __init__(self, goods, folder, keys=None, keys_folder=None, **settings):
        self.goods = goods
        self.keys = keys or {"provider": "file"}
        self.folder = Path(folder)
        self.keys_folder = keys_folder or self.folder / "keys"
        self.settings = {"listen_port": 0, "data_directory": self.folder / "data",
                         "ca_file": goods / "keys/ca.pem",
                         "certificate_file": goods / "keys/central.pem",
                         "key_file": goods / "keys/central.key",
                         "signer_certificate_file": goods / "keys/signer.pem",
                         "signer_key_file": goods / "keys/signer.key", **settings}
        self.process = None
        self.port = None
        self.log = self.folder / "central.log"

    def write_settings(self):
        lines = ["[central]"] + [f"{key} = {value}" for key, value in self.settings.items()]
        lines += ["[keys]", f"directory = {self.keys_folder}"]
        lines += [f"{key} = {value}" for key, value in self.keys.items()]
        lines += ["[log]", "level = info"]
        path = self.folder / "central.conf"
        path.write_text("\n".join(lines) + "\n")
        return path

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [program("bin", "gatehouse-central"), "--config", str(self.write_settings())],
                stdout=subprocess.PIPE, stderr=log, text=True)
        line = self.process.stdout.readline()
        found = re.fullmatch(r"listening on 127\.0\.0\.1:(\d+)\n", line)
        assert found, f"{line!r}, {self.log.read_text()}"
        self.port = int(found.group(1))
        return self

    def stop(self):
        """End it politely; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(15)
        self.process.stdout.close()
        return status

    def kill(self):
        self.process.kill()
        self.process.wait(15)
        self.process.stdout.close()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()


def tls(goods, client, keys="keys", ca="keys"):
    context = ssl.create_default_context(cafile=str(goods / ca / "ca.pem"))
    if client:
        context.load_cert_chain(str(goods / keys / f"{client}.pem"), str(goods / keys / f"{client}.key"))
    return context


class Client:
    """One connection that is kept, in the name of a certificate."""

    def __init__(self, service, name, **how):
        self.service = service
        self.context = tls(service.goods, name, **how)
        self.connection = None

    def ask(self, method, path, body=None, content_type=None, headers=None):
        """(status, headers, body) of an answer that the API file allows."""
        if self.connection is None:
            self.connection = http.client.HTTPSConnection(
                "localhost", self.service.port, timeout=HTTP_TIMEOUT_S, context=self.context)
        headers = dict(headers or {})
        if content_type:
            headers["Content-Type"] = content_type
        try:
            self.connection.request(method, path, body=body, headers=headers)
            answer = self.connection.getresponse()
            data = answer.read()
        except (http.client.HTTPException, OSError):
            self.close()
            raise
        if answer.getheader("Connection") == "close":
            self.close()
        if method == "HEAD":
            assert data == b"" and answer.getheader("Content-Length") in (None, "0")
        check_answer(method, path, answer.status, answer.getheader("Content-Type"), data)
        return answer.status, answer.headers, data

    def put_record(self, n):
        body = (self.service.goods / f"record-{n}.json").read_bytes()
        return self.ask("PUT", f"/v1/encounters/{json.loads(body)['id']}", body, "application/json")

    def put_photo(self, n, of=None):
        record = json.loads((self.service.goods / f"record-{n if of is None else of}.json").read_bytes())
        body = (self.service.goods / f"record-{n}.jpg").read_bytes()
        return self.ask("PUT", f"/v1/encounters/{record['id']}/photo", body, "image/jpeg")

    def put_addendum(self, n):
        body = (self.service.goods / f"addendum-{n}.json").read_bytes()
        return self.ask("PUT", f"/v1/addenda/{json.loads(body)['id']}", body, "application/json")

    def put_bundle(self, name, voyage, version):
        body = (self.service.goods / name).read_bytes()
        return self.ask("PUT", f"/v1/voyages/{voyage}/versions/{version}", body,
                        "application/octet-stream")

    def get(self, path):
        status, _, data = self.ask("GET", path)
        assert status == 200, data
        return json.loads(data)

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None


def operation_of(method, path):
    """The API's operation for a request, or None."""
    path = path.split("?")[0]
    for template, item in API["paths"].items():
        pattern = re.sub(r"\{[a-z]+\}", "[^/]+", template)
        if re.fullmatch(pattern, path):
            return item.get(method.lower()), item
    return None, None


SEEN = set()


def resolve(node):
    while "$ref" in node:
        target = API
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def check_answer(method, path, status, content_type, data):
    """Hold an answer against docs/central.openapi.json by python3-jsonschema."""
    operation, item = operation_of(method, path)
    if method == "HEAD" and operation is None:
        assert status in (404, 405)
        return
    if item is None:
        schema = API["components"]["schemas"]["Error"]
        assert status == 404
    elif operation is None:
        schema = API["components"]["schemas"]["Error"]
        assert status == 405
    else:
        assert str(status) in operation["responses"], f"{method} {path} may not answer {status}"
        SEEN.add((operation["operationId"], status))
        content = resolve(operation["responses"][str(status)]).get("content")
        if content is None:
            assert data == b""
            return
        assert content_type in content
        if content_type != "application/json":
            return
        schema = content["application/json"]["schema"]
    assert content_type == "application/json"
    whole = {**schema, "components": API["components"],
             "$schema": "https://json-schema.org/draft/2020-12/schema"}
    jsonschema.Draft202012Validator(whole).validate(json.loads(data))


def error_code(data):
    return json.loads(data)["error"]["code"]
