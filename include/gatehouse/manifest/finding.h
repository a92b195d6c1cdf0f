/* SPDX-License-Identifier: Apache-2.0 */
/* What is odd about a voyage's persons: for the operator, by row, without a name. */
#ifndef GATEHOUSE_MANIFEST_FINDING_H
#define GATEHOUSE_MANIFEST_FINDING_H

#include "gatehouse/manifest/voyage.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Kinds of finding; none of them keeps a voyage from being published. */
enum gh_finding_kind {
	GH_FINDING_NO_NAME,     /**< neither surname nor given names */
	GH_FINDING_NO_DOCUMENT, /**< no number: a claim cannot be made */
	GH_FINDING_NO_ISSUER,
	GH_FINDING_NO_PORTRAIT,        /**< will not be found by the camera */
	GH_FINDING_DUPLICATE_DOCUMENT, /**< number and issuer as of another_row */
	GH_FINDING_DOCUMENT_EXPIRED,   /**< on the day asked for */
	GH_FINDING_EXPIRY_IMPLAUSIBLE, /**< no day, or over 50 years away */
	GH_FINDING_NO_BIRTH,           /**< age unknown: counts as 14 or over */
	GH_FINDING_BIRTH_IMPLAUSIBLE,  /**< no day, in the future, or over 130 years ago */
	GH_FINDING_KINDS
};

/** The word for a kind, as "duplicate_document". "unknown" outside the list. Any thread. */
const char *gh_finding_name(enum gh_finding_kind kind);

/** One finding. Rows are those of gh_person; no other data of the person stands here. */
struct gh_finding {
	enum gh_finding_kind kind;
	uint32_t row;
	uint32_t another_row; /**< DUPLICATE_DOCUMENT: the first with it; else 0 */
};

/** Findings by row. Zero-initialised is empty. */
struct gh_findings {
	struct gh_finding *items;
	size_t count;
	size_t capacity;
};

/**
 * Look through the persons that are not removed, as of the UTC time at_ms.
 *
 * GH_OK         *findings is replaced; the caller finishes it.
 * GH_NO_MEMORY  *findings is empty.
 * Any thread. Takes time in proportion to n log n of the persons; does not block.
 */
GH_MUST_USE enum gh_status gh_voyage_check(const struct gh_voyage *voyage, int64_t at_ms,
	struct gh_findings *findings, struct gh_error *error);

/** Free; empty again. NULL safe. */
void gh_findings_finish(struct gh_findings *findings);

#ifdef __cplusplus
}
#endif

#endif
