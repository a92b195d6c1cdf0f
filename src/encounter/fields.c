/* SPDX-License-Identifier: Apache-2.0 */
/* Reading, writing and checking of the kinds of field. */
#include "fields.h"

#include <assert.h>
#include <jansson.h>
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/id.h"
#include "gatehouse/encounter/encounter.h"

static const char not_assessed[] = "not_assessed";

/* jansson frees names and document numbers as they are; here they are wiped first. */
static void wiping_free(void *memory)
{
	if (!memory)
		return;
	gh_wipe(memory, malloc_usable_size(memory));
	free(memory);
}

__attribute__((constructor)) static void wipe_json(void)
{
	json_set_alloc_funcs(malloc, wiping_free);
}

/* Where a walk stands, as a JSON pointer. */
struct walk {
	struct gh_field_fault *fault;
	size_t length;
};

static bool fails(struct walk *walk, const char *rule)
{
	walk->fault->rule = rule;
	return false;
}

static size_t enter(struct walk *walk, const char *key)
{
	size_t before = walk->length;
	size_t room = sizeof(walk->fault->pointer) - before;
	int written = snprintf(walk->fault->pointer + before, room, "/%s", key);

	assert(written > 0 && (size_t)written < room);
	walk->length += (size_t)written;
	return before;
}

static void leave(struct walk *walk, size_t before)
{
	walk->length = before;
	walk->fault->pointer[before] = '\0';
}

/* Whether c is in a set as "0-9a-z_-". */
static bool in_set(const char *set, char c)
{
	while (*set) {
		bool range = set[1] == '-' && set[2];

		if (range ? c >= set[0] && c <= set[2] : c == set[0])
			return true;
		set += range ? 3 : 1;
	}
	return false;
}

static unsigned word_at(const uint8_t *place)
{
	unsigned value;

	_Static_assert(
		sizeof(enum gh_capture) == sizeof(value), "enumerations are of unsigned size");
	memcpy(&value, place, sizeof(value));
	return value;
}

static bool all_zero(const uint8_t *place, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (place[i])
			return false;
	return true;
}

/* --- check: is the value in the struct one that the schema allows? --- */

static const char *check_none(const struct gh_field *field, const uint8_t *place)
{
	(void)field;
	(void)place;
	return NULL;
}

static const char *check_text(const struct gh_field *field, const uint8_t *place)
{
	const char *text = (const char *)place;
	size_t length = strnlen(text, field->size);

	if (length == field->size)
		return "too long";
	if (length == 0 && !field->nullable)
		return "may not be empty";
	for (size_t i = 0; i < length; i++)
		if (!in_set(field->set, text[i]))
			return "a character that is not allowed here";
	return NULL;
}

static const char *check_personal(const struct gh_field *field, const uint8_t *place)
{
	const struct gh_personal *personal = (const struct gh_personal *)place;
	size_t length = strnlen(personal->text, sizeof(personal->text));
	struct gh_view left = { place, length };

	if (length == sizeof(personal->text))
		return "too long";
	if (length == 0 && !field->nullable)
		return "may not be empty";
	while (left.length_bytes > 0) {
		uint32_t code_point;
		size_t taken = gh_utf8_decode(left, &code_point);

		if (taken == 0 || code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0))
			return "a character that is not allowed here";
		left.data += taken;
		left.length_bytes -= taken;
	}
	return NULL;
}

static const char *check_bool(const struct gh_field *field, const uint8_t *place)
{
	(void)field;
	return *place <= 1 ? NULL : "true or false";
}

static const char *check_range(const struct gh_field *field, double value)
{
	return value >= field->min && value <= field->max ? NULL : "out of range";
}

static const char *check_count32(const struct gh_field *field, const uint8_t *place)
{
	return check_range(field, *(const uint32_t *)place);
}

static const char *check_count64(const struct gh_field *field, const uint8_t *place)
{
	return check_range(field, (double)*(const uint64_t *)place);
}

static const char *check_signed(const struct gh_field *field, const uint8_t *place)
{
	return check_range(field, (double)*(const int64_t *)place);
}

static bool is_assessed(double value)
{
	return value > GH_NOT_ASSESSED || value < GH_NOT_ASSESSED || isnan(value);
}

static const char *check_number(const struct gh_field *field, const uint8_t *place)
{
	double value = *(const double *)place;

	return is_assessed(value) ? check_range(field, value) : NULL;
}

