/* SPDX-License-Identifier: Apache-2.0 */
/* Turns the NAMES of the X-macro lists into the words that stand in records and logs. */
#ifndef GATEHOUSE_SRC_BASE_LOWER_H
#define GATEHOUSE_SRC_BASE_LOWER_H

/** Bytes of the longest word of any list, its final NUL included. */
#define WORD_BYTES 24

/* The preprocessor cannot write lower case; tables are lowered once, in place. */
static inline void lower(char word[WORD_BYTES])
{
	for (; *word; word++)
		if (*word >= 'A' && *word <= 'Z')
			*word = (char)(*word - 'A' + 'a');
}

#endif
