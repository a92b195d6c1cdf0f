/* SPDX-License-Identifier: Apache-2.0 */
/* One version of a voyage with the templates of its persons. */
#ifndef GALLERY_TABLE_H
#define GALLERY_TABLE_H

#include <stdatomic.h>

#include "gatehouse/gallery/gallery.h"

#include "rows.h"

/* Bits of a person's flags. */
#define GH_FLAG_REMOVED 1u    /* taken off the list by a newer version */
#define GH_FLAG_LOOK_ALIKE 2u /* somebody else of the table looks like this person */

/* Findings kept of one table; more are counted. */
#define GH_FINDINGS_MAX 10000u

/* Flags of a table's persons. Never changed once shared: a new set takes their place. */
struct gh_flags {
	atomic_uint references;
	size_t count;
	uint8_t bits[];
};

/* Where a template came from, for reuse by the next version. */
struct gh_table_row {
	uint32_t portrait;
	uint32_t length_bytes;
	struct gh_sha256 hash;
};

/* The rows of a person, which follow each other. */
struct gh_table_person {
	uint32_t first_row;
	uint32_t row_count;
};

/* What the enrolment thread has to do next with a table. */
enum gh_table_phase {
	GH_TABLE_PADDING,
	GH_TABLE_ENROLLING,
	GH_TABLE_CHECKING,
	GH_TABLE_STORING,
	GH_TABLE_DONE,
};

/*
 * A table. Reference-counted. `voyage` holds only persons who may be matched (those removed are
 * left out at the start) and is never changed, nor are id and hash. Rows and counts grow under the
 * gallery's lock, and only while the table is the newest of its voyage; the rest belongs to the
 * enrolment thread.
 */
struct gh_table {
	atomic_uint references;
	struct gh_voyage voyage;
	struct gh_sha256 hash;
	uint32_t *by_id; /* indices of the persons in order of their ids */

	/* Grow under the gallery's lock. */
	struct gh_rows rows;
	size_t persons_with; /* persons with at least one row */
	size_t padding;      /* rows of strangers; they come first */
	size_t waiting;      /* portraits not enrolled yet */
	struct gh_gallery_finding *findings;
	size_t finding_count;
	size_t finding_capacity;
	uint64_t unusable;
	uint64_t look_alikes;

	/* The enrolment thread's. */
	enum gh_table_phase phase;
	struct gh_bundle *bundle;     /* until the last portrait is read; owned */
	struct gh_table_row *sources; /* one for each row that is no stranger's */
	struct gh_table_person *of_person;
	size_t padding_wanted;
	uint64_t padding_seed;
	size_t next_person;
	uint32_t next_portrait;
	size_t check_person;
	struct gh_flags *flags; /* what the check finds */
};

/*
 * Make a table from a voyage: copies the persons who are not removed. row_count rows are for
 * templates, padding_count for strangers. GH_OK: one reference is the caller's. GH_MALFORMED,
 * GH_NO_MEMORY.
 */
GH_MUST_USE enum gh_status gh_table_create(const struct gh_voyage *voyage, size_t row_count,
	size_t padding_count, struct gh_table **table, struct gh_error *error);

/* One reference more. Returns table. Any thread. */
struct gh_table *gh_table_ref(struct gh_table *table);

/* One less; the last closes the bundle, wipes and frees. NULL safe. Any thread. */
void gh_table_unref(struct gh_table *table);

/* How many portraits the persons who may be matched have. */
size_t gh_voyage_portraits(const struct gh_voyage *voyage);

/* The index of the person with this id, or -1. */
int64_t gh_table_find(const struct gh_table *table, const struct gh_id *person);

/*
 * Add a template of a person or of a stranger (GH_ROW_STRANGER, source NULL). Rows of one person
 * follow each other. Statuses of gh_rows_add(). Under the gallery's lock.
 */
GH_MUST_USE enum gh_status gh_table_add(struct gh_table *table, uint32_t person,
	const struct gh_template *reference, const struct gh_table_row *source,
	struct gh_error *error);

/* Note a finding; beyond GH_FINDINGS_MAX, or without memory, it is only counted. */
void gh_table_note(struct gh_table *table, const struct gh_gallery_finding *finding);

/* Draw the next strangers of the table's padding: the same for a voyage every time. */
void gh_table_draw(struct gh_table *table, const struct gh_calibration *calibration,
	struct gh_template *strangers, size_t count);

/* Flags of count persons, all clear. NULL without memory. */
struct gh_flags *gh_flags_create(size_t count);
struct gh_flags *gh_flags_ref(struct gh_flags *flags);
void gh_flags_unref(struct gh_flags *flags);

#endif
