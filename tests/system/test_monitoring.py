# SPDX-License-Identifier: Apache-2.0
"""Lane and centre watched: real scrapes, heartbeats, alarms that come and go, dashboard and rules."""

import json
import re
import shutil
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request

import pytest

from lane_support import (
    ANSWER_S, SOURCE, Site, draw_scenes, gatehouse, need_demo_files, passage, places, settings,
    start_refused, wait_until
)

parser = pytest.importorskip("prometheus_client.parser", reason="python3-prometheus-client")

WAIT_S = 30
RULES = SOURCE / "config/prometheus/gatehouse.rules.yml"
DASHBOARD = SOURCE / "config/grafana/gatehouse.json"

# Quick, and such that two travellers whom chance does not explain are enough.
MONITORING = {"interval_ms": 500, "silent_intervals": 8, "clear_after_s": 1,
              "capture_tried_min": 2, "certificate_min_days": 1}


def free_port():
    """A port that was free a moment ago: 0 would switch the exporter off."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(name="site", scope="module")
def make_site(tmp_path_factory):
    need_demo_files()
    site = Site(tmp_path_factory.mktemp("monitoring"), draw_scenes())
    gatehouse("demo", "keys", site.keys, "lane-1:lane", "lane-2:lane", "operator:operator",
              "monitor:monitor")
    site.central.stop()
    watched = settings.central(site.central.folder, site.keys, site.central.port)
    settings.write(site.central.config, watched | {"monitoring": MONITORING})
    site.central.start()
    site.publish()
    yield site
    site.stop()


@pytest.fixture(name="lane", scope="module")
def run_lane(site):
    sections = site.sections()
    sections["uplink"] |= {"heartbeat_interval_ms": 1000}
    sections["metrics"] = {"listen_port": free_port()}
    return site.ready_lane(sections)


def context_of(site, name):
    context = ssl.create_default_context(cafile=str(site.keys / "ca.pem"))
    if name:
        context.load_cert_chain(str(site.keys / f"{name}.pem"), str(site.keys / f"{name}.key"))
    return context


def scrape(url, context=None):
    """{metric: [samples]} by the parser of Prometheus's own client."""
    with urllib.request.urlopen(url, timeout=ANSWER_S, context=context) as answer:
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        text = answer.read().decode()
    families = list(parser.text_string_to_metric_families(text))
    names = [family.name for family in families]
    assert len(names) == len(set(names)), "a metric is told twice"
    for family in families:
        assert family.documentation and family.type in ("counter", "gauge", "histogram")
        if family.type == "counter":
            assert all(sample.name.endswith("_total") for sample in family.samples)
    return {sample.name: [] for family in families for sample in family.samples} | {
        name: [s for f in families for s in f.samples if s.name == name]
        for name in {s.name for f in families for s in f.samples}}


def listens(port):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def scrape_lane(lane):
    return scrape(f"http://127.0.0.1:{lane.sections['metrics']['listen_port']}/metrics")


def scrape_central(site):
    return scrape(f"https://localhost:{site.central.port}/metrics", context_of(site, "monitor"))


def value(metrics, name, **labels):
    found = [s.value for s in metrics[name] if labels.items() <= s.labels.items()]
    assert len(found) == 1, (name, labels, metrics.get(name))
    return found[0]


def alarms(site):
    """{(lane, kind): alarm} as an operator sees them; the exit status says whether there are any."""
    done = subprocess.run(
        [places.programs() / "gatehouse", "alarms", "--json", "--config", site.central.operator()],
        capture_output=True, text=True, check=False, timeout=ANSWER_S)
    listed = json.loads(done.stdout)["alarms"]
    assert done.returncode == (1 if listed else 0), done.stderr
    return {(alarm["lane"], alarm["kind"]): alarm for alarm in listed}


def wait_alarm(site, key, stands=True):
    return wait_until(f"{key} to be {stands}",
                      lambda: (key in alarms(site)) == stands, WAIT_S, [site.central.program])


def central_log(site):
    return site.central.log.read_text()


