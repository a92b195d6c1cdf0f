# SPDX-License-Identifier: Apache-2.0
"""A flight with specimen travellers: its PAXLST, portraits and bundle."""

import datetime
import shutil

from . import places
from .programs import gatehouse_json

# Surname, given names, sex, issuer, number, picture of the reference. Nobody has the
# name of a person in a picture; UTO is the specimen state of ICAO 9303.
TRAVELLERS = (
    ("ERIKSSON", "ANNA MARIA", "F", "UTO", "L898902C3", "a-1"),
    ("SPECIMEN", "CLARA", "F", "USA", "340020013", "c-1"),
)

# Others on the manifest, of whom there is no portrait.
OTHERS = (
    "ALFA BRAVO CHARLIE DELTA ECHO FOXTROT GOLF HOTEL INDIA JULIETT KILO LIMA MIKE NOVEMBER "
    "OSCAR PAPA QUEBEC ROMEO SIERRA TANGO UNIFORM VICTOR WHISKEY XRAY YANKEE ZULU"
).split()

# Where it departs, and its lanes stand.
PORT = "UTA"

HOURS_TO_DEPARTURE = 2
FLIGHT_HOURS = 3

# Exit status of "manifest import" that tells persons without a portrait.
FOUND_SOMETHING = 1


def person(surname, given, sex, issuer, number):
    """The segments of one traveller."""
    return [
        f"NAD+FL+++{surname}:{given}", f"ATT+2++{sex}", "DTM+329:740812",
        "LOC+178+UTA", "LOC+179+UTB", f"NAT+2+{issuer}",
        f"DOC+P:110:111+{number}", "DTM+36:320415", f"LOC+91+{issuer}",
    ]


def others():
    """Rows without a portrait."""
    for index, word in enumerate(OTHERS):
        yield "SPECIMEN", word, "X", ("UTO", "USA")[index % 2], f"X{index + 1:07d}"


def message(persons, departure, flight="ZZ0123"):
    """The segments of one PAXLST message, UNH to UNT."""
    stamp = "%y%m%d%H%M"
    arrival = departure + datetime.timedelta(hours=FLIGHT_HOURS)
    body = [
        f"UNH+1+PAXLST:D:05B:UN:IATA+{flight}/{departure:%y%m%d}+01:F", "BGM+745",
        "NAD+MS+++SPECIMEN AIRLINE", f"TDT+20+{flight}+++ZZ",
        f"LOC+125+{PORT}", f"DTM+189:{departure.strftime(stamp)}:201",
        "LOC+87+UTB", f"DTM+232:{arrival.strftime(stamp)}:201",
    ]
    for one in persons:
        body += person(*one)
    return [*body, f"CNT+42:{len(persons)}", f"UNT+{len(body) + 2}+1"]


def paxlst(persons, departure, flight="ZZ0123"):
    """A whole interchange in one message."""
    now = datetime.datetime.now(datetime.timezone.utc)
    head = f"UNB+UNOA:4+SPECIMEN+UTCUSTOMS+{now:%y%m%d:%H%M}+REF0001++UTAPIS"
    group = f"UNG+PAXLST+SPECIMEN+UTCUSTOMS+{now:%y%m%d:%H%M}+GRP1+UN+D:05B"
    segments = [head, group, *message(persons, departure, flight), "UNE+1+GRP1", "UNZ+1+REF0001"]
    return "UNA:+.? '\n" + "".join(f"{segment}'\n" for segment in segments)


def departure():
    """The departure of the demo's flight: soon, so that the voyage is active."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return now.replace(second=0) + datetime.timedelta(hours=HOURS_TO_DEPARTURE)


def write_portraits(folder, travellers=TRAVELLERS):
    """One file ISSUER-NUMBER for each traveller with a picture."""
    folder.mkdir(parents=True)
    for *_, issuer, number, name in travellers:
        source = places.picture(name)
        shutil.copyfile(source, folder / f"{issuer}-{number}{source.suffix}")


def make(folder):
    """Write PAXLST and portraits and import them; the bundle and what was read."""
    persons = [traveller[:5] for traveller in TRAVELLERS] + list(others())
    folder.mkdir(parents=True)
    list_path = folder / "flight.edi"
    list_path.write_text(paxlst(persons, departure()))
    write_portraits(folder / "portraits")
    bundle = folder / "flight.bundle"
    report = gatehouse_json(
        "manifest", "import", list_path, "--portraits", folder / "portraits", "--out", bundle,
        "--test", allowed=(0, FOUND_SOMETHING)
    )
    odd = [one["finding"] for one in report["findings"] if one["finding"] != "no_portrait"]
    if odd or report["warnings"]:
        raise places.Failure(f"the demo's manifest is odd: {odd} {report['warnings']}")
    return bundle, report
