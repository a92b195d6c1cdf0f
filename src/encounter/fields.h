/* SPDX-License-Identifier: Apache-2.0 */
/* A struct and its JSON object, joined by one table of fields. */
#ifndef GATEHOUSE_SRC_ENCOUNTER_FIELDS_H
#define GATEHOUSE_SRC_ENCOUNTER_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/bytes.h"

/* What a field is in the struct and in JSON; a field that may be null says so. */
enum gh_field_kind {
	GH_FIELD_TEXT,     /* char[size]: text of the characters in set; "" is null */
	GH_FIELD_PERSONAL, /* struct gh_personal: any text without control characters */
	GH_FIELD_CONST,    /* no place: always the text in set */
	GH_FIELD_LATER,    /* no place: "not_assessed" until a measure exists */
	GH_FIELD_BOOL,     /* bool */
	GH_FIELD_COUNT32,  /* uint32_t */
	GH_FIELD_COUNT64,  /* uint64_t */
	GH_FIELD_SIGNED,   /* int64_t */
	GH_FIELD_NUMBER,   /* double; GH_NOT_ASSESSED is "not_assessed" */
	GH_FIELD_ID,       /* struct gh_id, never none */
	GH_FIELD_TIME,     /* int64_t of UTC milliseconds; RFC 3339 with milliseconds and Z */
	GH_FIELD_HEX,      /* uint8_t[size]; all zero is null */
	GH_FIELD_WORD,     /* an enumeration of words.h */
	GH_FIELD_WORDS,    /* an array of them, its size_t count at count_offset; no word twice */
	GH_FIELD_GROUP,    /* an object of fields; null where the bool at flag_offset is false */
	GH_FIELD_KINDS
};

/* An enumeration by its words. */
struct gh_field_words {
	const char *(*name)(unsigned value);
	unsigned count;
};

struct gh_field {
	const char *key;
	enum gh_field_kind kind;
	bool nullable;
	size_t offset;
	size_t size;
	size_t count_offset;
	size_t flag_offset;
	double min;
	double max;
	const char *set; /* as between the brackets of a regular expression */
	const struct gh_field_words *words;
	const struct gh_field *fields;
	size_t field_count;
};

/* A table of fields with the size of its struct. */
struct gh_field_table {
	const struct gh_field *fields;
	size_t count;
	size_t size;
};

/* What is wrong, as JSON pointer (RFC 6901) and rule. */
struct gh_field_fault {
	char pointer[128];
	const char *rule;
};

/* Whether all values keep the table's ranges; *fault says which does not. */
bool gh_fields_check(
	const struct gh_field_table *table, const void *place, struct gh_field_fault *fault);

/* Append the JSON of checked values. GH_OK or GH_NO_MEMORY, json as before. */
GH_MUST_USE enum gh_status gh_fields_encode(const struct gh_field_table *table, const void *place,
	struct gh_bytes *json, struct gh_error *error);

/*
 * Read JSON by the table and check it. place is zeroed first. GH_OK;
 * GH_MALFORMED with pointer and rule in the text; GH_UNSUPPORTED when "format"
 * is another integer than the table's; GH_TOO_LARGE; GH_NO_MEMORY.
 */
GH_MUST_USE enum gh_status gh_fields_decode(const struct gh_field_table *table, struct gh_view json,
	void *place, struct gh_error *error);

#endif