static const char *check_id(const struct gh_field *field, const uint8_t *place)
{
	(void)field;
	return gh_id_is_none((const struct gh_id *)place) ? "an id that is not all zero" : NULL;
}

static const char *check_time(const struct gh_field *field, const uint8_t *place)
{
	/* The last millisecond of the year 9999. */
	static const int64_t end_ms = 253402300799999;
	int64_t time_ms = *(const int64_t *)place;

	(void)field;
	return time_ms > 0 && time_ms <= end_ms ? NULL : "a time after 1970 and before 10000";
}

static const char *check_hex(const struct gh_field *field, const uint8_t *place)
{
	return field->nullable || !all_zero(place, field->size) ? NULL : "may not be all zero";
}

static const char *check_word(const struct gh_field *field, const uint8_t *place)
{
	return word_at(place) < field->words->count ? NULL : "not one of the words";
}

static const char *check_words(const struct gh_field *field, const uint8_t *place)
{
	size_t count = *(const size_t *)(place - field->offset + field->count_offset);
	uint64_t seen = 0;

	if (count > field->size / sizeof(unsigned))
		return "too many";
	for (size_t i = 0; i < count; i++) {
		unsigned word = word_at(place + i * sizeof(unsigned));

		if (word >= field->words->count)
			return "not one of the words";
		if (seen & UINT64_C(1) << word)
			return "a word twice";
		seen |= UINT64_C(1) << word;
	}
	return NULL;
}

/* --- write: a value as JSON, NULL when memory ran out --- */

static json_t *write_text(const struct gh_field *field, const uint8_t *place)
{
	if (*place == '\0' && field->nullable)
		return json_null();
	return json_string((const char *)place);
}

static json_t *write_const(const struct gh_field *field, const uint8_t *place)
{
	(void)place;
	return json_string(field->set);
}

static json_t *write_later(const struct gh_field *field, const uint8_t *place)
{
	(void)field;
	(void)place;
	return json_string(not_assessed);
}

static json_t *write_bool(const struct gh_field *field, const uint8_t *place)
{
	(void)field;
	return json_boolean(*(const bool *)place);
}

static json_t *write_count32(const struct gh_field *field, const uint8_t *place)
{
	(void)field;
	return json_integer(*(const uint32_t *)place);
}

static json_t *write_count64(const struct gh_field *field, const uint8_t *place)
{
	(void)field;
	return json_integer((json_int_t) * (const uint64_t *)place);
}

static json_t *write_signed(const struct gh_field *field, const uint8_t *place)
{
	(void)field;
	return json_integer(*(const int64_t *)place);
}

static json_t *write_number(const struct gh_field *field, const uint8_t *place)
{
	double value = *(const double *)place;

	(void)field;
	return is_assessed(value) ? json_real(value) : json_string(not_assessed);
}

static json_t *write_id(const struct gh_field *field, const uint8_t *place)
{
	char text[GH_ID_TEXT_BYTES];

	(void)field;
	gh_id_format((const struct gh_id *)place, text);
	return json_string(text);
}

static json_t *write_time(const struct gh_field *field, const uint8_t *place)
{
	char text[GH_TIME_TEXT_BYTES];

	(void)field;
	gh_time_format(*(const int64_t *)place, text);
	return json_string(text);
}

static json_t *write_hex(const struct gh_field *field, const uint8_t *place)
{
	char text[2 * 32 + 1];

	assert(2 * field->size < sizeof(text));
	if (all_zero(place, field->size))
		return json_null();
	gh_hex_format(place, field->size, text);
	return json_string(text);
}

static json_t *write_word(const struct gh_field *field, const uint8_t *place)
{
	return json_string(field->words->name(word_at(place)));
}

