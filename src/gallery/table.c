/* SPDX-License-Identifier: Apache-2.0 */
/* One version of a voyage with the templates of its persons. */
#include "table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct by_id {
	struct gh_id id;
	uint32_t index;
};

static int compare_ids(const void *left, const void *right)
{
	const struct by_id *a = left;
	const struct by_id *b = right;

	return memcmp(a->id.bytes, b->id.bytes, sizeof(a->id.bytes));
}

static enum gh_status sort_by_id(struct gh_table *table, struct gh_error *error)
{
	size_t count = table->voyage.person_count;
	struct by_id *order = calloc(count + 1, sizeof(*order));

	table->by_id = calloc(count + 1, sizeof(*table->by_id));
	if (!order || !table->by_id) {
		free(order);
		return gh_error_set(error, GH_NO_MEMORY, "voyage of %zu persons", count);
	}
	for (size_t i = 0; i < count; i++)
		order[i] = (struct by_id){ table->voyage.persons[i].id, (uint32_t)i };
	qsort(order, count, sizeof(*order), compare_ids);
	for (size_t i = 0; i < count; i++)
		table->by_id[i] = order[i].index;
	free(order);
	return GH_OK;
}

static enum gh_status copy_persons(
	struct gh_table *table, const struct gh_voyage *voyage, struct gh_error *error)
{
	if (voyage->person_count > GH_VOYAGE_PERSONS_MAX)
		return gh_error_set(
			error, GH_MALFORMED, "voyage of %zu persons", voyage->person_count);
	table->voyage = *voyage;
	table->voyage.person_count = 0;
	table->voyage.persons = calloc(voyage->person_count + 1, sizeof(struct gh_person));
	if (!table->voyage.persons)
		return gh_error_set(
			error, GH_NO_MEMORY, "voyage of %zu persons", voyage->person_count);
	for (size_t i = 0; i < voyage->person_count; i++) {
		const struct gh_person *person = &voyage->persons[i];

		if (person->portrait_count > GH_PERSON_PORTRAITS_MAX)
			return gh_error_set(error, GH_MALFORMED, "row %u has %u portraits",
				(unsigned)person->row, (unsigned)person->portrait_count);
		if (person->boarding != GH_BOARDING_REMOVED)
			table->voyage.persons[table->voyage.person_count++] = *person;
	}
	return GH_OK;
}

static enum gh_status take_memory(
	struct gh_table *table, size_t row_count, size_t padding_count, struct gh_error *error)
{
	size_t persons = table->voyage.person_count;

	table->sources = calloc(row_count + padding_count + 1, sizeof(*table->sources));
	table->of_person = calloc(persons + 1, sizeof(*table->of_person));
	table->flags = gh_flags_create(persons);
	if (!table->sources || !table->of_person || !table->flags)
		return gh_error_set(error, GH_NO_MEMORY, "voyage of %zu persons", persons);
	return gh_rows_init(&table->rows, row_count + padding_count, error);
}

/* A seed that is the voyage's own, so that its strangers are the same after a restart. */
static uint64_t seed_of(const struct gh_id *id)
{
	uint64_t seed = 0;

	for (size_t i = 0; i < sizeof(seed); i++)
		seed = seed << 8 | id->bytes[i];
	return seed | 1;
}

enum gh_status gh_table_create(const struct gh_voyage *voyage, size_t row_count,
	size_t padding_count, struct gh_table **table, struct gh_error *error)
{
	struct gh_table *made = calloc(1, sizeof(*made));
	enum gh_status status;

	*table = NULL;
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "voyage");
	atomic_init(&made->references, 1);
	status = copy_persons(made, voyage, error);
	if (status == GH_OK)
		status = sort_by_id(made, error);
	if (status == GH_OK)
		status = take_memory(made, row_count, padding_count, error);
	if (status != GH_OK) {
		gh_table_unref(made);
		return status;
	}
	made->padding_wanted = padding_count;
	made->padding_seed = seed_of(&voyage->id);
	*table = made;
	return GH_OK;
}