def test_a_lane_is_scraped(site, lane):
    before = scrape_lane(lane)
    assert value(before, "gatehouse_lane_state", state="idle") == 1
    assert value(before, "gatehouse_device_up", driver="camera/replay") == 1
    assert value(before, "gatehouse_uplink_online") == 1
    assert value(before, "gatehouse_certificate_not_after_timestamp_seconds",
                 certificate="own") > time.time()
    assert 0 < value(before, "gatehouse_disk_free_bytes") < value(before, "gatehouse_disk_size_bytes")
    site.walk(lane, passage("another photograph"))
    time.sleep(1.1)  # as long as a snapshot is handed out again
    after = scrape_lane(lane)
    assert value(after, "gatehouse_captured_total") == value(before, "gatehouse_captured_total") + 1
    # What the socket tells is the same text, counted a little later.
    told = gatehouse("metrics", "--config", lane.config)
    names = {f.name for f in parser.text_string_to_metric_families(str(told))}
    assert "gatehouse_captured" in names


def test_only_metrics_are_served(lane):
    base = f"http://127.0.0.1:{lane.sections['metrics']['listen_port']}"
    for method, path, status in (("GET", "/", 404), ("GET", "/v1/health", 404),
                                 ("PUT", "/metrics", 405), ("DELETE", "/metrics", 405)):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(urllib.request.Request(base + path, method=method),
                                   timeout=ANSWER_S)
        assert refused.value.code == status


def test_who_dawdles_is_cut_off_and_others_are_served(lane):
    port = lane.sections["metrics"]["listen_port"]
    with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_S) as slow:
        began = time.monotonic()
        while True:
            try:
                slow.sendall(b"X" if time.monotonic() - began > 1 else b"GET /metrics HTTP/1.1\r\nX: y")
                scrape_lane(lane)
                time.sleep(0.5)
            except OSError:
                break
            assert time.monotonic() - began < 60


def test_the_centre_is_scraped_by_a_monitor_alone(site, lane):
    lane.wait_delivered()
    metrics = wait_until("a heartbeat", lambda: heard(site), WAIT_S, [lane.program])
    assert value(metrics, "gatehouse_central_lanes_registered") == 2
    assert value(metrics, "gatehouse_central_records") >= 1
    assert value(metrics, "gatehouse_central_requests_total", operation="putEncounter",
                 outcome="done") >= 1
    assert value(metrics, "gatehouse_central_request_duration_seconds_count") >= 3
    assert value(metrics, "gatehouse_central_connections") >= 1
    assert value(metrics, "gatehouse_central_certificate_not_after_timestamp_seconds",
                 certificate="own") > time.time()
    for name in ("lane-1", "operator"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            scrape(f"https://localhost:{site.central.port}/metrics", context_of(site, name))
        assert refused.value.code == 403
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"https://localhost:{site.central.port}/v1/alarms",
                               context=context_of(site, "monitor"), timeout=ANSWER_S)
    assert refused.value.code == 403


def heard(site):
    metrics = scrape_central(site)
    return metrics if metrics.get("gatehouse_central_lane_heartbeat_timestamp_seconds") else None


