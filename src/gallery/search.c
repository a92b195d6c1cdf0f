/* SPDX-License-Identifier: Apache-2.0 */
/* Who is it, and is it the person claimed: searches over snapshots of the active voyages. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rank.h"
#include "slots.h"

/* Times a search starts over because a person stopped being matched meanwhile. */
enum {
	ATTEMPTS_MAX = 8
};

/* What is searched, as it was at one moment; tables and flags are referenced. */
struct snapshot {
	struct gh_table *tables[GH_GALLERY_VOYAGES_MAX];
	struct gh_flags *flags[GH_GALLERY_VOYAGES_MAX];
	struct gh_rank_table ranked[GH_GALLERY_VOYAGES_MAX];
	size_t count;
	uint64_t generation;
	uint64_t persons;
	uint64_t templates;
	uint64_t persons_without;
	bool complete;
};

static int64_t now_ms(const struct gh_gallery *gallery)
{
	return gallery->options.clock->real_ms(gallery->options.clock);
}

static void add_slot(struct snapshot *snapshot, const struct gh_slot *slot)
{
	const struct gh_table *table = slot->serving;
	size_t rows = gh_rows_count(&table->rows);
	size_t listed = table->voyage.person_count - slot->removed_persons;
	size_t listed_with = table->persons_with - slot->removed_persons_with;
	size_t i = snapshot->count++;

	snapshot->tables[i] = gh_table_ref(slot->serving);
	snapshot->flags[i] = gh_flags_ref(slot->flags);
	snapshot->ranked[i] =
		(struct gh_rank_table){ &table->rows, rows, slot->flags->bits, GH_FLAG_REMOVED };
	snapshot->persons += listed_with + table->padding;
	snapshot->templates += rows - slot->removed_rows;
	snapshot->persons_without += listed - listed_with;
	snapshot->complete = snapshot->complete && slot->complete && !slot->pending;
}

static void take_snapshot(struct gh_gallery *gallery, struct snapshot *snapshot)
{
	int64_t now = now_ms(gallery);

	*snapshot = (struct snapshot){ .complete = true };
	pthread_mutex_lock(&gallery->mutex);
	snapshot->generation = gallery->generation;
	for (size_t i = 0; i < GH_GALLERY_VOYAGES_MAX; i++) {
		const struct gh_slot *slot = &gallery->slots[i];

		if (slot->serving && gh_slot_active(gallery, slot, now))
			add_slot(snapshot, slot);
	}
	pthread_mutex_unlock(&gallery->mutex);
}

static void drop_snapshot(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->count; i++) {
		gh_table_unref(snapshot->tables[i]);
		gh_flags_unref(snapshot->flags[i]);
	}
	snapshot->count = 0;
}

/* Whether everybody in the snapshot may still be matched. */
static bool still_valid(struct gh_gallery *gallery, const struct snapshot *snapshot)
{
	bool valid;

	pthread_mutex_lock(&gallery->mutex);
	valid = gallery->generation == snapshot->generation;
	pthread_mutex_unlock(&gallery->mutex);
	return valid;
}

static int two_digits(const char *text)
{
	return (text[0] - '0') * 10 + (text[1] - '0');
}

/* Full years from CCYYMMDD to a time, or -1 when the date is unknown, impossible or ahead. */
static int years_since(const char date[9], int64_t at_ms)
{
	char text[GH_TIME_TEXT_BYTES];
	int years;

	for (int i = 0; i < 8; i++)
		if (date[i] < '0' || date[i] > '9')
			return -1;
	gh_time_format(at_ms, text); /* "2026-11-24T..." */
	years = (two_digits(text) - two_digits(date)) * 100 + two_digits(text + 2) -
		two_digits(date + 2);
	if (memcmp(text + 5, date + 4, 2) < 0 ||
		(memcmp(text + 5, date + 4, 2) == 0 && memcmp(text + 8, date + 6, 2) < 0))
		years--;
	return years < 0 ? -1 : years;
}

/* flags NULL: the version is not checked yet. */
static void fill_candidate(const struct gh_gallery *gallery, const struct gh_table *table,
	const struct gh_flags *flags, const struct gh_ranked *ranked,
	struct gh_candidate *candidate)
{
	const struct gh_person *person = &table->voyage.persons[ranked->person];
	uint32_t portrait = table->sources[ranked->row].portrait;

