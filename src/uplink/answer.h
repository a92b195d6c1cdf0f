/* SPDX-License-Identifier: Apache-2.0 */
/* The centre's answers: JSON into values, bounded, before anything follows from it. */
#ifndef GATEHOUSE_SRC_UPLINK_ANSWER_H
#define GATEHOUSE_SRC_UPLINK_ANSWER_H

#include <stdint.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"
#include "gatehouse/base/id.h"
#include "gatehouse/receipt/receipt.h"

/* Voyages of one list, and persons of one page, at most. */
#define ANSWER_VOYAGES_MAX 1024
#define ANSWER_PASSAGES_MAX 1000

/* Largest JSON read from the centre. */
#define ANSWER_BYTES_MAX (1024u * 1024)
#define ANSWER_DELIVERY_BYTES_MAX (16u * 1024)

/* The id that an answer to a delivery names. GH_OK or GH_MALFORMED. */
enum gh_status answer_id(struct gh_view json, struct gh_id *id);

/* The hash of what the centre stored. GH_OK, GH_NOT_FOUND (it says none), GH_MALFORMED. */
enum gh_status answer_hash(struct gh_view json, struct gh_sha256 *hash);

/* The receipt in an answer. GH_OK, GH_NOT_FOUND (there is none), GH_UNSUPPORTED, GH_MALFORMED. */
enum gh_status answer_receipt(struct gh_view json, struct gh_receipt *receipt);

/* The word of an error answer ("schema"), or "" into word. Letters and underscores only. */
void answer_error_code(struct gh_view json, char *word, size_t word_bytes);

struct listed_voyage {
	struct gh_id id;
	char etag[65];
};

/* Into voyages, at most ANSWER_VOYAGES_MAX. GH_OK, GH_MALFORMED or GH_TOO_LARGE. */
enum gh_status answer_voyages(
	struct gh_view json, struct listed_voyage *voyages, size_t *count, struct gh_error *error);

/* Into persons, at most ANSWER_PASSAGES_MAX, and where the next page begins. */
enum gh_status answer_passages(struct gh_view json, struct gh_id *persons, size_t *count,
	int64_t *next, struct gh_error *error);

/* Retry-After (RFC 9110, 10.2.3): seconds, or a date after now_ms; 0 when it is neither. */
uint32_t answer_retry_after(const char *value, int64_t now_ms);

#endif
