/* SPDX-License-Identifier: Apache-2.0 */
/* Text in lines of words, as the descriptions of networks and of sets are written. */
#ifndef GATEHOUSE_SRC_VISION_WORDLINES_H
#define GATEHOUSE_SRC_VISION_WORDLINES_H

#include <stdbool.h>
#include <stdint.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"

#define WORDLINES_BYTES_MAX (16u * 1024u)
#define WORDLINE_WORDS_MAX 8
#define WORDLINE_WORD_BYTES 32

/** A text and the line at hand; zero but for the text to begin with. */
struct gh_wordlines {
	struct gh_view text;
	size_t at;
	uint32_t number; /**< of the line at hand, from 1 */
	uint32_t count;  /**< its words */
	char words[WORDLINE_WORDS_MAX][WORDLINE_WORD_BYTES];
};

/**
 * Go to the next line that is neither empty nor begins with '#'. Words are
 * printable ASCII, parted by single blanks.
 *
 * GH_OK         count is at least one.
 * GH_TRUNCATED  there is none: a description ends with its line "end".
 * GH_MALFORMED  too many or too long words, or bytes that are no text.
 */
GH_MUST_USE enum gh_status gh_wordlines_next(struct gh_wordlines *lines, struct gh_error *error);

/** Tell what is wrong with the line at hand. Returns GH_MALFORMED. */
enum gh_status gh_wordlines_wrong(
	const struct gh_wordlines *lines, const char *what, struct gh_error *error);

/** Whether only empty lines and comments follow. */
bool gh_wordlines_over(struct gh_wordlines *lines);

/** A whole decimal number of at most nine digits, or false. */
bool gh_word_whole(const char *word, int64_t *value);

/** A decimal number such as -12.375, of at most 15 digits, or false. */
bool gh_word_number(const char *word, float *value);

#endif
