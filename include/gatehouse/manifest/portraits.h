/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of portraits, matched to the persons of a voyage by their documents. */
#ifndef GATEHOUSE_MANIFEST_PORTRAITS_H
#define GATEHOUSE_MANIFEST_PORTRAITS_H

#include "gatehouse/manifest/bundle.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Largest picture file that is taken. */
#define GH_PORTRAIT_BYTES_MAX (8u * 1024u * 1024u)

/** Files in a folder, at most. */
#define GH_PORTRAIT_FILES_MAX 200000

/**
 * The files are named ISSUER-NUMBER.EXT or ISSUER-NUMBER-N.EXT: the document's
 * issuer and number as in the manifest (case, spaces and fillers do not count),
 * N from 1 to 99 orders several portraits, EXT is jpg, jpeg, png or jp2. A
 * portrait without N comes first. As in "UTO-L898902C3-2.jpg".
 */
struct gh_portraits;

/** What the match came to: numbers only, because the names are personal. */
struct gh_portraits_counts {
	size_t files;       /**< with one of the extensions */
	size_t ignored;     /**< other files and folders, hidden ones apart */
	size_t badly_named; /**< no issuer, no number */
	size_t matched;     /**< files that are portraits of a person now */
	size_t unmatched;   /**< no person has that document */
	size_t unreadable;  /**< somebody's, but no file that can be read, empty, or too large */
	size_t doubtful;    /**< several rows have it: the first got them */
	size_t beyond;      /**< more than GH_PERSON_PORTRAITS_MAX of one person */
	size_t persons_with;
	size_t persons_without; /**< by row: GH_FINDING_NO_PORTRAIT of gh_voyage_check() */
};

/**
 * List the folder and set portrait_count of every person of voyage; their
 * former portraits are forgotten. Removed persons get none. A file that cannot
 * be a portrait is counted and costs its person nothing but that portrait.
 *
 * GH_OK         *portraits is the caller's; voyage must outlive it unmoved.
 * GH_NOT_FOUND, GH_DENIED, GH_IO: the folder cannot be read.
 * GH_TOO_LARGE  too many files; GH_NO_MEMORY.
 * On failure *portraits is NULL and voyage as before. Any thread. Blocks for
 * the disk; no picture is read.
 */
GH_MUST_USE enum gh_status gh_portraits_match(const char *folder, struct gh_voyage *voyage,
	struct gh_portraits **portraits, struct gh_error *error);

/** Wipe and free. NULL safe. */
void gh_portraits_finish(struct gh_portraits *portraits);

/** What the match came to. */
struct gh_portraits_counts gh_portraits_counts(const struct gh_portraits *portraits);

/**
 * The matched files as the source of gh_bundle_write(); valid as long as
 * portraits. A file that cannot be read any more is an error that does not
 * name it; gh_bundle_write() says the row.
 */
struct gh_bundle_source gh_portraits_source(struct gh_portraits *portraits);

#ifdef __cplusplus
}
#endif

#endif
