/* SPDX-License-Identifier: Apache-2.0 */
/* A voyage as JSON, by tables of what stands in it. */
#include "voyage_json.h"

#include <assert.h>
#include <jansson.h>
#include <malloc.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "document.h"
#include "gatehouse/base/clock.h"

enum {
	FORMAT = 2
};

/* Names pass through jansson's memory: it is wiped before it is freed. */
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

enum kind {
	CODE,     /* char[size]: printable ASCII, "" unknown */
	PERSONAL, /* struct gh_personal, "" unknown */
	DATE,     /* char[9]: digits, "" unknown; odd days are findings, not errors */
	SEX,      /* char: M, F, X, or ' ' as "" */
	COUNT32,
	COUNT64,
	BOOL,
	ID,
	HASH, /* struct gh_sha256 */
	TIME, /* int64_t, 0 is null */
	BOARDING,
	PERSON,
	KINDS
};

struct column {
	const char *key;
	enum kind kind;
	size_t offset;
	size_t size;
	uint64_t min;
};

#define AT(type, member) offsetof(struct type, member), sizeof(((struct type *)0)->member)

/* clang-format off */
static const struct column voyage_columns[] = {
	{ "id",          ID,      AT(gh_voyage, id), 0 },
	{ "version",     COUNT32, AT(gh_voyage, version), 1 },
	{ "test",        BOOL,    AT(gh_voyage, test), 0 },
	{ "carrier",     CODE,    AT(gh_voyage, carrier), 0 },
	{ "number",      CODE,    AT(gh_voyage, number), 0 },
	{ "from",        CODE,    AT(gh_voyage, from), 0 },
	{ "to",          CODE,    AT(gh_voyage, to), 0 },
	{ "departure",   TIME,    AT(gh_voyage, departure_ms), 0 },
	{ "arrival",     TIME,    AT(gh_voyage, arrival_ms), 0 },
	{ "passage_end", TIME,    AT(gh_voyage, passage_end_ms), 0 },
	{ "revision",       CODE,     AT(gh_voyage, passenger_message.revision), 0 },
	{ "sent",           TIME,     AT(gh_voyage, passenger_message.sent_ms), 0 },
	{ "reference",      PERSONAL, AT(gh_voyage, passenger_message.reference), 0 },
	{ "crew_revision",  CODE,     AT(gh_voyage, crew_message.revision), 0 },
	{ "crew_sent",      TIME,     AT(gh_voyage, crew_message.sent_ms), 0 },
	{ "crew_reference", PERSONAL, AT(gh_voyage, crew_message.reference), 0 },
};

static const struct column person_columns[] = {
	{ "id",              ID,       AT(gh_person, id), 0 },
	{ "kind",            PERSON,   AT(gh_person, kind), 0 },
	{ "boarding",        BOARDING, AT(gh_person, boarding), 0 },
	{ "surname",         PERSONAL, AT(gh_person, surname), 0 },
	{ "given_names",     PERSONAL, AT(gh_person, given_names), 0 },
	{ "sex",             SEX,      AT(gh_person, sex), 0 },
	{ "birth",           DATE,     AT(gh_person, birth), 0 },
	{ "nationality",     CODE,     AT(gh_person, nationality), 0 },
	{ "document_type",   CODE,     AT(gh_person, document.type), 0 },
	{ "document_issuer", CODE,     AT(gh_person, document.issuer), 0 },
	{ "document_number", PERSONAL, AT(gh_person, document.number), 0 },
	{ "document_expiry", DATE,     AT(gh_person, document.expiry), 0 },
	{ "locator",         PERSONAL, AT(gh_person, locator), 0 },
	{ "reference",       PERSONAL, AT(gh_person, reference), 0 },
};

static const struct column portrait_columns[] = {
	{ "offset", COUNT64, AT(gh_portrait_place, offset_bytes), 0 },
	{ "length", COUNT32, AT(gh_portrait_place, length_bytes), 1 },
	{ "sha256", HASH,    AT(gh_portrait_place, hash), 0 },
	{ "taken",  DATE,    AT(gh_portrait_place, taken), 0 },
};
/* clang-format on */

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* --- values: true when they are fit to be written, or were read --- */

