/* SPDX-License-Identifier: Apache-2.0 */
/* Persons of a PAXLST message and their documents. */
#include <stdlib.h>
#include <string.h>

#include "document.h"
#include "paxlst_reader.h"

static struct gh_person *person_of(struct gh_paxlst_reader *reader)
{
	return &reader->out->voyage.persons[reader->out->voyage.person_count - 1];
}

/* Room for what the file can hold at some 64 bytes a person; pages cost when they are used. */
static size_t next_capacity(const struct gh_paxlst_reader *reader)
{
	size_t capacity = reader->person_capacity ? reader->person_capacity * 2
						  : 64 + reader->in.length_bytes / 64;

	return capacity < GH_VOYAGE_PERSONS_MAX ? capacity : GH_VOYAGE_PERSONS_MAX;
}

static enum gh_status grow(struct gh_paxlst_reader *reader, struct gh_error *error)
{
	struct gh_voyage *voyage = &reader->out->voyage;
	size_t capacity = next_capacity(reader);
	struct gh_person *persons;

	if (voyage->person_count < reader->person_capacity)
		return GH_OK;
	persons = calloc(capacity, sizeof(persons[0]));
	if (!persons)
		return gh_error_set(error, GH_NO_MEMORY, "%zu persons", capacity);
	if (voyage->person_count > 0)
		memcpy(persons, voyage->persons, voyage->person_count * sizeof(persons[0]));
	gh_wipe(voyage->persons, voyage->person_count * sizeof(persons[0]));
	free(voyage->persons);
	voyage->persons = persons;
	reader->person_capacity = capacity;
	return GH_OK;
}

/* C080: surname, given names, second names; a single part may be a whole name. */
static void read_name(struct gh_paxlst_reader *reader, struct gh_person *person)
{
	uint8_t joined[512];
	size_t used = 0;
	struct gh_view surname = gh_edifact_trimmed(&reader->in, 4, 1);

	if (surname.length_bytes == 0)
		surname = gh_edifact_trimmed(&reader->in, 3, 1);
	gh_paxlst_name(reader, surname, &person->surname);
	for (unsigned part = 2; part <= 5; part++) {
		struct gh_view view = gh_edifact_trimmed(&reader->in, 4, part);

		if (view.length_bytes == 0 || used + view.length_bytes + 1 > sizeof(joined))
			continue;
		if (used > 0)
			joined[used++] = ' ';
		memcpy(joined + used, view.data, view.length_bytes);
		used += view.length_bytes;
	}
	gh_paxlst_name(reader, (struct gh_view){ joined, used }, &person->given_names);
	gh_wipe(joined, used);
}

static void read_kind(struct gh_paxlst_reader *reader, struct gh_person *person)
{
	static const struct {
		const char *code;
		enum gh_person_kind kind;
	} kinds[] = {
		{ "FL", GH_PERSON_PASSENGER },
		{ "FM", GH_PERSON_CREW },
		{ "DDU", GH_PERSON_TRANSIT },
		{ "DDT", GH_PERSON_TRANSIT },
		{ "ZZZ", GH_PERSON_PASSENGER },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (gh_edifact_is(&reader->in, 1, 1, kinds[i].code)) {
			person->kind = kinds[i].kind;
			return;
		}
	}
	gh_paxlst_warn(reader, "NAD: an unknown code, taken for a passenger");
}

enum gh_status gh_paxlst_person_begin(struct gh_paxlst_reader *reader, struct gh_error *error)
{
	struct gh_voyage *voyage = &reader->out->voyage;
	struct gh_person *person;
	enum gh_status status;

	gh_paxlst_person_end(reader);
	if (voyage->person_count == GH_VOYAGE_PERSONS_MAX)
		return gh_paxlst_fail(
			reader, GH_TOO_LARGE, "more persons than a voyage holds", error);
	status = grow(reader, error);
	if (status != GH_OK)
		return status;
	person = &voyage->persons[voyage->person_count++];
	person->row = (uint32_t)voyage->person_count;
	person->sex = ' ';
	reader->in_person = true;
	reader->document_rank = 0;
	reader->scope = GH_SCOPE_PERSON;
	read_kind(reader, person);
	read_name(reader, person);
	return GH_OK;
}

