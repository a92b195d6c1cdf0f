/* SPDX-License-Identifier: Apache-2.0 */
/* A table as a sequence of plain parts: what a sealed gallery file holds once it is open. */
#include "parts.h"

#include <assert.h>
#include <stdlib.h>

#include "wire.h"

enum {
	PART_HEAD_BYTES = 8,
	HEAD_BYTES = 16 + 4 + 1 + 4 + 9 + 6 + 6 + 8 + 8 + 8 + 8 + 32 + 4 + 4 + 4 + 8 + 8,
	PERSONAL_BYTES = sizeof(struct gh_personal),
	PERSON_FIXED_BYTES = 16 + 4 + 1 + 1 + 1 + 9 + 4 + 4 + 4 + 9 + 5 * PERSONAL_BYTES + 1,
	PORTRAIT_BYTES = 9 + 4,
	PERSON_BYTES_MAX = PERSON_FIXED_BYTES + GH_PERSON_PORTRAITS_MAX * PORTRAIT_BYTES,
	ROW_BYTES = 4 + 1 + 4 + 4 + 32 + 4 * GH_TEMPLATE_VALUES,
	FINDING_BYTES = 4 + 4 + 4 + 2 + 2 + 4,
};

static uint32_t parts_of(size_t count, uint32_t most)
{
	return (uint32_t)((count + most - 1) / most);
}

static size_t row_count(const struct gh_table *table)
{
	return gh_rows_count(&table->rows) - table->padding;
}

uint32_t gh_parts_count(const struct gh_table *table)
{
	return 1 + parts_of(table->voyage.person_count, GH_PART_PERSONS) +
		parts_of(row_count(table), GH_PART_ROWS) +
		parts_of(table->finding_count, GH_PART_FINDINGS);
}

size_t gh_parts_bytes_max(const struct gh_table *table)
{
	return HEAD_BYTES + gh_parts_count(table) * (size_t)PART_HEAD_BYTES +
		table->voyage.person_count * (size_t)PERSON_BYTES_MAX +
		row_count(table) * (size_t)ROW_BYTES + table->finding_count * (size_t)FINDING_BYTES;
}

static void put_head(const struct gh_table *table, int64_t loaded_ms, struct gh_wire_out *out)
{
	const struct gh_voyage *voyage = &table->voyage;

	gh_wire_put(out, voyage->id.bytes, sizeof(voyage->id.bytes));
	gh_wire_put_integer(out, voyage->version, 4);
	gh_wire_put_integer(out, voyage->test, 1);
	gh_wire_put(out, voyage->carrier, sizeof(voyage->carrier));
	gh_wire_put(out, voyage->number, sizeof(voyage->number));
	gh_wire_put(out, voyage->from, sizeof(voyage->from));
	gh_wire_put(out, voyage->to, sizeof(voyage->to));
	gh_wire_put_integer(out, (uint64_t)voyage->departure_ms, 8);
	gh_wire_put_integer(out, (uint64_t)voyage->arrival_ms, 8);
	gh_wire_put_integer(out, (uint64_t)voyage->passage_end_ms, 8);
	gh_wire_put_integer(out, (uint64_t)loaded_ms, 8);
	gh_wire_put(out, table->hash.bytes, sizeof(table->hash.bytes));
	gh_wire_put_integer(out, voyage->person_count, 4);
	gh_wire_put_integer(out, row_count(table), 4);
	gh_wire_put_integer(out, table->finding_count, 4);
	gh_wire_put_integer(out, table->unusable, 8);
	gh_wire_put_integer(out, table->look_alikes, 8);
}