def test_heartbeats_come_at_their_interval(site, lane):
    def last():
        return value(scrape_central(site), "gatehouse_central_lane_heartbeat_timestamp_seconds",
                     lane="lane-1")
    first = last()
    assert abs(first - time.time()) < 60
    wait_until("two more heartbeats", lambda: last() >= first + 2, WAIT_S, [lane.program])
    wait_until("no alarms", lambda: alarms(site) == {}, WAIT_S, [lane.program])
    assert "no alarms" in str(gatehouse("alarms", "--config", site.central.operator()))
    beat = json.loads(str(gatehouse("heartbeat", "lane-1", "--config", site.central.operator())))
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((SOURCE / "docs/heartbeat.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(beat)
    assert beat["devices"]["camera"] == {"driver": "camera/replay", "state": "streaming", "up": True}
    assert beat["counts"]["captured"] == 1 and beat["machine"]["certificate"]


def test_a_device_that_is_lost_is_an_alarm(site, lane):
    lane.tell("rehearse", "camera", "unplug")
    wait_alarm(site, ("lane-1", "device_lost"))
    lane.tell("rehearse", "camera", "replug")
    wait_alarm(site, ("lane-1", "device_lost"), stands=False)
    lane.wait_idle()


def test_a_capture_rate_that_falls_is_an_alarm(site, lane):
    for _ in range(2):
        site.walk(lane, passage("two people abreast"))
    # One was captured before: of three tried, one. Chance is 26 in 10,000.
    wait_alarm(site, ("lane-1", "capture_rate"))
    alarm = alarms(site)["lane-1", "capture_rate"]
    assert (alarm["value"], alarm["limit"], alarm["unit"]) == (333, 970, "permille")
    metrics = scrape_central(site)
    assert value(metrics, "gatehouse_central_lane_alarm", lane="lane-1", kind="capture_rate") == 1
    assert value(metrics, "gatehouse_central_alarms", kind="capture_rate") == 1
    assert value(metrics, "gatehouse_central_lane_window_tried", lane="lane-1") == 3


def test_a_lane_that_stops_is_silent_and_comes_back(site, lane):
    lane.program.stop()
    wait_alarm(site, ("lane-1", "silent"))
    text = subprocess.run(
        [places.programs() / "gatehouse", "alarms", "--config", site.central.operator()],
        capture_output=True, text=True, check=False, timeout=ANSWER_S).stdout
    assert re.search(r"^lane-1 silent: \d+ \(limit 8 seconds\), since 20", text, re.MULTILINE)
    # What it had done before is not forgotten, nor is it judged anew.
    assert ("lane-1", "capture_rate") in alarms(site)
    site.central.stop()
    site.central.start()
    assert ("lane-1", "silent") in alarms(site)
    lane.start()
    wait_alarm(site, ("lane-1", "silent"), stands=False)
    log = central_log(site)
    assert "alarm_over kind=silent" in log
    assert ("lane-1", "capture_rate") in alarms(site)


def test_a_lane_warns_of_itself(site):
    """A disk of which hardly anything is free is said by the lane itself."""
    status = site.lanes[0].status()
    assert set(status["machine"]) >= {"clock_quality", "certificate_ends", "disk_free_bytes"}
    for warning in status["warnings"]:
        assert f"warning: {warning['text']}" in str(
            gatehouse("lane", "status", "--config", site.lanes[0].config))


def test_beyond_loopback_a_certificate_is_needed(site):
    port = free_port()
    sections = site.sections("lane-2")
    sections["metrics"] = {"listen_address": "0.0.0.0", "listen_port": port}
    status, said = start_refused(site.folder / "lane-2", sections)
    assert status == 78 and "[metrics] listen_address = 0.0.0.0" in said
    sections["metrics"] |= {"certificate_file": site.keys / "central.pem",
                            "key_file": site.keys / "central.key", "ca_file": site.keys / "ca.pem"}
    lane = site.lane(sections, "lane-2")
    try:
        # The command socket, which was waited for, is there a moment earlier.
        wait_until("the exporter", lambda: listens(port), WAIT_S, [lane.program])
        metrics = scrape(f"https://localhost:{port}/metrics", context_of(site, "monitor"))
        assert metrics["gatehouse_lane_state"]
        with pytest.raises(urllib.error.HTTPError) as refused:
            scrape(f"https://localhost:{port}/metrics", context_of(site, "lane-1"))
        assert refused.value.code == 403
        for name, url in ((None, f"https://localhost:{port}/metrics"),
                          (None, f"http://localhost:{port}/metrics")):
            with pytest.raises((OSError, ssl.SSLError)):
                scrape(url, context_of(site, name) if url.startswith("https") else None)
    finally:
        lane.program.stop()


def test_a_port_that_is_taken_is_told(site):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        sections = site.sections("lane-2")
        sections["metrics"] = {"listen_port": taken.getsockname()[1]}
        status, said = start_refused(site.folder / "lane-2", sections)
    assert status == 70 and "[metrics] listen_port" in said and "in use" in said


def names_in(expression):
    return set(re.findall(r"\bgatehouse_[a-z_]+", expression))


def expressions():
    """Every expression of dashboard and rules."""
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    yaml = pytest.importorskip("yaml")
    for group in yaml.safe_load(RULES.read_text())["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]


def test_dashboard_and_rules_ask_for_what_there_is(site, lane):
    there = set(scrape_lane(lane)) | set(scrape_central(site))
    asked = set()
    for title, expression in expressions():
        assert names_in(expression) <= there, f"{title} asks for what nobody tells"
        asked |= names_in(expression)
    assert len(asked) >= 38


def test_prometheus_reads_rules_and_scrape_config():
    promtool = shutil.which("promtool")
    if not promtool:
        pytest.skip("promtool is not installed")
    subprocess.run([promtool, "check", "rules", RULES], check=True, timeout=ANSWER_S)
    subprocess.run([promtool, "check", "config", "--syntax-only",
                    SOURCE / "config/prometheus/prometheus.yml"], check=True, timeout=ANSWER_S)
