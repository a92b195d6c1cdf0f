/* SPDX-License-Identifier: Apache-2.0 */
/* What a PAXLST message says of itself and of the flight. */
#include <stdlib.h>
#include <string.h>

#include "paxlst_reader.h"

#define HOUR_MS INT64_C(3600000)

/* Legs: 125 and 87 are the border; 92 comes in pairs of departure and arrival. */
enum {
	LOC_FIRST_ARRIVAL = 87,
	LOC_OTHER = 92,
	LOC_LAST_FOREIGN = 125,
	LOC_FINAL = 130,
};

/* --- the purpose: BGM 1001, and 1004 or 1225 --- */

/* clang-format off */
static const struct meaning {
	const char *name;     /* 1001 */
	const char *identity; /* 1004; NULL stands for any other */
	enum gh_paxlst_purpose purpose;
	bool boarding_stated;
	bool on_board;
} meanings[] = {
	{ "745", "CP",   GH_PAXLST_CHANGE,     false, false },
	{ "745", "XR",   GH_PAXLST_REDUCE,     false, false },
	{ "745", "RP",   GH_PAXLST_REDUCE,     false, false },
	{ "745", NULL,   GH_PAXLST_PASSENGERS, false, false },
	{ "250", NULL,   GH_PAXLST_CREW,       false, false },
	{ "336", "H",    GH_PAXLST_REDUCE,     false, false },
	{ "336", NULL,   GH_PAXLST_CREW,       false, false },
	{ "266", "CLOB", GH_PAXLST_CLOSE,      true,  true  },
	{ "266", "CLNB", GH_PAXLST_CLOSE,      true,  false },
	{ "266", "CL",   GH_PAXLST_CLOSE,      false, false },
	{ "266", "XF",   GH_PAXLST_CANCEL,     false, false },
	{ "266", "CF",   GH_PAXLST_CHANGE,     false, false },
};
/* clang-format on */

static const struct meaning *meaning_of(const struct gh_edifact *in)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (gh_edifact_is(in, 1, 1, meanings[i].name) &&
			(!meanings[i].identity || gh_edifact_is(in, 2, 1, meanings[i].identity)))
			return &meanings[i];
	return NULL;
}

/* 1225 says more about a plain list; it never weakens what 1004 says. */
static void take_function(struct gh_paxlst_reader *reader)
{
	const struct gh_edifact *in = &reader->in;
	bool is_list = reader->purpose == GH_PAXLST_PASSENGERS || reader->purpose == GH_PAXLST_CREW;

	if (!is_list || gh_edifact_trimmed(in, 3, 1).length_bytes == 0)
		return;
	reader->cancels = gh_edifact_is(in, 3, 1, "1");
	if (reader->cancels || gh_edifact_is(in, 3, 1, "3"))
		reader->purpose = GH_PAXLST_REDUCE;
	else if (gh_edifact_is(in, 3, 1, "4") || gh_edifact_is(in, 3, 1, "36"))
		reader->purpose = GH_PAXLST_CHANGE;
	else if (gh_edifact_is(in, 3, 1, "5"))
		reader->out->replaces_list = true;
	else if (!gh_edifact_is(in, 3, 1, "2") && !gh_edifact_is(in, 3, 1, "9"))
		gh_paxlst_warn(reader, "BGM: an unknown function, taken for an original");
}

static enum gh_status take_bgm(struct gh_paxlst_reader *reader, struct gh_error *error)
{
	const struct meaning *meaning = meaning_of(&reader->in);

	if (!meaning)
		return gh_paxlst_fail(
			reader, GH_UNSUPPORTED, "BGM: not a list of passengers or crew", error);
	if (reader->has_purpose)
		gh_paxlst_warn(reader, "BGM stands twice in a message");
	if (!meaning->identity && gh_edifact_trimmed(&reader->in, 2, 1).length_bytes > 0 &&
		meaning->purpose == GH_PAXLST_PASSENGERS)
		gh_paxlst_warn(reader, "BGM: 1004 is no known code, taken for a plain list");
	reader->has_purpose = true;
	reader->purpose = meaning->purpose;
	reader->out->boarding_stated |= meaning->boarding_stated;
	reader->out->on_board_list |= meaning->on_board;
	take_function(reader);
	return GH_OK;
}