static void put_person(const struct gh_person *person, struct gh_wire_out *out)
{
	gh_wire_put(out, person->id.bytes, sizeof(person->id.bytes));
	gh_wire_put_integer(out, person->row, 4);
	gh_wire_put_integer(out, person->kind, 1);
	gh_wire_put_integer(out, person->boarding, 1);
	gh_wire_put(out, &person->sex, 1);
	gh_wire_put(out, person->birth, sizeof(person->birth));
	gh_wire_put(out, person->nationality, sizeof(person->nationality));
	gh_wire_put(out, person->document.type, sizeof(person->document.type));
	gh_wire_put(out, person->document.issuer, sizeof(person->document.issuer));
	gh_wire_put(out, person->document.expiry, sizeof(person->document.expiry));
	gh_wire_put(out, person->surname.text, PERSONAL_BYTES);
	gh_wire_put(out, person->given_names.text, PERSONAL_BYTES);
	gh_wire_put(out, person->document.number.text, PERSONAL_BYTES);
	gh_wire_put(out, person->locator.text, PERSONAL_BYTES);
	gh_wire_put(out, person->reference.text, PERSONAL_BYTES);
	gh_wire_put_integer(out, person->portrait_count, 1);
	for (uint32_t i = 0; i < person->portrait_count; i++) {
		gh_wire_put(out, person->portraits[i].taken, sizeof(person->portraits[i].taken));
		gh_wire_put_integer(out, person->portraits[i].length_bytes, 4);
	}
}

static void put_row(const struct gh_table *table, size_t row, struct gh_wire_out *out)
{
	const struct gh_table_row *source = &table->sources[row];
	const struct gh_template *reference = gh_rows_template(&table->rows, row);

	gh_wire_put_integer(out, table->rows.persons[row], 4);
	gh_wire_put_integer(out, table->flags->bits[table->rows.persons[row]], 1);
	gh_wire_put_integer(out, source->portrait, 4);
	gh_wire_put_integer(out, source->length_bytes, 4);
	gh_wire_put(out, source->hash.bytes, sizeof(source->hash.bytes));
	for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++)
		gh_wire_put_float(out, reference->values[i]);
}

static void put_finding(const struct gh_gallery_finding *finding, struct gh_wire_out *out)
{
	gh_wire_put_integer(out, finding->row, 4);
	gh_wire_put_integer(out, finding->other_row, 4);
	gh_wire_put_integer(out, finding->portrait, 4);
	gh_wire_put_integer(out, finding->status, 2);
	gh_wire_put_integer(out, finding->reason, 2);
	gh_wire_put_float(out, finding->score);
}

static void put_item(
	const struct gh_table *table, enum gh_part_kind kind, size_t i, struct gh_wire_out *out)
{
	if (kind == GH_PART_PERSON)
		put_person(&table->voyage.persons[i], out);
	else if (kind == GH_PART_ROW)
		put_row(table, table->padding + i, out);
	else
		put_finding(&table->findings[i], out);
}

/* Items first to first + count of a kind as one part. */
static enum gh_status write_items(const struct gh_table *table, enum gh_part_kind kind,
	size_t first, size_t count, struct gh_bytes *part, struct gh_error *error)
{
	static const size_t bytes_max[] = { 0, 0, PERSON_BYTES_MAX, ROW_BYTES, FINDING_BYTES };
	enum gh_status status =
		gh_bytes_reserve(part, PART_HEAD_BYTES + count * bytes_max[kind], error);
	struct gh_wire_out out;

	if (status != GH_OK)
		return status;
	out.place = part->data;
	gh_wire_put_integer(&out, kind, 4);
	gh_wire_put_integer(&out, count, 4);
	for (size_t i = first; i < first + count; i++)
		put_item(table, kind, i, &out);
	part->length_bytes = (size_t)(out.place - part->data);
	return GH_OK;
}

static enum gh_status write_head(const struct gh_table *table, int64_t loaded_ms,
	struct gh_bytes *part, struct gh_error *error)
{
	enum gh_status status = gh_bytes_reserve(part, PART_HEAD_BYTES + HEAD_BYTES, error);
	struct gh_wire_out out;

	if (status != GH_OK)
		return status;
	out.place = part->data;
	gh_wire_put_integer(&out, GH_PART_HEAD, 4);
	gh_wire_put_integer(&out, 1, 4);
	put_head(table, loaded_ms, &out);
	part->length_bytes = (size_t)(out.place - part->data);
	assert(part->length_bytes == PART_HEAD_BYTES + HEAD_BYTES);
	return GH_OK;
}