static json_t *write_words(const struct gh_field *field, const uint8_t *place)
{
	size_t count = *(const size_t *)(place - field->offset + field->count_offset);
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++) {
		unsigned word = word_at(place + i * sizeof(word));

		if (json_array_append_new(array, json_string(field->words->name(word))) != 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

/* --- read: JSON into the struct, NULL or the rule that was broken --- */

static const char *read_text(const struct gh_field *field, const json_t *value, uint8_t *place)
{
	size_t length = json_string_length(value);

	if (!json_is_string(value))
		return field->nullable ? "a text or null" : "a text";
	if (length == 0)
		return "may not be empty";
	if (length >= field->size)
		return "too long";
	memcpy(place, json_string_value(value), length + 1);
	return NULL;
}

static const char *read_const(const struct gh_field *field, const json_t *value, uint8_t *place)
{
	(void)place;
	if (!json_is_string(value) || strcmp(json_string_value(value), field->set) != 0)
		return "the one word that stands here";
	return NULL;
}

static const char *read_later(const struct gh_field *field, const json_t *value, uint8_t *place)
{
	(void)field;
	(void)place;
	if (!json_is_string(value) || strcmp(json_string_value(value), not_assessed) != 0)
		return "\"not_assessed\": no such measure exists in this format";
	return NULL;
}

static const char *read_bool(const struct gh_field *field, const json_t *value, uint8_t *place)
{
	(void)field;
	if (!json_is_boolean(value))
		return "true or false";
	*(bool *)place = json_is_true(value);
	return NULL;
}

/* An integer in range; 5.0 is one too (JSON Schema core, 4.2.3). */
static const char *read_integer(const struct gh_field *field, const json_t *value, int64_t *integer)
{
	double real = json_number_value(value);

	if (!json_is_number(value) || real < floor(real) || real > floor(real))
		return "an integer";
	if (check_range(field, real))
		return "out of range";
	*integer = json_is_integer(value) ? json_integer_value(value) : (int64_t)real;
	return NULL;
}

static const char *read_count32(const struct gh_field *field, const json_t *value, uint8_t *place)
{
	int64_t integer = 0;
	const char *rule = read_integer(field, value, &integer);

	*(uint32_t *)place = (uint32_t)integer;
	return rule;
}

static const char *read_count64(const struct gh_field *field, const json_t *value, uint8_t *place)
{
	int64_t integer = 0;
	const char *rule = read_integer(field, value, &integer);

	*(uint64_t *)place = (uint64_t)integer;
	return rule;
}

static const char *read_signed(const struct gh_field *field, const json_t *value, uint8_t *place)
{
	return read_integer(field, value, (int64_t *)place);
}

static const char *read_number(const struct gh_field *field, const json_t *value, uint8_t *place)
{
	double *number = (double *)place;

	*number = GH_NOT_ASSESSED;
	if (json_is_string(value) && strcmp(json_string_value(value), not_assessed) == 0)
		return NULL;
	if (!json_is_number(value))
		return "a number or \"not_assessed\"";
	*number = json_number_value(value);
	/* The sentinel itself is not a value that a measure can have. */
	return check_range(field, *number);
}

static const char *read_id(const struct gh_field *field, const json_t *value, uint8_t *place)
{
	struct gh_id *id = (struct gh_id *)place;
	char text[GH_ID_TEXT_BYTES];

	(void)field;
	if (!json_is_string(value) || gh_id_parse(json_string_value(value), id, NULL) != GH_OK)
		return "an id";
	gh_id_format(id, text);
	return strcmp(text, json_string_value(value)) == 0 ? NULL : "an id in lower case";
}

static const char *read_time(const struct gh_field *field, const json_t *value, uint8_t *place)
{
	static const char rule[] = "a time as 2026-01-31T23:59:59.000Z";
	int64_t *time_ms = (int64_t *)place;
	char text[GH_TIME_TEXT_BYTES];

	(void)field;
	if (!json_is_string(value) ||
		gh_time_parse(json_string_value(value), time_ms, NULL) != GH_OK)
		return rule;
	gh_time_format(*time_ms, text);
	return strcmp(text, json_string_value(value)) == 0 ? NULL : rule;
}

static const char *read_hex(const struct gh_field *field, const json_t *value, uint8_t *place)
{
	static const char rule[] = "hexadecimal digits in lower case";
	char text[2 * 32 + 1];

	assert(2 * field->size < sizeof(text));
	if (!json_is_string(value) ||
		gh_hex_parse(json_string_value(value), place, field->size, NULL) != GH_OK)
		return rule;
	gh_hex_format(place, field->size, text);
	if (strcmp(text, json_string_value(value)) != 0)
		return rule;
	return all_zero(place, field->size) ? "may not be all zero" : NULL;
}

static const char *read_word(const struct gh_field *field, const json_t *value, uint8_t *place)
{
	static const char rule[] = "not one of the words";

	if (!json_is_string(value))
		return rule;
	for (unsigned word = 0; word < field->words->count; word++) {
		if (strcmp(field->words->name(word), json_string_value(value)) == 0) {
			memcpy(place, &word, sizeof(word));
			return NULL;
		}
	}
	return rule;
}

static const char *read_words(const struct gh_field *field, const json_t *value, uint8_t *place)
{
	size_t count = json_array_size(value);

	if (!json_is_array(value))
		return "an array";
	if (count > field->size / sizeof(unsigned))
		return "too many";
	for (size_t i = 0; i < count; i++) {
		const char *rule =
			read_word(field, json_array_get(value, i), place + i * sizeof(unsigned));

		if (rule)
			return rule;
	}
	*(size_t *)(place - field->offset + field->count_offset) = count;
	return NULL;
}

/* clang-format off */
static const struct kind {
	const char *(*check)(const struct gh_field *field, const uint8_t *place);
	json_t *(*write)(const struct gh_field *field, const uint8_t *place);
	const char *(*read)(const struct gh_field *field, const json_t *value, uint8_t *place);
} kinds[GH_FIELD_KINDS] = {
	[GH_FIELD_TEXT]     = { check_text,     write_text,    read_text    },
	[GH_FIELD_PERSONAL] = { check_personal, write_text,    read_text    },
	[GH_FIELD_CONST]    = { check_none,     write_const,   read_const   },
	[GH_FIELD_LATER]    = { check_none,     write_later,   read_later   },
	[GH_FIELD_BOOL]     = { check_bool,     write_bool,    read_bool    },
	[GH_FIELD_COUNT32]  = { check_count32,  write_count32, read_count32 },
	[GH_FIELD_COUNT64]  = { check_count64,  write_count64, read_count64 },
	[GH_FIELD_SIGNED]   = { check_signed,   write_signed,  read_signed  },
	[GH_FIELD_NUMBER]   = { check_number,   write_number,  read_number  },
	[GH_FIELD_ID]       = { check_id,       write_id,      read_id      },
	[GH_FIELD_TIME]     = { check_time,     write_time,    read_time    },
	[GH_FIELD_HEX]      = { check_hex,      write_hex,     read_hex     },
	[GH_FIELD_WORD]     = { check_word,     write_word,    read_word    },
	[GH_FIELD_WORDS]    = { check_words,    write_words,   read_words   },
};
/* clang-format on */

static bool is_left_out(const struct gh_field *field, const uint8_t *base)
{
	return field->kind == GH_FIELD_GROUP && field->nullable &&
		!*(const bool *)(base + field->flag_offset);
}

static bool check_fields(
	struct walk *walk, const struct gh_field *fields, size_t count, const uint8_t *base)
{
	for (size_t i = 0; i < count; i++) {
		const struct gh_field *field = &fields[i];
		size_t before = enter(walk, field->key);
		const char *rule = NULL;

		if (is_left_out(field, base))
			rule = NULL;
		else if (field->kind != GH_FIELD_GROUP)
			rule = kinds[field->kind].check(field, base + field->offset);
		else if (!check_fields(walk, field->fields, field->field_count, base))
			return false;
		if (rule)
			return fails(walk, rule);
		leave(walk, before);
	}
	return true;
}

bool gh_fields_check(
	const struct gh_field_table *table, const void *place, struct gh_field_fault *fault)
{
	struct walk walk = { fault, 0 };

	*fault = (struct gh_field_fault){ "", NULL };
	return check_fields(&walk, table->fields, table->count, place);
}

static json_t *write_fields(const struct gh_field *fields, size_t count, const uint8_t *base)
{
	json_t *object = json_object();

	for (size_t i = 0; object && i < count; i++) {
		const struct gh_field *field = &fields[i];
		json_t *value;

		if (is_left_out(field, base))
			value = json_null();
		else if (field->kind == GH_FIELD_GROUP)
			value = write_fields(field->fields, field->field_count, base);
		else
			value = kinds[field->kind].write(field, base + field->offset);
		if (json_object_set_new(object, field->key, value) != 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

/* jansson does not look at every answer of its callback, so that a failure is kept here. */
struct sink {
	struct gh_bytes *json;
	bool failed;
};

static int append(const char *text, size_t length, void *ctx)
{
	struct sink *sink = ctx;

	sink->failed |= gh_bytes_append(sink->json, text, length, NULL) != GH_OK;
	return sink->failed ? -1 : 0;
}

enum gh_status gh_fields_encode(const struct gh_field_table *table, const void *place,
	struct gh_bytes *json, struct gh_error *error)
{
	size_t before = json->length_bytes;
	struct sink sink = { json, false };
	json_t *object = write_fields(table->fields, table->count, place);
	bool written = object &&
		json_dump_callback(object, append, &sink, JSON_COMPACT | JSON_REAL_PRECISION(17)) ==
			0;

	json_decref(object);
	if (written && !sink.failed)
		return GH_OK;
	if (json->length_bytes > before)
		gh_wipe(json->data + before, json->length_bytes - before);
	json->length_bytes = before;
	return gh_error_set(error, GH_NO_MEMORY, "JSON of a record");
}

static bool read_fields(struct walk *walk, const struct gh_field *fields, size_t count,
	const json_t *object, uint8_t *base);

static bool read_group(
	struct walk *walk, const struct gh_field *field, const json_t *value, uint8_t *base)
{
	if (field->nullable) {
		*(bool *)(base + field->flag_offset) = !json_is_null(value);
		if (json_is_null(value))
			return true;
	}
	return read_fields(walk, field->fields, field->field_count, value, base);
}

static bool read_field(
	struct walk *walk, const struct gh_field *field, const json_t *value, uint8_t *base)
{
	uint8_t *place = base + field->offset;
	const char *rule;

	if (!value)
		return fails(walk, "is missing");
	if (field->kind == GH_FIELD_GROUP)
		return read_group(walk, field, value, base);
	if (field->nullable && json_is_null(value))
		return true;
	rule = kinds[field->kind].read(field, value, place);
	if (!rule)
		rule = kinds[field->kind].check(field, place);
	return rule ? fails(walk, rule) : true;
}

static bool read_fields(struct walk *walk, const struct gh_field *fields, size_t count,
	const json_t *object, uint8_t *base)
{
	if (!json_is_object(object))
		return fails(walk, "an object");
	for (size_t i = 0; i < count; i++) {
		size_t before = enter(walk, fields[i].key);

		if (!read_field(walk, &fields[i], json_object_get(object, fields[i].key), base))
			return false;
		leave(walk, before);
	}
	if (json_object_size(object) != count)
		return fails(walk, "a key that the format does not have");
	return true;
}

static enum gh_status load(struct gh_view json, json_t **root, struct gh_error *error)
{
	json_error_t fault = { .text = "" };

	*root = NULL;
	if (json.length_bytes > GH_ENCOUNTER_JSON_BYTES_MAX)
		return gh_error_set(error, GH_TOO_LARGE, "JSON of more than %u bytes",
			GH_ENCOUNTER_JSON_BYTES_MAX);
	*root = json_loadb(json.length_bytes ? (const char *)json.data : "", json.length_bytes,
		JSON_REJECT_DUPLICATES, &fault);
	if (*root)
		return GH_OK;
	/* jansson says nothing at all when memory ran out in the midst of a value. Its text is
	 * never passed on, because it quotes the input. */
	if (fault.text[0] == '\0' || json_error_code(&fault) == json_error_out_of_memory)
		return gh_error_set(error, GH_NO_MEMORY, "JSON of %zu bytes", json.length_bytes);
	if (json_error_code(&fault) == json_error_duplicate_key)
		return gh_error_set(
			error, GH_MALFORMED, "byte %d: a key stands twice", fault.position);
	return gh_error_set(error, GH_MALFORMED, "byte %d: not JSON", fault.position);
}

/* The format's version is looked at first: a newer one may differ in all else. */
static bool is_other_format(const struct gh_field_table *table, const json_t *root)
{
	const struct gh_field *first = &table->fields[0];
	const json_t *value = json_object_get(root, first->key);

	return json_is_integer(value) &&
		(json_integer_value(value) < first->min || json_integer_value(value) > first->max);
}

enum gh_status gh_fields_decode(const struct gh_field_table *table, struct gh_view json,
	void *place, struct gh_error *error)
{
	struct gh_field_fault fault = { "", NULL };
	struct walk walk = { &fault, 0 };
	json_t *root;
	enum gh_status status = load(json, &root, error);

	memset(place, 0, table->size);
	if (status != GH_OK)
		return status;
	if (is_other_format(table, root))
		status = gh_error_set(error, GH_UNSUPPORTED, "/format: another version");
	else if (!read_fields(&walk, table->fields, table->count, root, place))
		status = gh_error_set(error, GH_MALFORMED, "%s: %s",
			fault.pointer[0] ? fault.pointer : "(whole)", fault.rule);
	json_decref(root);
	if (status != GH_OK)
		gh_wipe(place, table->size);
	return status;
}
