# SPDX-License-Identifier: Apache-2.0
"""The central service on a real PostgreSQL: the same answers, and several processes on one database."""

import json
import random
import threading
import time

import pytest

from central_service import Client, Service, error_code, make_goods
from postgres_server import Server

# The same tests, here on this database.
from test_central import (  # noqa: F401
    OTHER, VOYAGE, record_id, register,
    test_a_bad_bundle_is_not_published, test_a_bundle_that_is_held_is_not_sent_again,
    test_a_certificate_speaks_for_its_own_lane_only, test_a_photo_needs_its_record_and_its_hash,
    test_a_record_is_stored_once, test_a_record_without_photo_takes_none,
    test_a_restart_in_the_middle_changes_nothing,
    test_a_withdrawn_voyage_is_gone_and_may_come_back_newer,
    test_an_addendum_belongs_to_a_record, test_another_lanes_record_is_not_touched,
    test_lists_are_read_page_by_page, test_passages_are_told_to_every_lane,
    test_two_lanes_at_once, test_voyages_are_published_in_order,
    test_what_was_answered_survives_kill_9,
)


@pytest.fixture(scope="module", name="goods")
def goods_fixture(tmp_path_factory):
    return make_goods(tmp_path_factory.mktemp("goods"))


@pytest.fixture(scope="module", name="server")
def server_fixture():
    with Server(safe=False) as server:
        yield server


@pytest.fixture(name="address")
def address_fixture(server):
    return server.new_address()


@pytest.fixture(name="service")
def service_fixture(goods, tmp_path, address):
    with Service(goods, tmp_path, store=address, list_delay_ms=0) as service:
        yield service
        assert service.stop() == 0, service.log.read_text()


@pytest.fixture(name="lane")
def lane_fixture(service):
    return Client(service, "lane-1")


@pytest.fixture(name="operator")
def operator_fixture(service):
    return Client(service, "operator")


class Crowd:
    """Several processes that share a database, a folder of voyages and keys."""

    def __init__(self, goods, folder, address, count, **settings):
        self.services = []
        for index in range(count):
            own = folder / str(index)
            own.mkdir()
            self.services.append(Service(goods, own, keys_folder=folder / "keys", store=address,
                                         voyages_directory=folder / "voyages", **settings))

    def __enter__(self):
        for service in self.services:
            service.start()
        return self.services

    def __exit__(self, *_):
        for service in self.services:
            if service.process.poll() is None:
                service.kill()


