/* SPDX-License-Identifier: Apache-2.0 */
/* The one table that defaults, parsing, ranges and the reference file come from. */
#ifndef GATEHOUSE_SRC_SETTINGS_TABLE_H
#define GATEHOUSE_SRC_SETTINGS_TABLE_H

#include "gatehouse/settings/settings.h"

enum gh_row_kind {
	GH_ROW_NAME,   /* char[]: goes into records and file names */
	GH_ROW_TEXT,   /* char[]: anything printable */
	GH_ROW_PATH,   /* char[] */
	GH_ROW_DRIVER, /* char[]: "class/name", class being the section */
	GH_ROW_URL,    /* char[]: https, host and port only */
	GH_ROW_CHOICE, /* char[]: one of choices */
	GH_ROW_WORD,   /* an enumeration of base */
	GH_ROW_FLAG,   /* bool */
	GH_ROW_NUMBER, /* uint32_t or uint64_t by size */
};

/* The values first .. first + count - 1 of an enumeration, and their names. */
struct gh_row_words {
	unsigned first;
	unsigned count;
	const char *(*name)(unsigned value);
};

/* A key. A text whose preset is "" may be empty, others may not. */
struct gh_row {
	const char *section;
	const char *key;
	enum gh_row_kind kind;
	size_t offset;
	size_t size;
	const char *preset;
	uint64_t minimum;
	uint64_t maximum;
	const char *const *choices; /* ends with NULL */
	const struct gh_row_words *words;
	const char *about;
};

struct gh_row_section {
	const char *name;
	const char *about;
};

#define GH_ROWS_MAX 192

extern const struct gh_row gh_rows[];
extern const size_t gh_rows_length;
extern const struct gh_row_section gh_row_sections[];
extern const size_t gh_row_sections_length;

#endif