	candidate->voyage = table->voyage.id;
	candidate->voyage_version = table->voyage.version;
	candidate->person = *person;
	candidate->score = ranked->score;
	candidate->fmr = gh_calibration_fmr(gallery->options.calibration, ranked->score, NULL);
	candidate->look_alike = flags && (flags->bits[ranked->person] & GH_FLAG_LOOK_ALIKE) != 0;
	candidate->reference_age_years = portrait < person->portrait_count
		? years_since(person->portraits[portrait].taken, now_ms(gallery))
		: -1;
}

static enum gh_status search_snapshot(struct gh_gallery *gallery, const struct snapshot *snapshot,
	const struct gh_template *probe, struct gh_search *search, struct gh_error *error)
{
	struct gh_ranking ranking;
	enum gh_status status = gh_rank(snapshot->ranked, snapshot->count, probe, &ranking, error);

	if (status != GH_OK)
		return status;
	search->count = ranking.count;
	search->persons = snapshot->persons;
	search->templates = snapshot->templates;
	search->persons_without = snapshot->persons_without;
	search->complete = snapshot->complete;
	search->threshold = gh_threshold_for_search(
		gallery->options.calibration, snapshot->templates, gallery->options.fpir_target);
	for (size_t i = 0; i < ranking.count; i++)
		fill_candidate(gallery, snapshot->tables[ranking.best[i].table],
			snapshot->flags[ranking.best[i].table], &ranking.best[i],
			&search->candidates[i]);
	return GH_OK;
}

enum gh_status gh_gallery_search(struct gh_gallery *gallery, const struct gh_template *probe,
	struct gh_search *search, struct gh_error *error)
{
	for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
		struct snapshot snapshot;
		enum gh_status status;
		bool valid;

		memset(search, 0, sizeof(*search));
		take_snapshot(gallery, &snapshot);
		if (snapshot.count == 0)
			return gh_error_set(error, GH_NOT_FOUND, "no voyage is active");
		status = search_snapshot(gallery, &snapshot, probe, search, error);
		valid = still_valid(gallery, &snapshot);
		drop_snapshot(&snapshot);
		if (valid || status != GH_OK)
			return status;
	}
	gh_wipe(search, sizeof(*search));
	return gh_error_set(error, GH_BUSY, "the gallery changed under %d searches", ATTEMPTS_MAX);
}

/* The person of a claim and where templates of that person may lie; references are held. */
struct claim {
	struct gh_table *newest;
	uint32_t person; /* of newest */
	struct gh_table *serving;
	struct gh_flags *flags; /* of serving */
	size_t newest_rows;
	size_t serving_rows;
	uint64_t generation;
	size_t found;
};

static void drop_claim(struct claim *claim)
{
	gh_table_unref(claim->newest);
	gh_table_unref(claim->serving);
	gh_flags_unref(claim->flags);
	*claim = (struct claim){ .newest = NULL };
}

/* The newest tables of all active voyages, referenced; returns how many. */
static size_t list_claimable(
	struct gh_gallery *gallery, struct claim claims[GH_GALLERY_VOYAGES_MAX])
{
	int64_t now = now_ms(gallery);
	size_t count = 0;

	pthread_mutex_lock(&gallery->mutex);
	for (size_t i = 0; i < GH_GALLERY_VOYAGES_MAX; i++) {
		struct gh_slot *slot = &gallery->slots[i];

		if (!slot->serving || !gh_slot_active(gallery, slot, now))
			continue;
		claims[count++] = (struct claim){
			.newest = gh_table_ref(gh_slot_newest(slot)),
			.serving = gh_table_ref(slot->serving),
			.flags = gh_flags_ref(slot->flags),
			.newest_rows = gh_rows_count(&gh_slot_newest(slot)->rows),
			.serving_rows = gh_rows_count(&slot->serving->rows),
			.generation = gallery->generation,
		};
	}
	pthread_mutex_unlock(&gallery->mutex);
	return count;
}

/* Find the claimed person; *claim holds references even on failure. */
static enum gh_status find_claim(struct gh_gallery *gallery, const char *number, const char *issuer,
	struct claim *claim, struct gh_error *error)
{
	struct claim claims[GH_GALLERY_VOYAGES_MAX];
	size_t count = list_claimable(gallery, claims);
	size_t found = 0;

