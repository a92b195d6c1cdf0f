# SPDX-License-Identifier: Apache-2.0
"""Private keys that lie with the key provider and in no file: centre, lane and command line."""
import json
import shutil
import socket
import subprocess
import time

import pytest
from central_service import Client, Service, make_goods, program
from lane_support import Site, need_demo_files, draw_scenes, settings

BAD_DATA = 65
BUSY = 75
PATIENCE_S = 20


@pytest.fixture(name="goods", scope="module")
def make_the_goods(tmp_path_factory):
    return make_goods(tmp_path_factory.mktemp("goods"))


def free_ports():
    """Two neighbouring ports: the TPM's, and the one by which it is controlled."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port


class SoftTpm:
    """A TPM 2.0 in software, of this test alone."""

    def __init__(self, folder):
        folder.mkdir()
        self.folder = folder
        self.process = None
        self.port = None
        while self.process is None or self.process.poll() is not None:
            self.start()

    def start(self):
        self.port = free_ports()
        pid = self.folder / "pid"
        self.process = subprocess.Popen(
            ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={self.folder}",
             "--server", f"type=tcp,port={self.port}", "--ctrl", f"type=tcp,port={self.port + 1}",
             "--flags", "not-need-init,startup-clear", "--pid", f"file={pid}"])
        until = time.monotonic() + PATIENCE_S
        while self.process.poll() is None and time.monotonic() < until:
            if pid.exists() and pid.read_text().strip() == str(self.process.pid):
                return
            time.sleep(0.01)

    def stop(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture(name="keys", params=["file", "tpm2"])
def make_keys(request, tmp_path):
    """What [keys] says besides the folder."""
    if request.param == "file":
        yield {"provider": "file"}
        return
    if not shutil.which("swtpm"):
        pytest.skip("swtpm is not installed: nothing stands in for a TPM")
    tpm = SoftTpm(tmp_path / "tpm")
    yield {"provider": "tpm2", "tpm2_tcti": f"swtpm:host=127.0.0.1,port={tpm.port}"}
    tpm.stop()


def run(*words):
    return subprocess.run([program("bin", "gatehouse"), *map(str, words)], capture_output=True,
                          text=True, check=False, timeout=60)


def test_a_centre_serves_with_a_key_that_it_keeps(goods, keys, tmp_path):
    service = Service(goods, tmp_path, keys, key_file="provider:central")
    config = service.write_settings()
    with pytest.raises(AssertionError):
        service.start()
    assert service.process.wait(10) == 70
    service.process.stdout.close()

    key = tmp_path / "central.key"
    shutil.copy(goods / "keys/central.key", key)
    wrong = run("keys", "import", "central", goods / "keys/lane-1.key", "--cert",
                goods / "keys/central.pem", "--config", config)
    assert wrong.returncode == BAD_DATA and "not the key of" in wrong.stderr
    done = run("keys", "import", "central", key, "--cert", goods / "keys/central.pem", "--remove",
               "--config", config)
    assert (done.returncode, done.stdout) == (0, "kept as provider:central\n"), done.stderr
    assert not key.exists()
    for path in (tmp_path / "keys").iterdir():
        assert b"PRIVATE KEY" not in path.read_bytes()

    for _ in range(2):
        service.start()
        lane = Client(service, "lane-1")
        assert lane.put_record(0)[0] in (200, 201)
        lane.close()
        busy = run("keys", "list", "--config", config)
        assert busy.returncode == BUSY and "another process" in busy.stderr
        assert service.stop() == 0


def test_what_is_kept_is_listed_and_dropped(goods, keys, tmp_path):
    config = Service(goods, tmp_path, keys).write_settings()
    assert run("keys", "import", "one", goods / "keys/lane-1.key", "--config", config).returncode == 0
    state = json.loads(run("keys", "list", "--json", "--config", config).stdout)
    assert state["secrets"] == ["one"] and state["generation"] == 1 and not state["changing"]
    assert state["kind"] == keys["provider"] and len(state["public_key"]) == 64
    assert state["copied_disk_opens"] == {"file": "anywhere", "tpm2": "nowhere"}[state["kind"]]
    assert run("keys", "drop", "one", "--config", config).returncode == 0
    told = run("keys", "list", "--config", config).stdout
    assert "keeps" not in told and "signs as" in told
    assert run("keys", "import", "No", goods / "keys/lane-1.key", "--config", config).returncode \
        == BAD_DATA


def test_an_operator_asks_with_a_key_that_is_kept(goods, keys, tmp_path):
    (tmp_path / "centre").mkdir()
    with Service(goods, tmp_path / "centre") as service:
        config = tmp_path / "operator.conf"
        config.write_text("\n".join(
            ["[uplink]", f"url = https://localhost:{service.port}",
             f"ca_file = {goods / 'keys/ca.pem'}",
             f"certificate_file = {goods / 'keys/operator.pem'}", "key_file = provider:operator",
             "[keys]", f"directory = {tmp_path / 'keys'}"] +
            [f"{key} = {value}" for key, value in keys.items()]) + "\n")
        missing = run("voyage", "list", "--config", config)
        assert missing.returncode != 0 and "operator" in missing.stderr
        assert run("keys", "import", "operator", goods / "keys/operator.key", "--config",
                   config).returncode == 0
        done = run("voyage", "list", "--json", "--config", config)
        assert done.returncode == 0, done.stderr


def test_a_lane_delivers_with_a_key_that_it_keeps(tmp_path):
    need_demo_files()
    site = Site(tmp_path / "site", draw_scenes())
    try:
        sections = site.sections()
        config = settings.write(tmp_path / "lane.conf", sections)
        key = tmp_path / "lane-1.key"
        shutil.copy(site.keys / "lane-1.key", key)
        done = run("keys", "import", "lane", key, "--remove", "--config", config)
        assert done.returncode == 0, done.stderr
        sections["uplink"]["key_file"] = "provider:lane"
        lane = site.lane(sections)
        lane.wait("the centre", lambda s: s["uplink"]["online"], PATIENCE_S)
        assert lane.stop() == 0
    finally:
        site.stop()
