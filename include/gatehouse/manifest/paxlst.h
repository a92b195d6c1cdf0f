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
	GH_PAXLST_CHANGE,     /**< 745 CP: replaces the persons named */
	GH_PAXLST_REDUCE,     /**< 745 XR, RP: removes the persons named */
	GH_PAXLST_CANCEL,     /**< 266 XF: the voyage is cancelled */
	GH_PAXLST_CLOSE,      /**< 266 CL, CLOB, CLNB: boarding state */
};

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
	bool on_board_list;           /**< CLOB true, CLNB false */
	int64_t departure_local_ms;   /**< as written: local time, as if UTC */
	int64_t arrival_local_ms;
	struct gh_paxlst_warning *warnings;
	size_t warning_count; /**< at most 200 are kept */
	size_t warnings_dropped;
};

/**
 * Parse one interchange (UNA/UNB to UNZ, telex wrapping and mail footers
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

/** Wipe and free. NULL safe. */
void gh_paxlst_finish(struct gh_paxlst *paxlst);

/**
 * Bring a voyage to the next version by a message: matches persons by unique
 * reference, else locator with name, birth and document; keeps ids; adds,
 * replaces, removes, sets boarding; a cancelled voyage has all removed.
 * voyage may be empty (the first import: a new id, version 1).
 * utc_offset_minutes turns the message's local times into UTC.
 *
 * GH_OK, GH_CONFLICT (another voyage), GH_NO_MEMORY, GH_TOO_LARGE; on failure
 * voyage is as before.
 */
GH_MUST_USE enum gh_status gh_voyage_apply(struct gh_voyage *voyage, const struct gh_paxlst *paxlst,
	int utc_offset_minutes, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