enum gh_status gh_parts_write(const struct gh_table *table, int64_t loaded_ms, uint32_t n,
	struct gh_bytes *part, struct gh_error *error)
{
	const struct {
		enum gh_part_kind kind;
		size_t count;
		uint32_t most;
	} kinds[] = {
		{ GH_PART_PERSON, table->voyage.person_count, GH_PART_PERSONS },
		{ GH_PART_ROW, row_count(table), GH_PART_ROWS },
		{ GH_PART_FINDING, table->finding_count, GH_PART_FINDINGS },
	};

	gh_bytes_clear(part);
	if (n == 0)
		return write_head(table, loaded_ms, part, error);
	n--;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		uint32_t parts = parts_of(kinds[i].count, kinds[i].most);
		size_t first = (size_t)n * kinds[i].most;
		size_t left = kinds[i].count - first;

		if (n < parts)
			return write_items(table, kinds[i].kind, first,
				left < kinds[i].most ? left : kinds[i].most, part, error);
		n -= parts;
	}
	return gh_error_set(error, GH_INTERNAL, "gallery file: no part %u", (unsigned)n);
}

static enum gh_status malformed(struct gh_error *error, const char *reason)
{
	return gh_error_set(error, GH_MALFORMED, "gallery file: %s", reason);
}

static enum gh_status read_head(
	struct gh_parts_reader *reader, struct gh_wire_in *in, struct gh_error *error)
{
	struct gh_voyage *voyage = &reader->voyage;

	if (reader->voyage.version != 0)
		return malformed(error, "a second head");
	gh_wire_get(in, voyage->id.bytes, sizeof(voyage->id.bytes));
	voyage->version = (uint32_t)gh_wire_get_integer(in, 4);
	voyage->test = gh_wire_get_integer(in, 1) != 0;
	gh_wire_get_text(in, voyage->carrier, sizeof(voyage->carrier));
	gh_wire_get_text(in, voyage->number, sizeof(voyage->number));
	gh_wire_get_text(in, voyage->from, sizeof(voyage->from));
	gh_wire_get_text(in, voyage->to, sizeof(voyage->to));
	voyage->departure_ms = (int64_t)gh_wire_get_integer(in, 8);
	voyage->arrival_ms = (int64_t)gh_wire_get_integer(in, 8);
	voyage->passage_end_ms = (int64_t)gh_wire_get_integer(in, 8);
	reader->loaded_ms = (int64_t)gh_wire_get_integer(in, 8);
	gh_wire_get(in, reader->hash.bytes, sizeof(reader->hash.bytes));
	reader->persons_due = gh_wire_get_integer(in, 4);
	reader->rows_due = gh_wire_get_integer(in, 4);
	reader->findings_due = gh_wire_get_integer(in, 4);
	reader->unusable = gh_wire_get_integer(in, 8);
	reader->look_alikes = gh_wire_get_integer(in, 8);
	if (voyage->version == 0 || reader->persons_due > GH_VOYAGE_PERSONS_MAX ||
		reader->rows_due > reader->persons_due * GH_PERSON_PORTRAITS_MAX ||
		reader->findings_due > GH_FINDINGS_MAX)
		return malformed(error, "the head's numbers are out of range");
	if (reader->rows_due > reader->rows_max)
		return gh_error_set(error, GH_FULL, "gallery file: %zu rows, room for %zu",
			reader->rows_due, reader->rows_max);
	voyage->persons = calloc(reader->persons_due + 1, sizeof(*voyage->persons));
	if (!voyage->persons)
		return gh_error_set(
			error, GH_NO_MEMORY, "gallery file: %zu persons", reader->persons_due);
	return GH_OK;
}

static void get_personal(struct gh_wire_in *in, struct gh_personal *personal)
{
	gh_wire_get_text(in, personal->text, sizeof(personal->text));
}

