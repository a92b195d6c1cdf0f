/* SPDX-License-Identifier: Apache-2.0 */
/* PAXLST interchanges: the envelope, its counts and references, and what is told of them. */
#include "gatehouse/manifest/paxlst.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "document.h"
#include "paxlst_reader.h"

enum {
	WARNINGS_MAX = 200
};

const char *gh_paxlst_purpose_name(enum gh_paxlst_purpose purpose)
{
	static const char *const names[] = {
		[GH_PAXLST_PASSENGERS] = "passengers",
		[GH_PAXLST_CREW] = "crew",
		[GH_PAXLST_CHANGE] = "change",
		[GH_PAXLST_REDUCE] = "reduce",
		[GH_PAXLST_CANCEL] = "cancel",
		[GH_PAXLST_CLOSE] = "close",
	};
	size_t i = (size_t)purpose;

	return i < sizeof(names) / sizeof(names[0]) ? names[i] : "unknown";
}

void gh_paxlst_warn(struct gh_paxlst_reader *reader, const char *format, ...)
{
	struct gh_paxlst *out = reader->out;
	struct gh_paxlst_warning *warning;
	va_list arguments;

	if (out->warning_count == WARNINGS_MAX || !out->warnings) {
		out->warnings_dropped++;
		return;
	}
	warning = &out->warnings[out->warning_count++];
	warning->offset_bytes = reader->in.offset_bytes;
	warning->segment = reader->in.segment;
	va_start(arguments, format);
	vsnprintf(warning->text, sizeof(warning->text), format, arguments);
	va_end(arguments);
}

enum gh_status gh_paxlst_fail(struct gh_paxlst_reader *reader, enum gh_status status,
	const char *text, struct gh_error *error)
{
	return gh_error_set(error, status, "segment %u, offset %zu: %s",
		(unsigned)reader->in.segment, reader->in.offset_bytes, text);
}

/* --- the envelope --- */

static void take_mark(
	const struct gh_paxlst_reader *reader, unsigned element, struct gh_paxlst_mark *mark)
{
	struct gh_view view = gh_edifact_trimmed(&reader->in, element, 1);
	size_t length =
		view.length_bytes < sizeof(mark->text) ? view.length_bytes : sizeof(mark->text) - 1;

	memset(mark, 0, sizeof(*mark));
	if (length > 0)
		memcpy(mark->text, view.data, length);
}

/* The trailer's count and reference against those of the header. */
static void check_trailer(struct gh_paxlst_reader *reader, const char *tag, uint64_t expected,
	const struct gh_paxlst_mark *header)
{
	struct gh_paxlst_mark mark;
	uint64_t count;

	take_mark(reader, 2, &mark);
	if (!gh_paxlst_number(gh_edifact_trimmed(&reader->in, 1, 1), &count))
		gh_paxlst_warn(reader, "%s: no count", tag);
	else if (count != expected)
		gh_paxlst_warn(reader, "%s counts %llu, there are %llu", tag,
			(unsigned long long)count, (unsigned long long)expected);
	if (strcmp(mark.text, header->text) != 0)
		gh_paxlst_warn(reader, "%s: another reference than at the beginning", tag);
}

static enum gh_status take_unb(struct gh_paxlst_reader *reader, struct gh_error *error)
{
	struct gh_paxlst *out = reader->out;

	if (reader->in_interchange)
		return gh_paxlst_fail(
			reader, GH_TRUNCATED, "UNB before UNZ of the one before", error);
	reader->in_interchange = true;
	take_mark(reader, 5, &reader->interchange);
	gh_paxlst_name(reader, gh_edifact_trimmed(&reader->in, 5, 1), &out->reference);
	if (!gh_paxlst_sent(reader, &out->sent_ms))
		gh_paxlst_warn(reader, "UNB: no date and time");
	return GH_OK;
}

static enum gh_status take_ung(struct gh_paxlst_reader *reader, struct gh_error *error)
{
	if (reader->in_message || reader->in_group)
		return gh_paxlst_fail(
			reader, GH_TRUNCATED, "UNG before the end of the one before", error);
	reader->in_group = true;
	reader->groups++;
	reader->messages_in_group = 0;
	take_mark(reader, 5, &reader->group);
	return GH_OK;
}