/* Of several documents the one that the person will most likely show. */
static unsigned rank_of(const struct gh_travel_document *document)
{
	static const char *const order[] = { "F", "V", "AC", "T", "C", "I", "A", "IP", "P" };

	if (document->number.text[0] == '\0')
		return 0;
	for (unsigned i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (strcmp(document->type, order[i]) == 0)
			return 2 + i;
	return document->type[0] == 'P' ? 2 + sizeof(order) / sizeof(order[0]) : 1;
}

static void end_document(struct gh_paxlst_reader *reader)
{
	unsigned rank;

	if (!reader->in_document)
		return;
	rank = rank_of(&reader->document);
	if (rank > reader->document_rank) {
		person_of(reader)->document = reader->document;
		reader->document_rank = rank;
	}
	gh_wipe(&reader->document, sizeof(reader->document));
	reader->in_document = false;
}

void gh_paxlst_person_end(struct gh_paxlst_reader *reader)
{
	end_document(reader);
	reader->in_person = false;
}

static void take_doc(struct gh_paxlst_reader *reader)
{
	struct gh_view number = gh_edifact_trimmed(&reader->in, 2, 1);
	struct gh_view type = gh_edifact_trimmed(&reader->in, 1, 1);
	struct gh_personal text;

	end_document(reader);
	reader->in_document = true;
	reader->scope = GH_SCOPE_DOCUMENT;
	if (type.length_bytes > 0 &&
		!gh_paxlst_code(type, reader->document.type, sizeof(reader->document.type)))
		gh_paxlst_warn(reader, "DOC: a type that is no code of up to 3 characters");
	gh_paxlst_name(reader, number, &text);
	gh_document_number_set(&reader->document.number, gh_view_of_text(text.text));
	gh_wipe(&text, sizeof(text));
}

static void take_att(struct gh_paxlst_reader *reader)
{
	struct gh_view value = gh_edifact_trimmed(&reader->in, 3, 1);
	char code = value.length_bytes == 1 ? (char)(value.data[0] & ~0x20) : '\0';

	if (!gh_edifact_is(&reader->in, 1, 1, "2"))
		return;
	if (code == 'M' || code == 'F')
		person_of(reader)->sex = code;
	else if (code == 'X')
		person_of(reader)->sex = 'X';
	else if (value.length_bytes > 0 && code != 'U')
		gh_paxlst_warn(reader, "ATT: a sex other than M, F, X or U");
}

static void take_nat(struct gh_paxlst_reader *reader)
{
	struct gh_view value = gh_edifact_trimmed(&reader->in, 2, 1);
	struct gh_person *person = person_of(reader);

	if (!gh_edifact_is(&reader->in, 1, 1, "2") || value.length_bytes == 0)
		return;
	if (!gh_paxlst_code(value, person->nationality, sizeof(person->nationality)))
		gh_paxlst_warn(reader, "NAT: no code of up to 3 letters");
}

static void take_person_dtm(struct gh_paxlst_reader *reader)
{
	const struct gh_edifact *in = &reader->in;
	bool is_birth = gh_edifact_is(in, 1, 1, "329");
	bool is_expiry = gh_edifact_is(in, 1, 1, "36");
	char date[9];

	if ((!is_birth && !is_expiry) || gh_edifact_trimmed(in, 1, 2).length_bytes == 0)
		return;
	if (!gh_paxlst_date(reader, 1, is_birth ? GH_CENTURY_BIRTH : GH_CENTURY_NEAREST, date))
		gh_paxlst_warn(
			reader, "DTM+%s: no date that the calendar has", is_birth ? "329" : "36");
	else if (is_birth)
		memcpy(person_of(reader)->birth, date, sizeof(date));
	else if (reader->in_document)
		memcpy(reader->document.expiry, date, sizeof(date));
	else
		gh_paxlst_warn(reader, "DTM+36: an expiry without a document");
}

/* LOC in the scope of a document: the issuer, as a code or as free text in component 4. */
static void take_issuer(struct gh_paxlst_reader *reader)
{
	struct gh_view value = gh_edifact_trimmed(&reader->in, 2, 1);

	if (!reader->in_document || !gh_edifact_is(&reader->in, 1, 1, "91"))
		return;
	if (value.length_bytes == 0)
		value = gh_edifact_trimmed(&reader->in, 2, 4);
	if (value.length_bytes > 0 &&
		!gh_paxlst_code(value, reader->document.issuer, sizeof(reader->document.issuer)))
		gh_paxlst_warn(reader, "LOC+91: an issuer that is no code of up to 3 letters");
}

static void take_person_rff(struct gh_paxlst_reader *reader)
{
	struct gh_view value = gh_edifact_trimmed(&reader->in, 1, 2);
	struct gh_person *person = person_of(reader);
	struct gh_personal *place = NULL;

	if (gh_edifact_is(&reader->in, 1, 1, "AVF"))
		place = &person->locator;
	else if (gh_edifact_is(&reader->in, 1, 1, "ABO"))
		place = &person->reference;
	/* In a document's scope a reference is the document's, unless nothing else gave it. */
	if (place && !(reader->in_document && place->text[0]))
		gh_paxlst_name(reader, value, place);
}

bool gh_paxlst_person_segment(struct gh_paxlst_reader *reader)
{
	static const struct {
		uint32_t tag;
		void (*take)(struct gh_paxlst_reader *reader);
	} segments[] = {
		{ GH_EDIFACT_TAG('D', 'T', 'M'), take_person_dtm },
		{ GH_EDIFACT_TAG('L', 'O', 'C'), take_issuer },
		{ GH_EDIFACT_TAG('R', 'F', 'F'), take_person_rff },
		{ GH_EDIFACT_TAG('A', 'T', 'T'), take_att },
		{ GH_EDIFACT_TAG('N', 'A', 'T'), take_nat },
		{ GH_EDIFACT_TAG('D', 'O', 'C'), take_doc },
	};

	for (size_t i = 0; i < sizeof(segments) / sizeof(segments[0]); i++) {
		if (reader->in.tag == segments[i].tag) {
			segments[i].take(reader);
			return true;
		}
	}
	return false;
}