struct gh_table *gh_table_ref(struct gh_table *table)
{
	atomic_fetch_add_explicit(&table->references, 1, memory_order_relaxed);
	return table;
}

void gh_table_unref(struct gh_table *table)
{
	if (!table || atomic_fetch_sub_explicit(&table->references, 1, memory_order_acq_rel) != 1)
		return;
	gh_bundle_close(table->bundle);
	gh_rows_finish(&table->rows);
	if (table->voyage.persons)
		gh_wipe(table->voyage.persons,
			table->voyage.person_count * sizeof(*table->voyage.persons));
	free(table->voyage.persons);
	free(table->by_id);
	free(table->findings);
	free(table->sources);
	free(table->of_person);
	gh_flags_unref(table->flags);
	free(table);
}

size_t gh_voyage_portraits(const struct gh_voyage *voyage)
{
	size_t count = 0;

	for (size_t i = 0; i < voyage->person_count; i++)
		if (voyage->persons[i].boarding != GH_BOARDING_REMOVED)
			count += voyage->persons[i].portrait_count;
	return count;
}

int64_t gh_table_find(const struct gh_table *table, const struct gh_id *person)
{
	size_t low = 0;
	size_t high = table->voyage.person_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint32_t index = table->by_id[middle];
		int order = memcmp(table->voyage.persons[index].id.bytes, person->bytes,
			sizeof(person->bytes));

		if (order == 0)
			return index;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}

enum gh_status gh_table_add(struct gh_table *table, uint32_t person,
	const struct gh_template *reference, const struct gh_table_row *source,
	struct gh_error *error)
{
	size_t row = gh_rows_count(&table->rows);
	enum gh_status status = gh_rows_add(&table->rows, reference, person, error);

	if (status != GH_OK)
		return status;
	if (person == GH_ROW_STRANGER) {
		table->padding++;
		return GH_OK;
	}
	assert(person < table->voyage.person_count);
	if (table->of_person[person].row_count++ == 0) {
		table->of_person[person].first_row = (uint32_t)row;
		table->persons_with++;
	}
	table->sources[row] = *source;
	return GH_OK;
}

void gh_table_note(struct gh_table *table, const struct gh_gallery_finding *finding)
{
	struct gh_gallery_finding *grown;
	size_t capacity = table->finding_capacity;

	if (finding->other_row != 0)
		table->look_alikes++;
	else if (finding->status != GH_OK)
		table->unusable++;
	if (table->finding_count == GH_FINDINGS_MAX)
		return;
	if (table->finding_count == capacity) {
		capacity = capacity == 0 ? 16 : capacity * 2;
		grown = realloc(table->findings, capacity * sizeof(*grown));
		if (!grown)
			return;
		table->findings = grown;
		table->finding_capacity = capacity;
	}
	table->findings[table->finding_count++] = *finding;
}

/* xorshift64*: only for strangers, who are nobody's secret. */
static uint64_t next_random(void *ctx)
{
	uint64_t *state = ctx;

	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(0x2545f4914f6cdd1d);
}

void gh_table_draw(struct gh_table *table, const struct gh_calibration *calibration,
	struct gh_template *strangers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		gh_calibration_stranger(
			calibration, next_random, &table->padding_seed, &strangers[i]);
}

struct gh_flags *gh_flags_create(size_t count)
{
	struct gh_flags *flags = calloc(1, sizeof(*flags) + count);

	if (!flags)
		return NULL;
	atomic_init(&flags->references, 1);
	flags->count = count;
	return flags;
}

struct gh_flags *gh_flags_ref(struct gh_flags *flags)
{
	atomic_fetch_add_explicit(&flags->references, 1, memory_order_relaxed);
	return flags;
}

void gh_flags_unref(struct gh_flags *flags)
{
	if (flags && atomic_fetch_sub_explicit(&flags->references, 1, memory_order_acq_rel) == 1)
		free(flags);
}