/* RFF+TN:reference:::revision in the header. */
static void take_header_rff(struct gh_paxlst_reader *reader)
{
	struct gh_view revision = gh_edifact_trimmed(&reader->in, 1, 5);

	if (!gh_edifact_is(&reader->in, 1, 1, "TN") || revision.length_bytes == 0)
		return;
	if (!gh_paxlst_code(revision, reader->out->revision, sizeof(reader->out->revision)))
		gh_paxlst_warn(reader, "RFF+TN: a revision that cannot be ordered");
}

/* --- the flight --- */

static bool is_letter(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* How much of a flight's id is the carrier's: "ZZ0123A" 2, "ZZZ12" 3, "0123" none. */
static size_t carrier_length(const char *id, const char *carrier)
{
	size_t given = strlen(carrier);

	if (given > 0 && strncmp(id, carrier, given) == 0 && id[given])
		return given;
	if (is_letter(id[0]) && is_letter(id[1]) && is_letter(id[2]) && is_digit(id[3]))
		return 3;
	if ((is_letter(id[0]) || is_letter(id[1])) && is_digit(id[2]))
		return 2;
	return 0;
}

/* False when the number is longer than any. */
static bool split(const char *id, const char *carrier, struct gh_paxlst_flight *flight)
{
	size_t length = carrier_length(id, carrier);

	memset(flight->carrier, 0, sizeof(flight->carrier));
	memcpy(flight->carrier, length ? id : carrier, length ? length : strlen(carrier));
	id += length;
	while (id[0] == '0' && is_digit(id[1]))
		id++;
	if (strlen(id) >= sizeof(flight->number))
		return false;
	memcpy(flight->number, id, strlen(id) + 1);
	return true;
}

/* "ZZ 123" is written as well. */
static bool read_id(struct gh_view view, char id[12])
{
	uint8_t kept[12];
	size_t used = 0;

	for (size_t i = 0; i < view.length_bytes && used < sizeof(kept); i++)
		if (view.data[i] != ' ')
			kept[used++] = view.data[i];
	return gh_paxlst_code((struct gh_view){ kept, used }, id, 12);
}

static void take_tdt(struct gh_paxlst_reader *reader)
{
	struct gh_view id = gh_edifact_trimmed(&reader->in, 2, 1);
	struct gh_view carrier_view = gh_edifact_trimmed(&reader->in, 5, 1);
	struct gh_paxlst_flight *leg = &reader->leg;
	struct gh_paxlst_flight *flight = &reader->flight;
	char carrier[4] = "";
	char text[12];

	reader->scope = GH_SCOPE_FLIGHT;
	reader->leg_place = 0;
	memset(leg, 0, sizeof(*leg));
	if (carrier_view.length_bytes > 0 &&
		!gh_paxlst_code(carrier_view, carrier, sizeof(carrier)))
		gh_paxlst_warn(reader, "TDT: a carrier that is no code");
	if (!read_id(id, text) || !split(text, carrier, leg)) {
		gh_paxlst_warn(reader, "TDT: no flight number of up to 8 letters and digits");
		return;
	}
	if (!flight->number[0]) {
		memcpy(flight->carrier, leg->carrier, sizeof(flight->carrier));
		memcpy(flight->number, leg->number, sizeof(flight->number));
	}
}

/* The TDT under which the border is crossed names the voyage. */
static void confirm(struct gh_paxlst_reader *reader)
{
	struct gh_paxlst_flight *flight = &reader->flight;

	if (flight->confirmed || !reader->leg.number[0])
		return;
	flight->confirmed = true;
	memcpy(flight->carrier, reader->leg.carrier, sizeof(flight->carrier));
	memcpy(flight->number, reader->leg.number, sizeof(flight->number));
}

static void set_place(char place[6], unsigned *rank, unsigned new_rank, const char *code)
{
	if (new_rank <= *rank)
		return;
	memcpy(place, code, 6);
	*rank = new_rank;
}

/* LOC under TDT. A higher rank is nearer to the border. */
static void take_flight_loc(struct gh_paxlst_reader *reader)
{
	struct gh_view value = gh_edifact_trimmed(&reader->in, 2, 1);
	struct gh_paxlst_flight *flight = &reader->flight;
	uint64_t qualifier = 0;
	char code[6];

	reader->scope = GH_SCOPE_LEG;
	if (!gh_paxlst_number(gh_edifact_trimmed(&reader->in, 1, 1), &qualifier) || qualifier > 999)
		qualifier = 0;
	reader->leg_place = (unsigned)qualifier;
	if (qualifier == LOC_OTHER)
		reader->places_92++;
	if (!gh_paxlst_code(value, code, sizeof(code))) {
		if (value.length_bytes > 0)
			gh_paxlst_warn(reader, "LOC: a place that is no code of 3 to 5 characters");
		return;
	}
	if (qualifier == LOC_LAST_FOREIGN) {
		confirm(reader);
		set_place(flight->from, &flight->from_rank, 3, code);
	} else if (qualifier == LOC_FIRST_ARRIVAL) {
		set_place(flight->to, &flight->to_rank, 3, code);
	} else if (qualifier == LOC_FINAL) {
		set_place(flight->to, &flight->to_rank, 1, code);
	} else if (qualifier == LOC_OTHER && reader->places_92 % 2 == 1) {
		set_place(flight->from, &flight->from_rank, 2, code);
	} else if (qualifier == LOC_OTHER) {
		set_place(flight->to, &flight->to_rank, 2, code);
	}
}

static void set_time(int64_t *time_ms, unsigned *rank, unsigned new_rank, int64_t new_ms)
{
	if (new_rank <= *rank)
		return;
	*time_ms = new_ms;
	*rank = new_rank;
}

static void take_flight_dtm(struct gh_paxlst_reader *reader)
{
	struct gh_paxlst_flight *flight = &reader->flight;
	bool departs = gh_edifact_is(&reader->in, 1, 1, "189");
	bool arrives = gh_edifact_is(&reader->in, 1, 1, "232");
	int64_t time_ms;

	if ((!departs && !arrives) || gh_edifact_trimmed(&reader->in, 1, 2).length_bytes == 0)
		return;
	if (!gh_paxlst_time(reader, 1, &time_ms))
		gh_paxlst_warn(reader, "DTM: no time that the calendar has");
	else if (departs)
		set_time(&flight->departure_ms, &flight->departure_rank,
			reader->leg_place == LOC_LAST_FOREIGN ? 2 : 1, time_ms);
	else
		set_time(&flight->arrival_ms, &flight->arrival_rank,
			reader->leg_place == LOC_FIRST_ARRIVAL ? 2 : 1, time_ms);
}

/* --- the message --- */

void gh_paxlst_message_begin(struct gh_paxlst_reader *reader)
{
	reader->scope = GH_SCOPE_HEADER;
	reader->has_purpose = false;
	reader->cancels = false;
	reader->persons_before = reader->out->voyage.person_count;
	reader->leg_place = 0;
	reader->places_92 = 0;
	memset(&reader->flight, 0, sizeof(reader->flight));
	memset(&reader->leg, 0, sizeof(reader->leg));
}

static bool same_flight(const struct gh_paxlst *out, const struct gh_paxlst_flight *flight)
{
	int64_t apart = llabs(out->departure_local_ms - flight->departure_ms);

	if (strcmp(out->voyage.carrier, flight->carrier) != 0 ||
		strcmp(out->voyage.number, flight->number) != 0)
		return false;
	return !out->departure_local_ms || !flight->departure_ms || apart <= 12 * HOUR_MS;
}

/* A list of passengers with a list of crew is a list; otherwise all messages must agree. */
static bool join_purposes(struct gh_paxlst *out, enum gh_paxlst_purpose purpose, bool first)
{
	bool crew_joins = purpose == GH_PAXLST_CREW && out->purpose == GH_PAXLST_PASSENGERS;
	bool crew_joined = purpose == GH_PAXLST_PASSENGERS && out->purpose == GH_PAXLST_CREW;

	if (first || crew_joined)
		out->purpose = purpose;
	return out->purpose == purpose || crew_joins;
}

static void take_flight(struct gh_paxlst *out, const struct gh_paxlst_flight *flight)
{
	struct gh_voyage *voyage = &out->voyage;

	memcpy(voyage->carrier, flight->carrier, sizeof(voyage->carrier));
	memcpy(voyage->number, flight->number, sizeof(voyage->number));
	if (!voyage->from[0])
		memcpy(voyage->from, flight->from, sizeof(voyage->from));
	if (!voyage->to[0])
		memcpy(voyage->to, flight->to, sizeof(voyage->to));
	if (!out->departure_local_ms)
		out->departure_local_ms = flight->departure_ms;
	if (!out->arrival_local_ms)
		out->arrival_local_ms = flight->arrival_ms;
}

enum gh_status gh_paxlst_message_end(struct gh_paxlst_reader *reader, struct gh_error *error)
{
	struct gh_paxlst *out = reader->out;

	gh_paxlst_person_end(reader);
	reader->scope = GH_SCOPE_NONE;
	if (!reader->has_purpose)
		return gh_paxlst_fail(reader, GH_MALFORMED, "a message without BGM", error);
	/* A cancellation that names nobody is one of the whole list. */
	if (reader->cancels && out->voyage.person_count == reader->persons_before)
		reader->purpose = GH_PAXLST_CANCEL;
	if (!join_purposes(out, reader->purpose, reader->messages == 1))
		return gh_paxlst_fail(reader, GH_UNSUPPORTED,
			"messages of different purposes in one file", error);
	if (!reader->flight.number[0])
		return gh_paxlst_fail(reader, GH_MALFORMED, "a message without a flight", error);
	if (reader->has_flight && !same_flight(out, &reader->flight))
		return gh_paxlst_fail(reader, GH_UNSUPPORTED, "two voyages in one file", error);
	if (reader->places_92 > 2 && reader->flight.from_rank < 3 && reader->flight.to_rank < 3)
		gh_paxlst_warn(reader,
			"several legs, none marked as the one that crosses the border: "
			"the first is taken");
	reader->has_flight = true;
	take_flight(out, &reader->flight);
	return GH_OK;
}

static void add_total(struct gh_paxlst_total *total, uint64_t count)
{
	total->last = count;
	total->sum += count;
}

static void take_cnt(struct gh_paxlst_reader *reader)
{
	uint64_t count;

	gh_paxlst_person_end(reader);
	reader->scope = GH_SCOPE_TRAILER;
	if (!gh_paxlst_number(gh_edifact_trimmed(&reader->in, 1, 2), &count))
		gh_paxlst_warn(reader, "CNT: no number");
	else if (gh_edifact_is(&reader->in, 1, 1, "42"))
		add_total(&reader->passengers_announced, count);
	else if (gh_edifact_is(&reader->in, 1, 1, "41"))
		add_total(&reader->crew_announced, count);
}

/* Segments that mean something by where they stand. */
static void take_in_scope(struct gh_paxlst_reader *reader)
{
	const struct gh_edifact *in = &reader->in;

	if (reader->in_person) {
		gh_paxlst_person_segment(reader);
		return;
	}
	if (reader->scope == GH_SCOPE_HEADER && in->tag == GH_EDIFACT_TAG('R', 'F', 'F'))
		take_header_rff(reader);
	if (reader->scope != GH_SCOPE_FLIGHT && reader->scope != GH_SCOPE_LEG)
		return;
	if (in->tag == GH_EDIFACT_TAG('L', 'O', 'C'))
		take_flight_loc(reader);
	else if (in->tag == GH_EDIFACT_TAG('D', 'T', 'M'))
		take_flight_dtm(reader);
}

enum gh_status gh_paxlst_message_segment(struct gh_paxlst_reader *reader, struct gh_error *error)
{
	const struct gh_edifact *in = &reader->in;

	if (in->tag == GH_EDIFACT_TAG('N', 'A', 'D') && !gh_edifact_is(in, 1, 1, "MS"))
		return gh_paxlst_person_begin(reader, error);
	if (in->tag == GH_EDIFACT_TAG('B', 'G', 'M'))
		return take_bgm(reader, error);
	if (in->tag == GH_EDIFACT_TAG('P', 'D', 'T'))
		return gh_paxlst_fail(
			reader, GH_UNSUPPORTED, "PDT: the older US form of the list", error);
	if (in->tag == GH_EDIFACT_TAG('N', 'A', 'D')) {
		gh_paxlst_person_end(reader);
		reader->scope = GH_SCOPE_PARTY;
	} else if (in->tag == GH_EDIFACT_TAG('T', 'D', 'T')) {
		gh_paxlst_person_end(reader);
		take_tdt(reader);
	} else if (in->tag == GH_EDIFACT_TAG('C', 'N', 'T')) {
		take_cnt(reader);
	} else {
		take_in_scope(reader);
	}
	return GH_OK;
}