def test_processes_store_everything_once(goods, tmp_path, server, address):
    with Crowd(goods, tmp_path, address, 3, list_delay_ms=0) as services:
        failures = []

        def deliver(seed):
            clients = [[Client(service, f"lane-{1 + (n >= 30)}") for service in services]
                       for n in (0, 30)]
            numbers = list(range(40))
            random.Random(seed).shuffle(numbers)
            for n in numbers:
                # Record, photograph and addendum may each go another way.
                for step, put in enumerate(("put_record", "put_photo", "put_addendum")):
                    client = clients[n >= 30][(seed + n + step) % len(services)]
                    status = getattr(client, put)(n)[0]
                    if status not in (200, 201):
                        failures.append((seed, n, put, status))

        threads = [threading.Thread(target=deliver, args=(seed,)) for seed in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        assert failures == []
        for service in services:
            rows = Client(service, "operator").get("/v1/encounters")["encounters"]
            assert sorted(row["id"] for row in rows) == sorted(record_id(goods, n) for n in range(40))
            assert all(row["photo"] == "stored" and len(row["addenda"]) == 1 for row in rows)
        created = server.ask(address, "SELECT action, item, count(*) FROM access WHERE status = 201"
                                      " GROUP BY 1, 2 HAVING count(*) > 1")
        # Each is new for one only; of a photograph two may think so.
        assert [row for row in created if row[0] != "putPhoto"] == []
        assert server.ask(address, "SELECT count(*) FROM access WHERE status IN (200, 201)"
                                   " AND action LIKE 'put%'") == [["480"]]
        for service in services:
            assert service.stop() == 0


def test_another_content_under_an_id_is_refused_by_every_process(goods, tmp_path, address):
    with Crowd(goods, tmp_path, address, 2) as services:
        record = json.loads((goods / "record-0.json").read_bytes())
        answers = []

        def put(service, answer_ms):
            body = json.loads(json.dumps(record))
            body["passage"]["answer_ms"] = answer_ms
            status, _, data = Client(service, "lane-1").ask(
                "PUT", f"/v1/encounters/{record['id']}", json.dumps(body), "application/json")
            answers.append((status, data))

        threads = [threading.Thread(target=put, args=(services[n % 2], 100 + n)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert sorted(status for status, _ in answers) == [201] + [409] * 7
        assert {error_code(data) for status, data in answers if status == 409} == {"conflict"}


def test_a_voyage_of_one_process_is_served_by_all(goods, tmp_path, address):
    with Crowd(goods, tmp_path, address, 2) as services:
        operators = [Client(service, "operator") for service in services]
        lanes = [Client(service, "lane-1") for service in services]
        assert operators[0].put_bundle("voyage-1.bundle", VOYAGE, 1)[0] == 201
        for lane in lanes:
            assert lane.ask("GET", f"/v1/voyages/{VOYAGE}")[2] == (goods / "voyage-1.bundle").read_bytes()
        answers = [None, None]

        def publish(index, name):
            answers[index] = operators[index].put_bundle(name, VOYAGE, 2)

        threads = [threading.Thread(target=publish, args=words)
                   for words in ((0, "voyage-2.bundle"), (1, "voyage-2-again.bundle"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert sorted(answer[0] for answer in answers) == [201, 409]
        won = ("voyage-2.bundle", "voyage-2-again.bundle")[answers[1][0] == 201]
        for lane in lanes:
            assert lane.ask("GET", f"/v1/voyages/{VOYAGE}")[2] == (goods / won).read_bytes()
        assert len(list((tmp_path / "voyages").iterdir())) == 1
        assert operators[1].ask("DELETE", f"/v1/voyages/{VOYAGE}")[0] == 204
        assert lanes[0].ask("GET", f"/v1/voyages/{VOYAGE}")[0] == 404
        assert list((tmp_path / "voyages").iterdir()) == []


def test_a_lane_revoked_at_one_process_is_revoked_at_all(goods, tmp_path, address):
    with Crowd(goods, tmp_path, address, 2, registered_only="yes") as services:
        operators = [Client(service, "operator") for service in services]
        lanes = [Client(service, "lane-1") for service in services]
        assert register(operators[0], "lane-1", "UTZ") == 200
        assert [lane.put_record(0)[0] for lane in lanes] == [201, 200]
        assert operators[1].ask("DELETE", "/v1/devices/lane-1")[0] == 204
        assert [lane.put_record(0)[0] for lane in lanes] == [403, 403]


def test_a_list_is_whole_for_who_goes_on_after_the_last_number(goods, tmp_path, address):
    """Two processes write, a third reader never looks back, and misses nothing."""
    with Crowd(goods, tmp_path, address, 2, list_delay_ms=1500) as services:
        seen, since, done = [], 0, threading.Event()

        def deliver(service, numbers):
            for n in numbers:
                assert Client(service, "lane-1").put_record(n)[0] in (200, 201)

        threads = [threading.Thread(target=deliver, args=words) for words in
                   ((services[0], range(0, 30, 2)), (services[1], range(1, 30, 2)))]
        for thread in threads:
            thread.start()
        operator = Client(services[0], "operator")
        end = time.monotonic() + 60
        while len(seen) < 30 and time.monotonic() < end:
            page = operator.get(f"/v1/encounters?since={since}&limit=3")
            seen += [row["id"] for row in page["encounters"]]
            since = page["next"]
        done.set()
        for thread in threads:
            thread.join(60)
        assert len(seen) == len(set(seen))
        assert sorted(seen) == sorted(record_id(goods, n) for n in range(30))


def test_a_process_that_dies_is_not_missed(goods, tmp_path, address):
    with Crowd(goods, tmp_path, address, 2, list_delay_ms=0) as services:
        for n in range(10):
            assert Client(services[0], "lane-1").put_record(n)[0] == 201
        services[0].kill()
        other = Client(services[1], "lane-1")
        for n in range(20):
            assert other.put_record(n)[0] == (200 if n < 10 else 201)
            assert other.put_photo(n)[0] == 201


def test_while_the_database_is_away_nothing_is_acknowledged_and_lost(goods, tmp_path):
    with Server() as server, Service(goods, tmp_path, store=server.new_address(),
                                     list_delay_ms=0) as service:
        lane, stored, refused = Client(service, "lane-1"), set(), []

        def deliver():
            for n in list(range(30)) * 40:
                if n in stored:
                    continue
                status, headers, data = lane.put_record(n)
                if status in (200, 201):
                    stored.add(n)
                    if len(stored) == 8:
                        away.set()
                else:
                    assert status == 503 and int(headers["Retry-After"]) > 0, data
                    refused.append(n)
                    time.sleep(0.05)

        away = threading.Event()
        thread = threading.Thread(target=deliver)
        thread.start()
        assert away.wait(30)
        server.kill()
        end = time.monotonic() + 20
        while not refused and time.monotonic() < end:
            time.sleep(0.05)
        operator = Client(service, "operator")
        assert operator.ask("GET", "/v1/health")[0] == 503
        acknowledged = set(stored)
        server.start()
        end = time.monotonic() + 30
        while operator.ask("GET", "/v1/health")[0] != 200:
            assert time.monotonic() < end
            time.sleep(0.1)
        thread.join(60)
        assert refused and len(stored) == 30
        rows = {row["id"] for row in operator.get("/v1/encounters")["encounters"]}
        assert {record_id(goods, n) for n in acknowledged} <= rows
        assert len(rows) == 30
        assert service.stop() == 0


def test_without_its_database_it_does_not_start(goods, tmp_path):
    service = Service(goods, tmp_path, store="postgresql://user:secret@/x?host=/nonexistent")
    with pytest.raises(AssertionError):
        service.start()
    assert service.process.wait(20) == 70
    service.process.stdout.close()
    assert "secret" not in service.log.read_text()


def test_nothing_personal_lies_open_in_the_database(goods, server, address, service, lane):
    began = time.time() - 1
    lane.put_record(0)
    lane.put_photo(0)
    record = json.loads((goods / "record-0.json").read_bytes())
    number = record["personal"]["document"]["number"].encode()
    photo = (goods / "record-0.jpg").read_bytes()
    server.ask(address, "CHECKPOINT")
    for path in (server.folder / "data").rglob("*"):
        if path.is_file() and path.stat().st_mtime > began:
            content = path.read_bytes()
            assert number not in content, path
            assert photo[100:164] not in content, path
