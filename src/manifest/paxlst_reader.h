/* SPDX-License-Identifier: Apache-2.0 */
/* The state of reading one PAXLST interchange. */
#ifndef GATEHOUSE_SRC_MANIFEST_PAXLST_READER_H
#define GATEHOUSE_SRC_MANIFEST_PAXLST_READER_H

#include "charset.h"
#include "edifact.h"
#include "gatehouse/manifest/paxlst.h"

/* What LOC, DTM and RFF speak of. */
enum gh_paxlst_scope {
	GH_SCOPE_NONE, /* outside of a message */
	GH_SCOPE_HEADER,
	GH_SCOPE_PARTY,
	GH_SCOPE_FLIGHT,
	GH_SCOPE_LEG,
	GH_SCOPE_PERSON,
	GH_SCOPE_DOCUMENT,
	GH_SCOPE_TRAILER,
};

/* A control reference (0020, 0048, 0062): an..14, read with room to spare. */
struct gh_paxlst_mark {
	char text[36];
};

/* Flight of one message. rank orders where a time or place came from. */
struct gh_paxlst_flight {
	char carrier[4];
	char number[9];
	bool confirmed; /* the leg that crosses the border is under this TDT */
	char from[6];
	char to[6];
	unsigned from_rank;
	unsigned to_rank;
	int64_t departure_ms;
	int64_t arrival_ms;
	unsigned departure_rank;
	unsigned arrival_rank;
};

/* CNT of one kind, over the messages of an interchange. */
struct gh_paxlst_total {
	uint64_t last;
	uint64_t sum;
};

struct gh_paxlst_reader {
	struct gh_edifact in;
	struct gh_paxlst *out;
	struct gh_charset charset;
	char today[9];
	size_t person_capacity;

	/* envelope */
	bool in_interchange;
	bool in_group;
	bool in_message;
	bool ended;
	struct gh_paxlst_mark interchange;
	struct gh_paxlst_mark group;
	struct gh_paxlst_mark message;
	uint64_t groups;
	uint64_t messages;
	uint64_t messages_in_group;
	uint32_t message_segment; /* number of UNH */

	/* message */
	enum gh_paxlst_scope scope;
	bool has_purpose;
	bool cancels; /* function 1 */
	size_t persons_before;
	enum gh_paxlst_purpose purpose;
	struct gh_paxlst_flight flight;
	struct gh_paxlst_flight leg; /* of the TDT at hand */
	unsigned leg_place;          /* LOC qualifier at hand */
	unsigned places_92;

	/* all messages */
	bool has_flight;
	struct gh_paxlst_total passengers_announced;
	struct gh_paxlst_total crew_announced;

	/* person at hand: the last of out->voyage, while in_person */
	bool in_person;
	struct gh_travel_document document;
	bool in_document;
	unsigned document_rank; /* of the person's document so far */
	bool odd_bytes;         /* warned once */
};

/* Keep a warning about the segment at hand. The text holds no data of persons. */
void gh_paxlst_warn(struct gh_paxlst_reader *reader, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Write the error for the segment at hand. */
enum gh_status gh_paxlst_fail(struct gh_paxlst_reader *reader, enum gh_status status,
	const char *text, struct gh_error *error);

/* Begin the content of a message, and end it. */
void gh_paxlst_message_begin(struct gh_paxlst_reader *reader);
GH_MUST_USE enum gh_status gh_paxlst_message_end(
	struct gh_paxlst_reader *reader, struct gh_error *error);

/* Take a segment of a message. */
GH_MUST_USE enum gh_status gh_paxlst_message_segment(
	struct gh_paxlst_reader *reader, struct gh_error *error);

/* The same for segments in the scope of a person; false when the tag is none of them. */
bool gh_paxlst_person_segment(struct gh_paxlst_reader *reader);

/* NAD that names a person: begin a row. GH_OK, GH_TOO_LARGE, GH_NO_MEMORY. */
GH_MUST_USE enum gh_status gh_paxlst_person_begin(
	struct gh_paxlst_reader *reader, struct gh_error *error);

/* Close the person at hand, if any. */
void gh_paxlst_person_end(struct gh_paxlst_reader *reader);

/* --- values --- */

/* Letters and digits in upper case; false when there are others, none, or too many. */
bool gh_paxlst_code(struct gh_view view, char *code, size_t size);

/* A number without sign; false when it is none. */
bool gh_paxlst_number(struct gh_view view, uint64_t *number);

/* How a two-digit year is taken. */
enum gh_paxlst_century {
	GH_CENTURY_BIRTH,   /* not in the future */
	GH_CENTURY_NEAREST, /* within 50 years before and 49 after today */
};

/* A date as CCYYMMDD by format code and length; false when it is no date. */
bool gh_paxlst_date(const struct gh_paxlst_reader *reader, unsigned element,
	enum gh_paxlst_century century, char date[9]);

/* The same with a time, as if UTC, in milliseconds. */
bool gh_paxlst_time(const struct gh_paxlst_reader *reader, unsigned element, int64_t *time_ms);

/* UNB's date and time: 6 or 8 digits, 4 digits. */
bool gh_paxlst_sent(const struct gh_paxlst_reader *reader, int64_t *time_ms);

/* A name in the interchange's character set. */
void gh_paxlst_name(struct gh_paxlst_reader *reader, struct gh_view view, struct gh_personal *name);

#endif
