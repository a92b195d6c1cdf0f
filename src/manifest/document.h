/* SPDX-License-Identifier: Apache-2.0 */
/* Document numbers and dates in the one form in which they are compared. */
#ifndef GATEHOUSE_SRC_MANIFEST_DOCUMENT_H
#define GATEHOUSE_SRC_MANIFEST_DOCUMENT_H

#include <stdbool.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/manifest/voyage.h"

/* Copy a number in upper case without spaces and fillers ('<'), cut at the end of *number. */
void gh_document_number_set(struct gh_personal *number, struct gh_view text);

/* The same for an issuer; false when it is longer than any. */
bool gh_document_issuer_set(char issuer[4], struct gh_view text);

/* Order by number, then issuer; the order in which an index is sorted and searched. */
int gh_document_order(const struct gh_travel_document *a, const struct gh_travel_document *b);

/* The persons of a voyage that have a document and are not removed, in that order. */
struct gh_document_index {
	struct gh_person **persons;
	size_t count;
};

/* Make the index: GH_OK or GH_NO_MEMORY. The persons stay the voyage's. */
GH_MUST_USE enum gh_status gh_document_index_make(
	struct gh_document_index *index, const struct gh_voyage *voyage, struct gh_error *error);

/* The first entry with this number and issuer, by row, or NULL; *several: there are more. */
struct gh_person *gh_document_index_find(const struct gh_document_index *index,
	const struct gh_travel_document *document, bool *several);

/* Free the index. */
void gh_document_index_finish(struct gh_document_index *index);

/* Whether text is CCYYMMDD of a day that the calendar has. */
bool gh_date_is_real(const char *text);

/* The number that CCYYMMDD is: years apart are 10000 apart. */
int gh_date_number(const char *date);

/* The day of a UTC time as CCYYMMDD. */
void gh_date_of(int64_t real_ms, char date[9]);

#endif
