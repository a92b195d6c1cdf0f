# SPDX-License-Identifier: Apache-2.0
"""The settings files of the demo; config/gatehouse.conf explains every key."""

from . import places

NOTICE = """\
A photograph of your face is taken and compared with the portraits of your flight.
You may decline: an officer then looks at your document instead.
This is a demo. Nothing leaves this machine.
"""

# A flight: what is measured in a gallery of this size is what a traveller meets.
GALLERY_TEMPLATES = 420

# Shorter than in a hall, where people read and walk.
TIMES = {
    "arrive_ms": 100, "leave_ms": 500, "notice_timeout_ms": 3000, "notice_dwell_ms": 800,
    "document_timeout_ms": 3000, "capture_timeout_ms": 3000, "warning_before_ms": 1000,
    "more_time_ms": 3000, "gate_timeout_ms": 5000, "officer_timeout_ms": 60000,
}


def write(path, sections):
    """Write {section: {key: value}} as a settings file."""
    lines = []
    for section, keys in sections.items():
        lines.append(f"[{section}]")
        lines += [f"{key} = {value}" for key, value in keys.items()]
        lines.append("")
    path.write_text("\n".join(lines))
    return path


def central(folder, keys, port=0):
    """The central service: on loopback, its data in folder."""
    return {
        "central": {
            "purpose": "demo", "listen_address": "127.0.0.1", "listen_port": port,
            "data_directory": folder, "ca_file": keys / "ca.pem",
            "certificate_file": keys / "central.pem", "key_file": keys / "central.key",
            "registered_only": "yes",
            "signer_certificate_file": keys / "signer.pem",
            "signer_key_file": keys / "signer.key",
        },
        "keys": {"directory": folder / "keys"},
        # Certificates of a demo live for seven days.
        "monitoring": {"certificate_min_days": 1},
    }


def client(keys, name, port):
    """The [uplink] of a lane or an operator."""
    return {
        "url": f"https://localhost:{port}", "ca_file": keys / "ca.pem",
        "certificate_file": keys / f"{name}.pem", "key_file": keys / f"{name}.key",
    }


def vision():
    """Networks and engine from the cache."""
    return {
        "models_directory": places.cache() / "models",
        "models_manifest": places.SOURCE / "models/MANIFEST",
        "engine_library": places.engine(),
        "attack_file": places.SOURCE / "models/attack.txt",
        "morph_file": places.SOURCE / "models/morph.txt",
        # The demo's people are photographs put into a hall: nearer to a print than a person is.
        "attack_bpcer_permille": 10,
    }


def gallery(padding):
    """Thresholds of the calibration that is kept with the models."""
    return {
        "calibration_file": places.SOURCE / "models/calibration-fr-flip.txt",
        "calibration_key": places.SOURCE / "models/calibration-research.pub",
        "demo_padding": padding,
    }


def lane(folder, keys, port, camera, name="lane-1", padding=0):
    """One e-gate with a replayed camera and virtual gate, display and light."""
    uplink = client(keys, name, port)
    uplink |= {"backoff_first_ms": 200, "backoff_max_ms": 2000, "voyages_interval_ms": 1000,
               "passages_interval_ms": 500}
    return {
        "lane": {
            "id": name, "device_id": "demo", "port": "XXDMO", "purpose": "demo",
            "data_directory": folder, "control_socket": places.socket_path(folder),
            "notice_file": folder / "notice.txt", "rehearsal": "yes",
        },
        "camera": camera,
        "gate": {"driver": "gate/virtual", "options": "open_ms=200,close_ms=200,auto_pass_ms=200"},
        "display": {"driver": "display/virtual"},
        "light": {"driver": "light/virtual"},
        "vision": vision(),
        "gallery": gallery(padding),
        "transaction": dict(TIMES),
        "outbox": {"free_disk_min_bytes": 0},
        "uplink": uplink,
        "keys": {"directory": folder / "keys"},
    }


def replay(path, options="loop=yes"):
    """A camera that shows a folder of pictures or a video."""
    return {"driver": "camera/replay", "address": path, "options": options}