static bool read_person(struct gh_wire_in *in, struct gh_person *person)
{
	uint64_t kind;
	uint64_t boarding;

	gh_wire_get(in, person->id.bytes, sizeof(person->id.bytes));
	person->row = (uint32_t)gh_wire_get_integer(in, 4);
	kind = gh_wire_get_integer(in, 1);
	boarding = gh_wire_get_integer(in, 1);
	gh_wire_get(in, &person->sex, 1);
	gh_wire_get_text(in, person->birth, sizeof(person->birth));
	gh_wire_get_text(in, person->nationality, sizeof(person->nationality));
	gh_wire_get_text(in, person->document.type, sizeof(person->document.type));
	gh_wire_get_text(in, person->document.issuer, sizeof(person->document.issuer));
	gh_wire_get_text(in, person->document.expiry, sizeof(person->document.expiry));
	get_personal(in, &person->surname);
	get_personal(in, &person->given_names);
	get_personal(in, &person->document.number);
	get_personal(in, &person->locator);
	get_personal(in, &person->reference);
	person->portrait_count = (uint32_t)gh_wire_get_integer(in, 1);
	if (kind > GH_PERSON_TRANSIT || boarding >= GH_BOARDING_REMOVED ||
		person->portrait_count > GH_PERSON_PORTRAITS_MAX)
		return false;
	person->kind = (enum gh_person_kind)kind;
	person->boarding = (enum gh_boarding)boarding;
	for (uint32_t i = 0; i < person->portrait_count; i++) {
		gh_wire_get_text(
			in, person->portraits[i].taken, sizeof(person->portraits[i].taken));
		person->portraits[i].length_bytes = (uint32_t)gh_wire_get_integer(in, 4);
	}
	return true;
}

static enum gh_status add_padding(struct gh_parts_reader *reader, struct gh_error *error)
{
	enum gh_status status = GH_OK;

	for (size_t i = 0; status == GH_OK && i < reader->padding; i++) {
		struct gh_template stranger;

		gh_table_draw(reader->table, reader->calibration, &stranger, 1);
		status = gh_table_add(reader->table, GH_ROW_STRANGER, &stranger, NULL, error);
	}
	return status;
}

/* The persons are complete: the table that takes the rows can be made. */
static enum gh_status make_table(struct gh_parts_reader *reader, struct gh_error *error)
{
	enum gh_status status = gh_table_create(
		&reader->voyage, reader->rows_due, reader->padding, &reader->table, error);

	if (status != GH_OK)
		return status;
	reader->table->hash = reader->hash;
	reader->table->phase = GH_TABLE_DONE;
	return add_padding(reader, error);
}

static enum gh_status read_persons(
	struct gh_parts_reader *reader, struct gh_wire_in *in, size_t count, struct gh_error *error)
{
	struct gh_voyage *voyage = &reader->voyage;

	if (count > reader->persons_due || reader->table)
		return malformed(error, "more persons than promised");
	for (size_t i = 0; i < count; i++) {
		if (!read_person(in, &voyage->persons[voyage->person_count]))
			return malformed(error, "a person is out of range");
		voyage->person_count++;
		reader->persons_due--;
	}
	return GH_OK;
}

static enum gh_status read_row(
	struct gh_parts_reader *reader, struct gh_wire_in *in, struct gh_error *error)
{
	struct gh_table *table = reader->table;
	struct gh_table_row source;
	struct gh_template reference;
	uint32_t person = (uint32_t)gh_wire_get_integer(in, 4);
	uint64_t flags = gh_wire_get_integer(in, 1);
	enum gh_status status;

	source.portrait = (uint32_t)gh_wire_get_integer(in, 4);
	source.length_bytes = (uint32_t)gh_wire_get_integer(in, 4);
	gh_wire_get(in, source.hash.bytes, sizeof(source.hash.bytes));
	for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++)
		reference.values[i] = gh_wire_get_float(in);
	if (in->bad)
		return GH_OK; /* said at the end of the part */
	if (person >= table->voyage.person_count || person < reader->last_person ||
		source.portrait >= table->voyage.persons[person].portrait_count ||
		table->of_person[person].row_count >= GH_PERSON_PORTRAITS_MAX)
		return malformed(error, "a row's place is out of range");
	reader->last_person = person;
	table->flags->bits[person] |= (uint8_t)(flags & GH_FLAG_LOOK_ALIKE);
	status = gh_table_add(table, person, &reference, &source, error);
	gh_wipe(&reference, sizeof(reference));
	return status;
}