static enum gh_status take_unh(struct gh_paxlst_reader *reader, struct gh_error *error)
{
	if (reader->in_message)
		return gh_paxlst_fail(reader, GH_TRUNCATED, "UNH, but UNT is missing", error);
	if (!gh_edifact_is(&reader->in, 2, 1, "PAXLST"))
		return gh_paxlst_fail(reader, GH_UNSUPPORTED, "UNH: not PAXLST", error);
	reader->in_message = true;
	reader->messages++;
	reader->messages_in_group++;
	reader->message_segment = reader->in.segment;
	take_mark(reader, 1, &reader->message);
	gh_paxlst_message_begin(reader);
	return GH_OK;
}

static enum gh_status take_unt(struct gh_paxlst_reader *reader, struct gh_error *error)
{
	if (!reader->in_message)
		return gh_paxlst_fail(reader, GH_MALFORMED, "UNT without UNH", error);
	reader->in_message = false;
	check_trailer(
		reader, "UNT", reader->in.segment - reader->message_segment + 1u, &reader->message);
	return gh_paxlst_message_end(reader, error);
}

static enum gh_status take_une(struct gh_paxlst_reader *reader, struct gh_error *error)
{
	if (reader->in_message)
		return gh_paxlst_fail(reader, GH_TRUNCATED, "UNE, but UNT is missing", error);
	if (!reader->in_group)
		return gh_paxlst_fail(reader, GH_MALFORMED, "UNE without UNG", error);
	reader->in_group = false;
	check_trailer(reader, "UNE", reader->messages_in_group, &reader->group);
	return GH_OK;
}

static enum gh_status take_unz(struct gh_paxlst_reader *reader, struct gh_error *error)
{
	if (reader->in_message)
		return gh_paxlst_fail(reader, GH_TRUNCATED, "UNZ, but UNT is missing", error);
	if (reader->in_group)
		return gh_paxlst_fail(reader, GH_TRUNCATED, "UNZ, but UNE is missing", error);
	reader->ended = true;
	check_trailer(reader, "UNZ", reader->groups > 0 ? reader->groups : reader->messages,
		&reader->interchange);
	return GH_OK;
}

static const struct envelope {
	uint32_t tag;
	enum gh_status (*take)(struct gh_paxlst_reader *reader, struct gh_error *error);
} envelopes[] = {
	{ GH_EDIFACT_TAG('U', 'N', 'B'), take_unb },
	{ GH_EDIFACT_TAG('U', 'N', 'G'), take_ung },
	{ GH_EDIFACT_TAG('U', 'N', 'H'), take_unh },
	{ GH_EDIFACT_TAG('U', 'N', 'T'), take_unt },
	{ GH_EDIFACT_TAG('U', 'N', 'E'), take_une },
	{ GH_EDIFACT_TAG('U', 'N', 'Z'), take_unz },
};

static enum gh_status take_segment(struct gh_paxlst_reader *reader, struct gh_error *error)
{
	const struct gh_edifact *in = &reader->in;

	if (in->crowded)
		gh_paxlst_warn(reader, "elements beyond the limit were left out");
	for (size_t i = 0; i < sizeof(envelopes) / sizeof(envelopes[0]); i++)
		if (in->tag == envelopes[i].tag)
			return envelopes[i].take(reader, error);
	if (in->pieces[0].length == 0) {
		gh_paxlst_warn(reader, "an empty segment");
		return GH_OK;
	}
	if (in->tag == 0)
		return gh_paxlst_fail(reader, GH_MALFORMED, "a segment without a tag", error);
	if (!reader->in_message)
		return gh_paxlst_fail(
			reader, GH_MALFORMED, "a segment outside of a message", error);
	return gh_paxlst_message_segment(reader, error);
}

/* --- the whole --- */

static uint64_t persons_of(const struct gh_voyage *voyage, bool crew)
{
	uint64_t count = 0;

	for (size_t i = 0; i < voyage->person_count; i++)
		count += (voyage->persons[i].kind == GH_PERSON_CREW) == crew;
	return count;
}

/* What messages announced: each the flight's total, as it is meant, or each its own part. */
static bool fits(const struct gh_paxlst_total *total, uint64_t listed)
{
	return total->last == 0 || total->last == listed || total->sum == listed;
}