	*claim = (struct claim){ .newest = NULL };
	for (size_t i = 0; i < count; i++) {
		const struct gh_voyage *voyage = &claims[i].newest->voyage;
		const struct gh_person *person = NULL;
		size_t here = gh_voyage_find_document(voyage, number, issuer, &person);

		if (here > 0 && found == 0) {
			*claim = claims[i];
			claim->person = (uint32_t)(person - voyage->persons);
		} else {
			drop_claim(&claims[i]);
		}
		found += here;
	}
	if (found == 0)
		return gh_error_set(error, GH_NOT_FOUND, "nobody active has the document");
	if (found > 1)
		return gh_error_set(error, GH_CONFLICT, "%zu persons have the document", found);
	return GH_OK;
}

/* The best of one person's rows; returns how many there are. */
static size_t compare_rows(const struct gh_table *table, size_t rows, uint32_t person,
	const struct gh_template *probe, struct gh_ranked *best)
{
	size_t count = 0;

	*best = (struct gh_ranked){ 0, person, 0, -INFINITY };
	for (size_t row = 0; row < rows; row++) {
		float score;

		if (table->rows.persons[row] != person)
			continue;
		score = gh_template_score(probe, gh_rows_template(&table->rows, row));
		if (count++ == 0 || score > best->score) {
			best->score = score;
			best->row = row;
		}
	}
	return count;
}

/* A person without any usable portrait is still the candidate, at a score that matches nothing. */
static void fill_without(const struct claim *claim, struct gh_candidate *candidate)
{
	candidate->voyage = claim->newest->voyage.id;
	candidate->voyage_version = claim->newest->voyage.version;
	candidate->person = claim->newest->voyage.persons[claim->person];
	candidate->score = -1.0f;
	candidate->fmr = 1.0;
	candidate->reference_age_years = -1;
}

static void compare_claim(const struct gh_gallery *gallery, const struct claim *claim,
	const struct gh_template *probe, struct gh_search *search)
{
	const struct gh_table *table = claim->newest;
	struct gh_ranked best;
	size_t rows = compare_rows(table, claim->newest_rows, claim->person, probe, &best);
	int64_t older;

	/* Not enrolled yet in the newest version: the older one may have the person. */
	if (rows == 0 && claim->serving != claim->newest) {
		older = gh_table_find(claim->serving, &table->voyage.persons[claim->person].id);
		table = claim->serving;
		if (older >= 0)
			rows = compare_rows(
				table, claim->serving_rows, (uint32_t)older, probe, &best);
	}
	search->count = 1;
	search->persons = 1;
	search->templates = rows;
	search->persons_without = rows == 0;
	if (rows == 0) {
		fill_without(claim, &search->candidates[0]);
	} else {
		const struct gh_flags *flags = table == claim->serving ? claim->flags : NULL;

		fill_candidate(gallery, table, flags, &best, &search->candidates[0]);
		search->candidates[0].person = claim->newest->voyage.persons[claim->person];
		search->candidates[0].voyage_version = claim->newest->voyage.version;
	}
	search->threshold = gh_threshold_for_claim(
		gallery->options.calibration, rows, gallery->options.fmr_claim);
}

/* What gh_rank() checks of a probe. */
static enum gh_status check_probe(const struct gh_template *probe, struct gh_error *error)
{
	struct gh_ranking none;

	return gh_rank(NULL, 0, probe, &none, error);
}

enum gh_status gh_gallery_verify(struct gh_gallery *gallery, const char *number, const char *issuer,
	const struct gh_template *probe, struct gh_search *search, struct gh_error *error)
{
	enum gh_status status = check_probe(probe, error);

	memset(search, 0, sizeof(*search));
	for (int attempt = 0; status == GH_OK && attempt < ATTEMPTS_MAX; attempt++) {
		struct claim claim;
		struct snapshot moment = { .count = 0 };

		status = find_claim(gallery, number, issuer, &claim, error);
		if (status == GH_OK) {
			moment.generation = claim.generation;
			compare_claim(gallery, &claim, probe, search);
		}
		drop_claim(&claim);
		if (status != GH_OK || still_valid(gallery, &moment))
			return status;
		gh_wipe(search, sizeof(*search));
	}
	return status != GH_OK ? status
			       : gh_error_set(error, GH_BUSY,
					 "the gallery changed under %d comparisons", ATTEMPTS_MAX);
}