static enum gh_status read_rows(
	struct gh_parts_reader *reader, struct gh_wire_in *in, size_t count, struct gh_error *error)
{
	if (count > reader->rows_due)
		return malformed(error, "more rows than promised");
	for (size_t i = 0; i < count; i++) {
		enum gh_status status = read_row(reader, in, error);

		if (status != GH_OK) {
			gh_error_wrap(error, "row %zu of a part", i + 1);
			return status;
		}
		reader->rows_due--;
	}
	return GH_OK;
}

static enum gh_status read_findings(
	struct gh_parts_reader *reader, struct gh_wire_in *in, size_t count, struct gh_error *error)
{
	if (count > reader->findings_due)
		return malformed(error, "more findings than promised");
	for (size_t i = 0; i < count; i++) {
		struct gh_gallery_finding finding = { .voyage = reader->voyage.id };
		uint64_t status;
		uint64_t reason;

		finding.row = (uint32_t)gh_wire_get_integer(in, 4);
		finding.other_row = (uint32_t)gh_wire_get_integer(in, 4);
		finding.portrait = (uint32_t)gh_wire_get_integer(in, 4);
		status = gh_wire_get_integer(in, 2);
		reason = gh_wire_get_integer(in, 2);
		finding.score = gh_wire_get_float(in);
		if (status >= GH_STATUS_COUNT || reason >= GH_REASON_COUNT)
			return malformed(error, "a finding is out of range");
		finding.status = (enum gh_status)status;
		finding.reason = (enum gh_reason)reason;
		gh_table_note(reader->table, &finding);
		reader->findings_due--;
	}
	return GH_OK;
}

static enum gh_status read_items(struct gh_parts_reader *reader, uint64_t kind, size_t count,
	struct gh_wire_in *in, struct gh_error *error)
{
	enum gh_status status = GH_OK;

	if (kind == GH_PART_HEAD)
		return read_head(reader, in, error);
	if (!reader->voyage.persons)
		return malformed(error, "no head");
	if (kind == GH_PART_PERSON)
		return read_persons(reader, in, count, error);
	if (kind != GH_PART_ROW && kind != GH_PART_FINDING)
		return malformed(error, "a part of unknown kind");
	if (reader->persons_due > 0)
		return malformed(error, "rows before the last person");
	if (!reader->table)
		status = make_table(reader, error);
	if (status != GH_OK)
		return status;
	return kind == GH_PART_ROW ? read_rows(reader, in, count, error)
				   : read_findings(reader, in, count, error);
}

enum gh_status gh_parts_read(
	struct gh_parts_reader *reader, struct gh_view part, struct gh_error *error)
{
	struct gh_wire_in in = { part.data, part.length_bytes, false };
	uint64_t kind = gh_wire_get_integer(&in, 4);
	uint64_t count = gh_wire_get_integer(&in, 4);
	enum gh_status status = read_items(reader, kind, count, &in, error);

	if (in.bad)
		return gh_error_set(error, GH_TRUNCATED, "gallery file: a part ends early");
	if (status == GH_OK && in.left_bytes > 0)
		return malformed(error, "a part is longer than its items");
	return status;
}

enum gh_status gh_parts_complete(
	struct gh_parts_reader *reader, struct gh_table **table, struct gh_error *error)
{
	enum gh_status status = GH_OK;

	*table = NULL;
	if (!reader->voyage.persons || reader->persons_due > 0 || reader->rows_due > 0 ||
		reader->findings_due > 0)
		return gh_error_set(error, GH_TRUNCATED, "gallery file: parts are missing");
	if (!reader->table)
		status = make_table(reader, error);
	if (status != GH_OK)
		return status;
	/* Findings beyond the limit were counted, not kept. */
	reader->table->unusable = reader->unusable;
	reader->table->look_alikes = reader->look_alikes;
	*table = reader->table;
	reader->table = NULL;
	return GH_OK;
}

void gh_parts_finish(struct gh_parts_reader *reader)
{
	gh_table_unref(reader->table);
	gh_voyage_finish(&reader->voyage);
	*reader = (struct gh_parts_reader){ .table = NULL };
}
