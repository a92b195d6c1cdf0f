/* SPDX-License-Identifier: Apache-2.0 */
/* UN/EDIFACT PAXLST, as carriers really send it. */
#ifndef GATEHOUSE_MANIFEST_PAXLST_H
#define GATEHOUSE_MANIFEST_PAXLST_H

#include "gatehouse/manifest/voyage.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Limits on what is read. */
#define GH_PAXLST_BYTES_MAX (64u * 1024u * 1024u)
#define GH_PAXLST_SEGMENT_BYTES_MAX (64u * 1024u)

/** What a message is for (BGM 1001 and 1004). */
enum gh_paxlst_purpose {
	GH_PAXLST_PASSENGERS, /**< 745: the list */
	GH_PAXLST_CREW,       /**< 250, 336 */
	GH_PAXLST_CHANGE,     /**< 745 CP: replaces the persons named; 266 CF: times */
	GH_PAXLST_REDUCE,     /**< 745 XR, RP, 336 H: removes the persons named */
	GH_PAXLST_CANCEL,     /**< 266 XF: the voyage is cancelled */
	GH_PAXLST_CLOSE,      /**< 266 CL, CLOB, CLNB: boarding state */
};

/** The word for a purpose, as "passengers"; "unknown" outside the list. Any thread. */
const char *gh_paxlst_purpose_name(enum gh_paxlst_purpose purpose);

/** One thing worth telling the operator; never fatal. */
struct gh_paxlst_warning {
	uint64_t offset_bytes; /**< in the file */
	uint32_t segment;      /**< from 1, UNB counts */
	char text[128];        /**< no personal data */
};

/** What one interchange gave. Zero-initialised is empty; finish() wipes. */
struct gh_paxlst {
	struct gh_voyage voyage; /**< id none, version 0: import sets them */
	enum gh_paxlst_purpose purpose;
	char revision[9];             /**< RFF TN revision, orders messages */
	struct gh_personal reference; /**< UNB 0020, to drop repeats */
	int64_t sent_ms;              /**< UNB date and time as if UTC; 0 unknown */
	bool replaces_list;           /**< function 5: who is not named is off the list */
	bool boarding_stated;         /**< CLOB or CLNB, not CL alone */
	bool on_board_list;           /**< CLOB true, CLNB false */
	int64_t departure_local_ms;   /**< as written: local time, as if UTC */
	int64_t arrival_local_ms;
	size_t begin_bytes; /**< of UNB, in the file */
	size_t end_bytes;   /**< behind UNZ */
	bool more;          /**< another interchange follows behind it */
	struct gh_paxlst_warning *warnings;
	size_t warning_count; /**< at most 200 are kept */
	size_t warnings_dropped;
};

/**
 * Parse a file's first interchange (UNA/UNB to UNZ, telex wrapping and mail footers
 * around it tolerated); several messages of one voyage are joined.
 *
 * today_ms decides the century of two-digit years (birth not in the future).
 * GH_OK          *paxlst is set; wrong counts and codes are warnings.
 * GH_TRUNCATED   UNT, UNE or UNZ is missing, or a release character dangles.
 * GH_MALFORMED, GH_TOO_LARGE, GH_UNSUPPORTED (not PAXLST, or two voyages).
 * GH_NO_MEMORY.
 * On failure *paxlst is empty and the error names segment and offset. Any
 * thread; does not block.
 */
GH_MUST_USE enum gh_status gh_paxlst_parse(
	struct gh_view file, int64_t today_ms, struct gh_paxlst *paxlst, struct gh_error *error);

/**
 * The same for the first interchange at or behind from_bytes, which is end_bytes
 * of the one before or 0. Segments count from its UNB, offsets from the file's
 * beginning.
 */
GH_MUST_USE enum gh_status gh_paxlst_parse_from(struct gh_view file, size_t from_bytes,
	int64_t today_ms, struct gh_paxlst *paxlst, struct gh_error *error);

/** Wipe and free. NULL safe. */
void gh_paxlst_finish(struct gh_paxlst *paxlst);

/** What a message did to a voyage, in persons. */
struct gh_voyage_changes {
	size_t added;
	size_t replaced;
	size_t removed;
	size_t boarding;  /**< boarding state was set */
	size_t unmatched; /**< named, but on no row: nothing was done for them */
};

/**
 * Bring a voyage to the next version by a message: matches persons by unique
 * reference, else locator with name, birth and document, else what is left of
 * these if it fits one person only; keeps ids and portraits; adds, replaces,
 * removes, sets boarding; a cancelled voyage has all removed. Rows never go.
 *
 * voyage may be empty (the first import: a new id, version 1). Its times are
 * the message's local times less utc_offset_minutes. changes may be NULL.
 *
 * GH_OK        voyage is the next version.
 * GH_EXISTS    this message, or one sent later, has been applied before.
 * GH_CONFLICT  another voyage: carrier, number or day differ; or a change to
 *              a voyage that has no list yet.
 * GH_TOO_LARGE, GH_NO_MEMORY, GH_INTERNAL (no random numbers for ids).
 * On failure voyage is as before. Any thread. Takes time in proportion to
 * n log n of the persons; does not block.
 */
GH_MUST_USE enum gh_status gh_voyage_update(struct gh_voyage *voyage,
	const struct gh_paxlst *paxlst, int utc_offset_minutes, struct gh_voyage_changes *changes,
	struct gh_error *error);

/** gh_voyage_update() for those who do not count. */
GH_MUST_USE enum gh_status gh_voyage_apply(struct gh_voyage *voyage, const struct gh_paxlst *paxlst,
	int utc_offset_minutes, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
