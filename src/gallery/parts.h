/* SPDX-License-Identifier: Apache-2.0 */
/* A table as a sequence of plain parts: what a sealed gallery file holds once it is open. */
#ifndef GALLERY_PARTS_H
#define GALLERY_PARTS_H

#include "table.h"

/*
 * The parts, all numbers big-endian, each beginning with its kind and count (4 bytes each):
 *
 *   1 head      once, first: voyage, bundle hash, times, numbers of persons, rows, findings
 *   2 persons   up to GH_PART_PERSONS of them, in order
 *   3 rows      up to GH_PART_ROWS templates, in order of their persons
 *   4 findings  up to GH_PART_FINDINGS
 *
 * Rows of padding are not kept: they are drawn again.
 */
enum gh_part_kind {
	GH_PART_HEAD = 1,
	GH_PART_PERSON = 2,
	GH_PART_ROW = 3,
	GH_PART_FINDING = 4,
};

#define GH_PART_PERSONS 256u
#define GH_PART_ROWS 256u
#define GH_PART_FINDINGS 4096u

/* How many parts a table makes, and the n-th of them; *part is replaced. */
uint32_t gh_parts_count(const struct gh_table *table);
GH_MUST_USE enum gh_status gh_parts_write(const struct gh_table *table, int64_t loaded_ms,
	uint32_t n, struct gh_bytes *part, struct gh_error *error);

/* An upper bound of what all parts of a table take together. */
size_t gh_parts_bytes_max(const struct gh_table *table);

/* A table being put together from parts. The first three are the caller's, the rest is zero. */
struct gh_parts_reader {
	const struct gh_calibration *calibration;
	size_t padding;  /* rows of strangers to draw */
	size_t rows_max; /* more is GH_FULL */
	struct gh_table *table;
	int64_t loaded_ms;
	struct gh_sha256 hash;
	size_t persons_due;
	size_t rows_due;
	size_t findings_due;
	uint64_t unusable;
	uint64_t look_alikes;
	struct gh_voyage voyage; /* until the persons are complete */
	uint32_t last_person;
};

/*
 * Take the next part. GH_OK; GH_TRUNCATED, GH_MALFORMED, GH_FULL, GH_NO_MEMORY: the reader is of
 * no more use but for gh_parts_finish().
 */
GH_MUST_USE enum gh_status gh_parts_read(
	struct gh_parts_reader *reader, struct gh_view part, struct gh_error *error);

/*
 * All parts have come: *table is the table with its padding, flags and findings, its phase done;
 * one reference is the caller's. GH_TRUNCATED when the head promised more.
 */
GH_MUST_USE enum gh_status gh_parts_complete(
	struct gh_parts_reader *reader, struct gh_table **table, struct gh_error *error);

/* Drop what was not taken out of the reader, wiped. */
void gh_parts_finish(struct gh_parts_reader *reader);

#endif