static bool is_code(const char *text, size_t size)
{
	size_t length = strnlen(text, size);

	for (size_t i = 0; i < length; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return length < size;
}

static bool is_date(const char *text, size_t size)
{
	size_t length = strnlen(text, size);

	return length == 0 || (length == 8 && strspn(text, "0123456789") == 8);
}

static bool is_personal(const char *text, size_t size)
{
	struct gh_view left = { (const uint8_t *)text, strnlen(text, size) };

	if (left.length_bytes == size)
		return false;
	while (left.length_bytes > 0) {
		uint32_t code_point;
		size_t taken = gh_utf8_decode(left, &code_point);

		if (taken == 0 || code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0))
			return false;
		left.data += taken;
		left.length_bytes -= taken;
	}
	return true;
}

static bool is_text_kind(enum kind kind, const char *text, size_t size)
{
	if (kind == PERSONAL)
		return is_personal(text, size);
	return kind == DATE ? is_date(text, size) : is_code(text, size);
}

static json_t *write_text(const struct column *column, const char *place)
{
	if (!is_text_kind(column->kind, place, column->size))
		return NULL;
	return json_string(place);
}

static json_t *write_sex(char sex)
{
	char text[2] = { sex == ' ' ? '\0' : sex, '\0' };

	return text[0] && !strchr("MFX", sex) ? NULL : json_string(text);
}

static json_t *write_id(const struct gh_id *id)
{
	char text[GH_ID_TEXT_BYTES];

	gh_id_format(id, text);
	return gh_id_is_none(id) ? NULL : json_string(text);
}

static json_t *write_hash(const struct gh_sha256 *hash)
{
	char text[GH_SHA256_TEXT_BYTES];

	gh_sha256_format(hash, text);
	return json_string(text);
}

static json_t *write_time(int64_t real_ms)
{
	char text[GH_TIME_TEXT_BYTES];

	if (real_ms == 0)
		return json_null();
	gh_time_format(real_ms, text);
	return real_ms < 0 ? NULL : json_string(text);
}

static json_t *write_word(const char *word)
{
	return strcmp(word, "unknown") == 0 ? NULL : json_string(word);
}

static json_t *write_count(uint64_t count, const struct column *column)
{
	return count < column->min || count > INT64_MAX ? NULL : json_integer((json_int_t)count);
}

static json_t *write_column(const struct column *column, const uint8_t *row)
{
	const void *place = row + column->offset;

	switch (column->kind) {
	case CODE:
	case PERSONAL:
	case DATE:
		return write_text(column, place);
	case SEX:
		return write_sex(*(const char *)place);
	case COUNT32:
		return write_count(*(const uint32_t *)place, column);
	case COUNT64:
		return write_count(*(const uint64_t *)place, column);
	case BOOL:
		return json_boolean(*(const bool *)place);
	case ID:
		return write_id(place);
	case HASH:
		return write_hash(place);
	case TIME:
		return write_time(*(const int64_t *)place);
	case BOARDING:
		return write_word(gh_boarding_name(*(const enum gh_boarding *)place));
	case PERSON:
		return write_word(gh_person_kind_name(*(const enum gh_person_kind *)place));
	case KINDS:
		break;
	}
	return NULL;
}

/* Add all columns to object. On failure *key is where. */
static bool write_columns(json_t *object, const struct column *columns, size_t count,
	const void *row, const char **key)
{
	for (size_t i = 0; object && i < count; i++) {
		*key = columns[i].key;
		if (json_object_set_new(object, columns[i].key, write_column(&columns[i], row)) !=
			0)
			return false;
	}
	return object != NULL;
}

