/* SPDX-License-Identifier: Apache-2.0 */
/* Segments of a UN/EDIFACT interchange (ISO 9735), one after the other. */
#ifndef GATEHOUSE_SRC_MANIFEST_EDIFACT_H
#define GATEHOUSE_SRC_MANIFEST_EDIFACT_H

#include "gatehouse/base/bytes.h"

/* The tag of a segment as one number. */
#define GH_EDIFACT_TAG(a, b, c) \
	((uint32_t)(uint8_t)(a) << 16 | (uint32_t)(uint8_t)(b) << 8 | (uint32_t)(uint8_t)(c))

enum {
	GH_EDIFACT_ELEMENTS_MAX = 48,
	GH_EDIFACT_PIECES_MAX = 256,
};

/* A component, in gh_edifact.text. */
struct gh_edifact_piece {
	uint32_t start;
	uint32_t length;
};

/* An element: its pieces of the first repetition. */
struct gh_edifact_element {
	uint16_t first;
	uint16_t count;
};

/* The reader and the segment it stands at. Large: on the heap. */
struct gh_edifact {
	const uint8_t *data;
	size_t length_bytes;
	size_t at;

	uint8_t kind[256];
	char syntax_id[5];

	uint32_t segment;     /* number of the segment, UNB is 1 */
	size_t offset_bytes;  /* where it begins in the file */
	uint32_t tag;         /* GH_EDIFACT_TAG() of it; 0 where it is not of three bytes */
	bool crowded;         /* pieces beyond the limit were left out */
	size_t element_count; /* the tag is element 0 */
	size_t piece_count;
	struct gh_edifact_element elements[GH_EDIFACT_ELEMENTS_MAX];
	struct gh_edifact_piece pieces[GH_EDIFACT_PIECES_MAX];
	size_t text_length;
	uint8_t *text; /* release characters and line breaks taken out */
	size_t text_limit;
};

/*
 * Find the first interchange at or behind from_bytes and learn its separators. GH_OK and
 * gh_edifact_finish() is due; GH_MALFORMED when there is none, GH_NO_MEMORY.
 */
GH_MUST_USE enum gh_status gh_edifact_start(struct gh_edifact *edifact, struct gh_view file,
	size_t from_bytes, size_t segment_limit_bytes, struct gh_error *error);

/* Wipe and free. */
void gh_edifact_finish(struct gh_edifact *edifact);

/*
 * Read the next segment. GH_OK; GH_TRUNCATED when the file ends first;
 * GH_TOO_LARGE when the segment is beyond the limit.
 */
GH_MUST_USE enum gh_status gh_edifact_next(struct gh_edifact *edifact, struct gh_error *error);

/* A component by element and component from 1 (element 0 is the tag); empty when absent. */
struct gh_view gh_edifact_get(
	const struct gh_edifact *edifact, unsigned element, unsigned component);

/* The same without blanks on either side. */
struct gh_view gh_edifact_trimmed(
	const struct gh_edifact *edifact, unsigned element, unsigned component);

/* Whether a component is this text. */
bool gh_edifact_is(
	const struct gh_edifact *edifact, unsigned element, unsigned component, const char *text);

/* Whether another interchange begins behind the segment just read. */
bool gh_edifact_more(const struct gh_edifact *edifact);

#endif
