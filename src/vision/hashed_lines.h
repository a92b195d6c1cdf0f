/* SPDX-License-Identifier: Apache-2.0 */
/* Text in lines of a key and its value, in one order, the last the hash of all before it. */
#ifndef GATEHOUSE_SRC_VISION_HASHED_LINES_H
#define GATEHOUSE_SRC_VISION_HASHED_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"

#define HASHED_LINE_BYTES 192

/** A text and the line at hand; zero but for the text and error to begin with. */
struct gh_hashed_lines {
	struct gh_view text;
	struct gh_error *error;
	size_t place;
	uint32_t number; /**< of the line at hand, from 1 */
	char line[HASHED_LINE_BYTES];
};

/** Tell what is wrong with the line at hand. Returns GH_MALFORMED. */
enum gh_status gh_hashed_lines_wrong(struct gh_hashed_lines *lines, const char *reason);

/**
 * Take the next line, which begins with key and a blank; *value is the rest of
 * it, until the next call.
 *
 * GH_OK, GH_TRUNCATED (no more lines), GH_MALFORMED (another key, too long, a
 * zero byte). So return the others, which also say GH_MALFORMED of a value that
 * is none of its kind.
 */
GH_MUST_USE enum gh_status gh_hashed_lines_take(
	struct gh_hashed_lines *lines, const char *key, char **value);

/** A text of at most room_bytes - 1. */
GH_MUST_USE enum gh_status gh_hashed_lines_text(
	struct gh_hashed_lines *lines, const char *key, char *text, size_t room_bytes);

/** A count from 0 to UINT32_MAX. */
GH_MUST_USE enum gh_status gh_hashed_lines_count(
	struct gh_hashed_lines *lines, const char *key, uint32_t *count);

/** So many decimal numbers, parted by single blanks, none beyond a million. */
GH_MUST_USE enum gh_status gh_hashed_lines_numbers(
	struct gh_hashed_lines *lines, const char *key, float *numbers, uint32_t count);

/** "yes" or "no". */
GH_MUST_USE enum gh_status gh_hashed_lines_yes(
	struct gh_hashed_lines *lines, const char *key, bool *yes);

/** The first line: key and the version of the format; GH_UNSUPPORTED: another one. */
GH_MUST_USE enum gh_status gh_hashed_lines_begin(
	struct gh_hashed_lines *lines, const char *key, uint32_t version);

/** The last line: "sha256" and the hash of all before it. GH_INTEGRITY: of another text. */
GH_MUST_USE enum gh_status gh_hashed_lines_end(struct gh_hashed_lines *lines);

/** Append that line. GH_OK, GH_NO_MEMORY. */
GH_MUST_USE enum gh_status gh_hashed_lines_seal(struct gh_bytes *text, struct gh_error *error);

#endif