static bool write_portraits(json_t *object, const struct gh_person *person, const char **key)
{
	json_t *array = json_array();

	*key = "portraits";
	if (person->portrait_count > GH_PERSON_PORTRAITS_MAX ||
		json_object_set_new(object, "portraits", array) != 0)
		return false;
	for (uint32_t i = 0; i < person->portrait_count; i++) {
		json_t *place = json_object();

		if (json_array_append_new(array, place) != 0 ||
			!write_columns(place, portrait_columns, COUNT_OF(portrait_columns),
				&person->portraits[i], key))
			return false;
	}
	return true;
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

static bool dump(const json_t *object, struct gh_bytes *json)
{
	struct sink sink = { json, false };

	return json_dump_callback(object, append, &sink, JSON_COMPACT) == 0 && !sink.failed;
}

/* jansson does not say whether memory or a value was at fault: the columns are asked again. */
static enum gh_status refused(const struct column *columns, size_t count, const void *row,
	uint32_t number, struct gh_error *error)
{
	for (size_t i = 0; i < count; i++) {
		json_t *value = write_column(&columns[i], row);

		json_decref(value);
		if (!value)
			return gh_error_set(error, GH_MALFORMED,
				"row %u: %s cannot stand in a bundle", (unsigned)number,
				columns[i].key);
	}
	return gh_error_set(error, GH_NO_MEMORY, "JSON of row %u", (unsigned)number);
}

static enum gh_status encode_person(
	const struct gh_person *person, struct gh_bytes *json, struct gh_error *error)
{
	const char *key = "";
	json_t *object = json_object();
	bool fit = write_columns(object, person_columns, COUNT_OF(person_columns), person, &key) &&
		write_portraits(object, person, &key);
	enum gh_status status = GH_OK;

	if (!fit)
		status = refused(
			person_columns, COUNT_OF(person_columns), person, person->row, error);
	else if (!dump(object, json))
		status = gh_error_set(error, GH_NO_MEMORY, "JSON of row %u", (unsigned)person->row);
	json_decref(object);
	return status;
}

/* The voyage's own values, its object left open for the persons. */
static enum gh_status encode_head(
	const struct gh_voyage *voyage, struct gh_bytes *json, struct gh_error *error)
{
	const char *key = "";
	json_t *object = json_object();
	enum gh_status status = GH_OK;

	if (json_object_set_new(object, "format", json_integer(FORMAT)) != 0 ||
		!write_columns(object, voyage_columns, COUNT_OF(voyage_columns), voyage, &key))
		status = refused(voyage_columns, COUNT_OF(voyage_columns), voyage, 0, error);
	else if (!dump(object, json))
		status = gh_error_set(error, GH_NO_MEMORY, "JSON of a voyage");
	json_decref(object);
	if (status == GH_OK) {
		assert(json->data[json->length_bytes - 1] == '}');
		json->length_bytes--;
	}
	return status;
}

enum gh_status gh_voyage_encode(
	const struct gh_voyage *voyage, struct gh_bytes *json, struct gh_error *error)
{
	enum gh_status status = encode_head(voyage, json, error);

	if (status == GH_OK)
		status = gh_bytes_print(json, error, ",\"persons\":[");
	for (size_t i = 0; status == GH_OK && i < voyage->person_count; i++) {
		if (i > 0)
			status = gh_bytes_append(json, ",\n", 2, error);
		if (status == GH_OK)
			status = encode_person(&voyage->persons[i], json, error);
	}
	if (status == GH_OK)
		status = gh_bytes_append(json, "]}", 2, error);
	return status;
}

/* --- reading --- */

static bool read_text(const struct column *column, const json_t *value, char *place)
{
	size_t length = json_string_length(value);

	if (!json_is_string(value) || length >= column->size)
		return false;
	memcpy(place, json_string_value(value), length + 1);
	return is_text_kind(column->kind, place, column->size);
}

static bool read_sex(const json_t *value, char *place)
{
	const char *text = json_string_value(value);

	*place = text && text[0] ? text[0] : ' ';
	return text && strlen(text) <= 1 && (text[0] == '\0' || strchr("MFX", text[0]));
}

static bool read_count(
	const struct column *column, const json_t *value, uint64_t max, uint64_t *count)
{
	*count = (uint64_t)json_integer_value(value);
	return json_is_integer(value) && json_integer_value(value) >= 0 && *count >= column->min &&
		*count <= max;
}

static bool read_count32(const struct column *column, const json_t *value, uint32_t *place)
{
	uint64_t count = 0;
	bool fit = read_count(column, value, UINT32_MAX, &count);

	*place = (uint32_t)count;
	return fit;
}

/* Ids, hashes and times have one form each: what is written back must be what was read. */
static bool read_id(const json_t *value, struct gh_id *place)
{
	char text[GH_ID_TEXT_BYTES];

	if (!json_is_string(value) || gh_id_parse(json_string_value(value), place, NULL) != GH_OK)
		return false;
	gh_id_format(place, text);
	return strcmp(text, json_string_value(value)) == 0 && !gh_id_is_none(place);
}

static bool read_hash(const json_t *value, struct gh_sha256 *place)
{
	char text[GH_SHA256_TEXT_BYTES];

	if (!json_is_string(value) ||
		gh_sha256_parse(json_string_value(value), place, NULL) != GH_OK)
		return false;
	gh_sha256_format(place, text);
	return strcmp(text, json_string_value(value)) == 0;
}

static bool read_time(const json_t *value, int64_t *place)
{
	char text[GH_TIME_TEXT_BYTES];

	*place = 0;
	if (json_is_null(value))
		return true;
	if (!json_is_string(value) || gh_time_parse(json_string_value(value), place, NULL) != GH_OK)
		return false;
	gh_time_format(*place, text);
	return strcmp(text, json_string_value(value)) == 0 && *place != 0;
}

static bool read_boarding(const json_t *value, enum gh_boarding *place)
{
	for (int i = GH_BOARDING_LISTED; i <= GH_BOARDING_REMOVED; i++) {
		*place = (enum gh_boarding)i;
		if (json_is_string(value) &&
			strcmp(gh_boarding_name(*place), json_string_value(value)) == 0)
			return true;
	}
	return false;
}

static bool read_person_kind(const json_t *value, enum gh_person_kind *place)
{
	for (int i = GH_PERSON_PASSENGER; i <= GH_PERSON_TRANSIT; i++) {
		*place = (enum gh_person_kind)i;
		if (json_is_string(value) &&
			strcmp(gh_person_kind_name(*place), json_string_value(value)) == 0)
			return true;
	}
	return false;
}

static bool read_column(const struct column *column, const json_t *value, uint8_t *row)
{
	void *place = row + column->offset;

	switch (column->kind) {
	case CODE:
	case PERSONAL:
	case DATE:
		return read_text(column, value, place);
	case SEX:
		return read_sex(value, place);
	case COUNT32:
		return read_count32(column, value, place);
	case COUNT64:
		return read_count(column, value, INT64_MAX, place);
	case BOOL:
		*(bool *)place = json_is_true(value);
		return json_is_boolean(value);
	case ID:
		return read_id(value, place);
	case HASH:
		return read_hash(value, place);
	case TIME:
		return read_time(value, place);
	case BOARDING:
		return read_boarding(value, place);
	case PERSON:
		return read_person_kind(value, place);
	case KINDS:
		break;
	}
	return false;
}

/* Read all columns of an object that has `more` other keys. NULL, or the key at fault. */
static const char *read_columns(
	const struct column *columns, size_t count, const json_t *object, size_t more, void *row)
{
	for (size_t i = 0; i < count; i++) {
		const json_t *value = json_object_get(object, columns[i].key);

		if (!value || !read_column(&columns[i], value, row))
			return columns[i].key;
	}
	return json_object_size(object) == count + more ? NULL : "(a key that the format lacks)";
}

static const char *read_portraits(const json_t *array, struct gh_person *person)
{
	static const char key[] = "portraits";

	if (!json_is_array(array) || json_array_size(array) > GH_PERSON_PORTRAITS_MAX)
		return key;
	person->portrait_count = (uint32_t)json_array_size(array);
	for (uint32_t i = 0; i < person->portrait_count; i++) {
		const char *fault = read_columns(portrait_columns, COUNT_OF(portrait_columns),
			json_array_get(array, i), 0, &person->portraits[i]);

		if (fault)
			return fault;
	}
	return NULL;
}

static enum gh_status read_persons(
	const json_t *array, struct gh_voyage *voyage, struct gh_error *error)
{
	size_t count = json_array_size(array);

	if (!json_is_array(array))
		return gh_error_set(error, GH_MALFORMED, "/persons: not an array");
	if (count > GH_VOYAGE_PERSONS_MAX)
		return gh_error_set(
			error, GH_TOO_LARGE, "/persons: more than %d", GH_VOYAGE_PERSONS_MAX);
	if (count == 0)
		return GH_OK;
	voyage->persons = calloc(count, sizeof(voyage->persons[0]));
	if (!voyage->persons)
		return gh_error_set(error, GH_NO_MEMORY, "%zu persons", count);
	voyage->person_count = count;
	for (size_t i = 0; i < count; i++) {
		struct gh_person *person = &voyage->persons[i];
		const json_t *object = json_array_get(array, i);
		const char *fault =
			read_columns(person_columns, COUNT_OF(person_columns), object, 1, person);

		person->row = (uint32_t)i + 1;
		if (!fault)
			fault = read_portraits(json_object_get(object, "portraits"), person);
		if (fault)
			return gh_error_set(error, GH_MALFORMED,
				"/persons/%zu/%s: missing or not allowed", i, fault);
	}
	return GH_OK;
}

static int by_id(const void *left, const void *right)
{
	return memcmp(left, right, sizeof(struct gh_id));
}

static enum gh_status check_ids(const struct gh_voyage *voyage, struct gh_error *error)
{
	size_t count = voyage->person_count;
	struct gh_id *ids = calloc(count + 1, sizeof(ids[0]));
	enum gh_status status = GH_OK;

	if (!ids)
		return gh_error_set(error, GH_NO_MEMORY, "ids of %zu persons", count);
	for (size_t i = 0; i < count; i++)
		ids[i] = voyage->persons[i].id;
	qsort(ids, count, sizeof(ids[0]), by_id);
	for (size_t i = 1; i < count && status == GH_OK; i++)
		if (gh_id_equal(&ids[i - 1], &ids[i]))
			status = gh_error_set(error, GH_MALFORMED, "/persons: an id stands twice");
	free(ids);
	return status;
}

static enum gh_status read_voyage(
	const json_t *root, struct gh_voyage *voyage, struct gh_error *error)
{
	const json_t *format = json_object_get(root, "format");
	const char *fault;

	if (json_is_integer(format) && json_integer_value(format) != FORMAT)
		return gh_error_set(error, GH_UNSUPPORTED, "/format: another version");
	if (!json_is_integer(format))
		return gh_error_set(error, GH_MALFORMED, "/format: missing or no integer");
	fault = read_columns(voyage_columns, COUNT_OF(voyage_columns), root, 2, voyage);
	if (fault)
		return gh_error_set(error, GH_MALFORMED, "/%s: missing or not allowed", fault);
	return read_persons(json_object_get(root, "persons"), voyage, error);
}

enum gh_status gh_voyage_decode(
	struct gh_view json, struct gh_voyage *voyage, struct gh_error *error)
{
	json_error_t fault = { .text = "" };
	enum gh_status status;
	json_t *root;

	*voyage = (struct gh_voyage){ .persons = NULL };
	if (json.length_bytes > GH_VOYAGE_JSON_BYTES_MAX)
		return gh_error_set(error, GH_TOO_LARGE, "JSON of more than %u bytes",
			GH_VOYAGE_JSON_BYTES_MAX);
	root = json_loadb(json.length_bytes ? (const char *)json.data : "", json.length_bytes,
		JSON_REJECT_DUPLICATES, &fault);
	/* jansson's text quotes the input: never passed on. It is empty where memory ran out. */
	if (!root && fault.text[0] == '\0')
		return gh_error_set(error, GH_NO_MEMORY, "JSON of %zu bytes", json.length_bytes);
	if (!root)
		return gh_error_set(error, GH_MALFORMED,
			"JSON part, byte %d: not JSON, or a key twice", fault.position);
	status = read_voyage(root, voyage, error);
	if (status == GH_OK)
		status = check_ids(voyage, error);
	json_decref(root);
	if (status != GH_OK)
		gh_voyage_finish(voyage);
	return status;
}
