# SPDX-License-Identifier: Apache-2.0
"""config/fetch and config/setup against a registry on loopback and a package manager of paper."""

import hashlib
import http.server
import io
import os
import pathlib
import shutil
import stat
import subprocess
import tarfile
import threading
import time
import zipfile

import pytest

CONFIG = pathlib.Path(__file__).resolve().parents[2] / "config"
WHEEL = "specimen-1.0-py3-none-any.whl"
TARBALL = "specimen-networks-2.0.tgz"
LIMIT_S = 60


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def make_wheel(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def make_tarball(members):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


class Registry(http.server.ThreadingHTTPServer):
    """A package index that can break off, answer slowly, and tells what was asked of it."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.files, self.asked = {}, []
        self.break_off_at, self.delay_s = None, 0
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"

    def close(self):
        self.shutdown()
        self.thread.join()
        self.server_close()


class Answer(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        name = self.path.rsplit("/", 1)[-1]
        if self.path == "/simple/specimen/":
            links = "".join(f'<a href="/files/{f}">{f}</a>' for f in self.server.files)
            self.reply(200, links.encode(), "text/html")
        elif self.path.startswith("/files/") and name in self.server.files:
            self.reply_file(name)
        else:
            self.reply(404, b"none", "text/plain")

    def reply(self, status, body, kind, extra=None):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if extra:
            self.send_header(*extra)
        self.end_headers()
        return self.wfile.write(body)

    def reply_file(self, name):
        data = self.server.files[name]
        start = int(self.headers.get("Range", "bytes=0-")[6:].split("-")[0])
        self.server.asked.append((name, start))
        time.sleep(self.server.delay_s)
        body = data[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        if self.server.break_off_at is not None:
            body = body[: self.server.break_off_at]
            self.close_connection = True
        self.wfile.write(body)


class Machine:
    """A cache folder and tables that want a few made-up files of a made-up registry."""

    def __init__(self, folder, registry):
        self.folder, self.registry = folder, registry
        self.cache = folder / "cache"
        self.network = os.urandom(300_000)
        self.picture = os.urandom(50_000)
        self.wheel = make_wheel({"specimen/engine.so": self.network, "specimen/extra": b"unwanted"})
        self.tarball = make_tarball(
            {"package/model/first": b"unwanted", "package/model/second": self.picture}
        )
        registry.files = {WHEEL: self.wheel, TARBALL: self.tarball}
        self.write_tables(sha256(self.network))
        bin_folder = folder / "bin"
        bin_folder.mkdir()
        npm = bin_folder / "npm"
        npm.write_text(f"#!/bin/sh\ncase $* in *view*) echo {registry.address}/files/{TARBALL} ;; "
                       "*) echo 'npm ERR! network request failed, ENOTFOUND' >&2; exit 1 ;; esac\n")
        npm.chmod(0o755)
        self.environment = {
            "PATH": f"{bin_folder}:/usr/bin:/bin",
            "HOME": str(folder / "home"),
            "GATEHOUSE_CACHE": str(self.cache),
            "GATEHOUSE_FETCH_LIST": str(folder / "fetch.list"),
            "GATEHOUSE_MODELS_MANIFEST": str(folder / "MANIFEST"),
            "PIP_CONFIG_FILE": "/dev/null",
            "PIP_INDEX_URL": f"{registry.address}/simple/",
            "PIP_TIMEOUT": "2",
        }

    def write_tables(self, network_sha256):
        rows = [
            ["artifact", "a", "pypi", "specimen", "1.0", WHEEL, sha256(self.wheel),
             len(self.wheel)],
            ["member", "a", "engine/engine.so", "specimen/engine.so", "-", "-"],
            ["artifact", "b", "npm", "specimen-networks", "2.0", TARBALL, sha256(self.tarball),
             len(self.tarball)],
            ["member", "b", "pictures/one.jpg", "#2", sha256(self.picture), len(self.picture)],
        ]
        self.write("fetch.list", rows)
        self.write("MANIFEST", [["engine", "engine/engine.so", "engine", "pypi:specimen", "1.0",
                                 network_sha256, len(self.network), "MIT", "runs the networks"]])

    def write(self, name, table):
        text = "".join("\t".join(map(str, row)) + "\n" for row in table)
        (self.folder / name).write_text("# a table\n\n" + text)

    def start(self, *arguments):
        return subprocess.Popen(
            [CONFIG / "fetch", *arguments], env=self.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def fetch(self, *arguments):
        process = self.start(*arguments)
        process.output, process.errors = process.communicate(timeout=LIMIT_S)
        assert "Traceback" not in process.errors
        return process

    def files(self):
        """Everything in the cache but the lock and what was downloaded."""
        found = {p.relative_to(self.cache).as_posix() for p in self.cache.rglob("*") if p.is_file()}
        return {p for p in found if p != ".lock" and not p.startswith("downloads/")}

    def downloaded(self, file, data):
        return self.cache / "downloads" / sha256(data) / file


@pytest.fixture(name="registry")
def make_registry():
    registry = Registry()
    yield registry
    registry.close()


@pytest.fixture(name="machine")
def make_machine(tmp_path, registry):
    return Machine(tmp_path, registry)


ALL = {"engine/engine.so", "pictures/one.jpg"}


def test_takes_the_listed_members_and_nothing_else(machine):
    done = machine.fetch()
    assert done.returncode == 0, done.errors
    assert machine.files() == ALL
    assert (machine.cache / "engine/engine.so").read_bytes() == machine.network
    assert (machine.cache / "pictures/one.jpg").read_bytes() == machine.picture
    assert not (machine.folder / "home").exists(), "something was written to the home folder"


def test_a_second_run_asks_for_nothing(machine, registry):
    assert machine.fetch().returncode == 0
    registry.asked.clear()
    assert machine.fetch().returncode == 0
    assert machine.fetch("--check").returncode == 0
    assert registry.asked == []


def test_one_part_alone(machine):
    assert machine.fetch("pictures").returncode == 0
    assert machine.files() == {"pictures/one.jpg"}


def test_check_tells_and_changes_nothing(machine, registry):
    done = machine.fetch("--check")
    assert done.returncode == 1
    assert "engine/engine.so is missing" in done.output
    assert registry.asked == [] and not machine.cache.exists()


def test_goes_on_where_an_earlier_attempt_stopped(machine, registry):
    part = machine.downloaded(f"{WHEEL}.part", machine.wheel)
    part.parent.mkdir(parents=True)
    part.write_bytes(machine.wheel[:100_000])
    assert machine.fetch("models").returncode == 0
    assert registry.asked == [(WHEEL, 100_000)]


def test_a_connection_that_breaks_off_again_and_again(machine, registry):
    registry.break_off_at = 130_000
    done = machine.fetch("models")
    assert done.returncode == 0, done.errors
    assert [start for _, start in registry.asked] == [0, 130_000, 260_000]


def test_a_killed_set_up_can_be_run_again(machine, registry):
    """Its curl lives on; the next set-up waits for that, for both write to one file."""
    registry.delay_s = 1
    process = machine.start("models")
    for _ in range(1000):
        if registry.asked:
            break
        time.sleep(0.01)
    assert registry.asked
    process.kill()
    process.wait(LIMIT_S)
    done = machine.fetch("models")
    assert done.returncode == 0, done.errors
    assert "waiting" in done.output
    assert registry.asked == [(WHEEL, 0)]


def test_offline_names_what_was_fetched_and_how_to_go_on(machine, registry):
    registry.close()
    done = machine.fetch("models")
    assert done.returncode == 1
    assert done.errors.count("\n") == 1
    assert "cannot fetch specimen 1.0 from pypi: no connection" in done.errors
    assert "run the same command again" in done.errors
    done = machine.fetch("pictures")
    assert done.returncode == 1
    assert "cannot fetch specimen-networks 2.0 from npm: no connection" in done.errors


def test_a_version_the_registry_does_not_have(machine, registry):
    registry.files = {}
    done = machine.fetch("models")
    assert done.returncode == 1
    assert "cannot fetch specimen 1.0 from pypi" in done.errors
    assert "no connection" not in done.errors


def test_an_artifact_with_another_hash_is_kept_aside(machine, registry):
    forged = bytes([machine.wheel[0] ^ 1]) + machine.wheel[1:]
    registry.files[WHEEL] = forged
    done = machine.fetch("models")
    assert done.returncode == 1
    assert sha256(forged) in done.errors and sha256(machine.wheel) in done.errors
    bad = machine.downloaded(f"{WHEEL}.bad", machine.wheel)
    assert str(bad) in done.errors and bad.read_bytes() == forged
    assert machine.files() == set()

    registry.files[WHEEL] = machine.wheel
    assert machine.fetch("models").returncode == 0


def test_more_bytes_than_listed_are_not_taken(machine, registry):
    registry.files[WHEEL] = machine.wheel + bytes(10_000_000)
    assert machine.fetch("models").returncode == 1
    assert machine.files() == set()


def test_a_member_with_another_hash_is_kept_aside(machine):
    machine.write_tables(sha256(b"another"))
    done = machine.fetch("models")
    assert done.returncode == 1
    assert "engine/engine.so" in done.errors
    assert sha256(machine.network) in done.errors and sha256(b"another") in done.errors
    assert machine.files() == {"engine/engine.so.bad"}


@pytest.mark.parametrize("damage", ["flip", "cut"])
def test_a_damaged_file_is_made_again_without_the_registry(machine, registry, damage):
    assert machine.fetch().returncode == 0
    registry.close()
    path = machine.cache / "engine/engine.so"
    data = machine.network[:-1]
    path.write_bytes(data if damage == "cut" else data + bytes([machine.network[-1] ^ 128]))
    done = machine.fetch()
    assert done.returncode == 0, done.errors
    assert path.read_bytes() == machine.network
    assert "engine/engine.so" in done.output and "kept aside" in done.output
    assert machine.files() == ALL | {"engine/engine.so.bad"}


def test_a_damaged_download_is_fetched_again(machine):
    assert machine.fetch().returncode == 0
    machine.downloaded(WHEEL, machine.wheel).write_bytes(b"damaged")
    (machine.cache / "engine/engine.so").unlink()
    assert machine.fetch().returncode == 0


def make_package(folder, picture):
    tree = folder / "tree"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN/control").write_text(
        "Package: specimen-pictures\nVersion: 2\nArchitecture: all\n"
        "Maintainer: nobody <none@example.org>\nDescription: none\n"
    )
    (tree / "usr").mkdir()
    (tree / "usr/two.png").write_bytes(picture)
    path = folder / "specimen-pictures_2_all.deb"
    subprocess.run(["dpkg-deb", "-b", tree, path], check=True, stdout=subprocess.DEVNULL)
    return path


@pytest.mark.parametrize("same_picture", [True, False])
def test_a_debian_package_that_moved_on(machine, same_picture):
    """The listed version is gone; of the new one the picture's own hash decides."""
    picture = os.urandom(20_000)
    package = make_package(machine.folder, picture)
    expected = sha256(picture if same_picture else b"another")
    machine.write("fetch.list", [
        ["artifact", "c", "debian", "specimen-pictures", "1", "specimen-pictures_1_all.deb",
         sha256(b"old"), 3],
        ["member", "c", "pictures/two.png", "./usr/two.png", expected, len(picture)]])
    apt = machine.folder / "bin/apt-get"
    apt.write_text("#!/bin/sh\ncase $* in *=1) echo 'E: Version 1 was not found' >&2; exit 100 ;; "
                   f"'download specimen-pictures') cp '{package}' . ;; *) exit 1 ;; esac\n")
    apt.chmod(0o755)
    done = machine.fetch("pictures")
    assert done.returncode == (0 if same_picture else 1), done.errors
    assert "no longer offered" in done.output
    assert machine.files() == {"pictures/two.png" if same_picture else "pictures/two.png.bad"}


def test_two_at_once_do_the_work_once(machine, registry):
    registry.delay_s = 0.5
    first, second = machine.start(), machine.start()
    outputs = [p.communicate(timeout=LIMIT_S)[0] for p in (first, second)]
    assert first.returncode == 0 and second.returncode == 0
    assert sum("waiting" in output for output in outputs) == 1
    assert sorted(registry.asked) == sorted([(WHEEL, 0), (TARBALL, 0)])
    assert machine.files() == ALL


@pytest.mark.parametrize("line", ["artifact\ta\tpypi", "member\ta\t\tx\t-\t-", "nonsense"])
def test_a_table_with_a_broken_line_is_refused(machine, line):
    with (machine.folder / "fetch.list").open("a") as table:
        table.write(line + "\n")
    done = machine.fetch()
    assert done.returncode == 1
    assert "fetch.list:7" in done.errors


def test_the_committed_tables_agree():
    """Every network and engine of the manifest comes from a member, or from a preparation."""
    def table(path):
        lines = path.read_text().splitlines()
        return [l.split("\t") for l in lines if l and not l.startswith("#")]

    manifest = table(CONFIG.parent / "models" / "MANIFEST")
    fetched = table(CONFIG / "fetch.list")
    assert all(len(row) == 9 and all(row) for row in manifest)
    assert len({(row[0], row[2]) for row in manifest}) == len(manifest)
    members = {row[2] for row in fetched if row[0] == "member"}
    packages = {(f"{r[2]}:{r[3]}", r[4]) for r in fetched if r[0] == "artifact"}
    for name, path, role, package, version, digest, size, *_ in manifest:
        assert len(digest) == 64 and int(size) > 0
        assert (package, version) in packages, name
        assert (path in members) == (role != "prepared"), path
        if role == "prepared":
            assert (CONFIG.parent / "models" / name / "card.md").exists()


class Apt:
    """A PATH on which dpkg-query, apt-get, sudo and id are of paper."""

    def __init__(self, folder, installed, user=0, sudo=True):
        self.folder = folder / "bin"
        self.folder.mkdir()
        for tool in "sh sed grep head cat env mkdir dirname printf".split():
            (self.folder / tool).symlink_to(shutil.which(tool))
        self.calls = folder / "calls"
        self.calls.touch()
        self.tool("dpkg-query", "".join(f"echo '{name} installed'\n" for name in installed))
        self.tool("id", f"echo {user}\n")
        if sudo:
            self.tool("sudo", f'echo sudo >>"{self.calls}"\nexec "$@"\n')
        self.apt("echo pmstatus:specimen:10.0:x >&3; echo pmstatus:specimen:95.5:x >&3\n")
        packages = folder / "packages"
        packages.write_text("# a table\n\nspecimen-a\tbuild\twhy\nspecimen-b\ttest\twhy\n"
                            "specimen-c\tlong\twhy\ncurl\tfetch\twhy\n")
        self.tool("curl", "exit 0\n")
        self.environment = {"PATH": str(self.folder), "HOME": str(folder),
                            "GATEHOUSE_CACHE": str(folder / "cache"),
                            "GATEHOUSE_PACKAGE_LIST": str(packages)}

    def tool(self, name, script):
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{script}")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def apt(self, script):
        self.tool("apt-get", f'echo "apt-get $*" >>"{self.calls}"\n{script}')

    def setup(self, *arguments):
        return subprocess.run(
            ["/bin/sh", CONFIG / "setup", "--only", "packages", *arguments], env=self.environment,
            text=True, capture_output=True, timeout=LIMIT_S, check=False
        )

    def installs(self):
        """What apt-get was told to install, call by call."""
        lines = self.calls.read_text().splitlines()
        return [line.split("--no-install-recommends ")[1] for line in lines if " install " in line]


def test_packages_that_are_there_need_no_apt(tmp_path):
    apt = Apt(tmp_path, ["specimen-a", "specimen-b"])
    assert apt.setup().returncode == 0
    assert apt.calls.read_text() == ""


@pytest.mark.parametrize("option, missing", [
    ([], "specimen-a specimen-b"),
    (["--without-tests"], "specimen-a"),
    (["--long"], "specimen-a specimen-b specimen-c"),
])
def test_missing_packages_are_installed_by_group(tmp_path, option, missing):
    apt = Apt(tmp_path, [])
    done = apt.setup(*option)
    assert done.returncode == 0, done.stderr
    assert apt.installs() == [missing]
    assert "sudo" not in apt.calls.read_text()
    assert "installed 90 %" in done.stdout


def test_a_package_half_installed_is_missing(tmp_path):
    apt = Apt(tmp_path, [])
    apt.tool("dpkg-query", "echo 'specimen-a config-files'; echo 'specimen-b installed'; exit 1\n")
    assert apt.setup().returncode == 0
    assert apt.installs() == ["specimen-a"]


def test_not_root_goes_through_sudo(tmp_path):
    apt = Apt(tmp_path, ["specimen-a"], user=1000)
    assert apt.setup().returncode == 0
    assert apt.installs() == ["specimen-b"]
    assert "sudo" in apt.calls.read_text()


def test_not_root_without_sudo_says_what_to_run(tmp_path):
    apt = Apt(tmp_path, ["specimen-a"], user=1000, sudo=False)
    done = apt.setup()
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "apt-get install --no-install-recommends specimen-b" in done.stderr
    assert apt.calls.read_text() == ""


def test_an_archive_out_of_reach_is_told_in_one_line(tmp_path):
    apt = Apt(tmp_path, [])
    apt.apt("echo 'E: Failed to fetch specimen  Could not resolve host'; exit 100\n")
    done = apt.setup()
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "Failed to fetch specimen" in done.stderr and "same command again" in done.stderr


@pytest.mark.parametrize("arguments", [["--only"], ["--only", "all"], ["--nonsense"]])
def test_wrong_arguments_show_the_usage(tmp_path, arguments):
    done = subprocess.run(["/bin/sh", CONFIG / "setup", *arguments], text=True, check=False,
                          capture_output=True, timeout=LIMIT_S, env={"PATH": "/usr/bin:/bin",
                                                                     "HOME": str(tmp_path)})
    assert done.returncode == 2
    assert "usage: config/setup" in done.stderr