/* The totals are those of the flight: fewer persons here may mean that more messages follow. */
static void check_totals(struct gh_paxlst_reader *reader)
{
	struct gh_paxlst *out = reader->out;
	uint64_t passengers = persons_of(&out->voyage, false);
	uint64_t crew = persons_of(&out->voyage, true);
	bool is_list = out->purpose == GH_PAXLST_PASSENGERS || out->purpose == GH_PAXLST_CREW;

	if (!is_list)
		return;
	if (!fits(&reader->passengers_announced, passengers))
		gh_paxlst_warn(reader, "CNT+42: %llu passengers on the flight, %llu listed here",
			(unsigned long long)reader->passengers_announced.last,
			(unsigned long long)passengers);
	if (!fits(&reader->crew_announced, crew))
		gh_paxlst_warn(reader, "CNT+41: %llu crew on the flight, %llu listed here",
			(unsigned long long)reader->crew_announced.last, (unsigned long long)crew);
}

/* A list without these can be searched, but nobody knows from when to when. */
static void check_schedule(struct gh_paxlst_reader *reader)
{
	const struct gh_paxlst *out = reader->out;

	if (out->purpose != GH_PAXLST_PASSENGERS && out->purpose != GH_PAXLST_CREW)
		return;
	if (out->departure_local_ms == 0)
		gh_paxlst_warn(reader, "no time of departure: the voyage has no schedule");
	if (!out->voyage.from[0] || !out->voyage.to[0])
		gh_paxlst_warn(reader, "no code for where the voyage begins or ends");
}

static enum gh_status read_all(struct gh_paxlst_reader *reader, struct gh_error *error)
{
	enum gh_status status = GH_OK;

	while (status == GH_OK && !reader->ended) {
		status = gh_edifact_next(&reader->in, error);
		if (status == GH_OK)
			status = take_segment(reader, error);
	}
	if (status != GH_OK)
		return status;
	if (reader->messages == 0)
		return gh_paxlst_fail(
			reader, GH_UNSUPPORTED, "an interchange without a message", error);
	check_totals(reader);
	check_schedule(reader);
	reader->out->end_bytes = reader->in.at;
	reader->out->more = gh_edifact_more(&reader->in);
	return GH_OK;
}

static enum gh_status parse(struct gh_paxlst_reader *reader, struct gh_view file, size_t from_bytes,
	struct gh_paxlst *paxlst, struct gh_error *error)
{
	enum gh_status status =
		gh_edifact_start(&reader->in, file, from_bytes, GH_PAXLST_SEGMENT_BYTES_MAX, error);

	if (status != GH_OK)
		return status;
	paxlst->begin_bytes = reader->in.at;
	paxlst->warnings = calloc(WARNINGS_MAX, sizeof(paxlst->warnings[0]));
	if (!paxlst->warnings)
		return gh_error_set(error, GH_NO_MEMORY, "warnings");
	reader->out = paxlst;
	reader->charset = gh_charset_of(gh_view_of_text(reader->in.syntax_id));
	return read_all(reader, error);
}

enum gh_status gh_paxlst_parse_from(struct gh_view file, size_t from_bytes, int64_t today_ms,
	struct gh_paxlst *paxlst, struct gh_error *error)
{
	struct gh_paxlst_reader *reader;
	enum gh_status status;

	memset(paxlst, 0, sizeof(*paxlst));
	if (file.length_bytes > GH_PAXLST_BYTES_MAX)
		return gh_error_set(
			error, GH_TOO_LARGE, "a file of more than %u bytes", GH_PAXLST_BYTES_MAX);
	reader = calloc(1, sizeof(*reader));
	if (!reader)
		return gh_error_set(error, GH_NO_MEMORY, "reader of PAXLST");
	gh_date_of(today_ms, reader->today);
	status = parse(reader, file, from_bytes, paxlst, error);
	gh_edifact_finish(&reader->in);
	gh_wipe(reader, sizeof(*reader));
	free(reader);
	if (status != GH_OK)
		gh_paxlst_finish(paxlst);
	return status;
}

enum gh_status gh_paxlst_parse(
	struct gh_view file, int64_t today_ms, struct gh_paxlst *paxlst, struct gh_error *error)
{
	return gh_paxlst_parse_from(file, 0, today_ms, paxlst, error);
}

void gh_paxlst_finish(struct gh_paxlst *paxlst)
{
	if (!paxlst)
		return;
	gh_voyage_finish(&paxlst->voyage);
	free(paxlst->warnings);
	gh_wipe(paxlst, sizeof(*paxlst));
}
