/* SPDX-License-Identifier: Apache-2.0 */
/* The words of the system, generated from the lists in words.h. */
#include "gatehouse/base/words.h"

#include <pthread.h>
#include <string.h>

#include "lower.h"

/* clang-format off */
#define ALL_LISTS(X)                                                              \
	X(capture, CAPTURE, GH_CAPTURE_LIST)                                      \
	X(reason, REASON, GH_REASON_LIST)                                         \
	X(instruction, INSTRUCTION, GH_INSTRUCTION_LIST)                          \
	X(comparison, COMPARISON, GH_COMPARISON_LIST)                             \
	X(outcome, OUTCOME, GH_OUTCOME_LIST)                                      \
	X(decision, DECISION, GH_DECISION_LIST)                                   \
	X(referral, REFERRAL, GH_REFERRAL_LIST)                                   \
	X(disposition, DISPOSITION, GH_DISPOSITION_LIST)                          \
	X(addendum_kind, ADDENDUM, GH_ADDENDUM_LIST)                              \
	X(retention, RETENTION, GH_RETENTION_LIST)                                \
	X(purpose, PURPOSE, GH_PURPOSE_LIST)                                      \
	X(mode, MODE, GH_MODE_LIST)                                               \
	X(direction, DIRECTION, GH_DIRECTION_LIST)                                \
	X(traffic, TRAFFIC, GH_TRAFFIC_LIST)
/* clang-format on */

#define WORD(prefix, name) #name,
#define WORD_FITS(prefix, name) _Static_assert(sizeof(#name) <= WORD_BYTES, #name);
#define TABLE(type, PREFIX, LIST) \
	static char type##_words[GH_##PREFIX##_COUNT][WORD_BYTES] = { LIST(WORD) }; \
	LIST(WORD_FITS)
ALL_LISTS(TABLE)

static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

static void lower_table(char (*words)[WORD_BYTES], size_t count)
{
	for (size_t i = 0; i < count; i++)
		lower(words[i]);
}

static void lower_tables(void)
{
#define LOWER(type, PREFIX, LIST) lower_table(type##_words, GH_##PREFIX##_COUNT);
	ALL_LISTS(LOWER)
#undef LOWER
}

static const char *name_of(char (*words)[WORD_BYTES], size_t count, unsigned value)
{
	pthread_once(&tables_once, lower_tables);
	return value < count ? words[value] : "unknown";
}

static size_t index_of(char (*words)[WORD_BYTES], size_t count, const char *text)
{
	size_t i = 0;

	pthread_once(&tables_once, lower_tables);
	while (i < count && strcmp(words[i], text) != 0)
		i++;
	return i;
}

#define DEFINE(type, PREFIX, LIST) \
	const char *gh_##type##_name(enum gh_##type value) \
	{ \
		return name_of(type##_words, GH_##PREFIX##_COUNT, (unsigned)value); \
	} \
	struct gh_word gh_##type##_word(enum gh_##type value) \
	{ \
		return (struct gh_word){ gh_##type##_name(value) }; \
	} \
	enum gh_status gh_##type##_parse(const char *text, enum gh_##type *value) \
	{ \
		size_t i = index_of(type##_words, GH_##PREFIX##_COUNT, text); \
		if (i == GH_##PREFIX##_COUNT) \
			return GH_NOT_FOUND; \
		*value = (enum gh_##type)i; \
		return GH_OK; \
	}
ALL_LISTS(DEFINE)
