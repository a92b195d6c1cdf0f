/* SPDX-License-Identifier: Apache-2.0 */
/* Owned buffers that wipe what they leave behind, and text about persons. */
#include "gatehouse/base/bytes.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY_MIN_BYTES 64

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */

void gh_wipe(void *memory, size_t length_bytes)
{
	if (!memory)
		return;
	memset(memory, 0, length_bytes);
	/* The compiler must believe that somebody reads the memory after this. */
	__asm__ __volatile__("" : : "r"(memory) : "memory");
}

enum gh_status gh_bytes_reserve(
	struct gh_bytes *bytes, size_t capacity_bytes, struct gh_error *error)
{
	size_t grown = bytes->capacity_bytes;
	uint8_t *data;

	if (capacity_bytes <= bytes->capacity_bytes)
		return GH_OK;
	grown = grown > SIZE_MAX / 2 ? SIZE_MAX : grown * 2;
	if (grown < CAPACITY_MIN_BYTES)
		grown = CAPACITY_MIN_BYTES;
	if (grown < capacity_bytes)
		grown = capacity_bytes;

	/* Not realloc(): it would free the old place with its content. */
	data = malloc(grown);
	if (!data)
		return gh_error_set(error, GH_NO_MEMORY, "buffer of %zu bytes", grown);
	if (bytes->length_bytes > 0)
		memcpy(data, bytes->data, bytes->length_bytes);
	gh_wipe(bytes->data, bytes->capacity_bytes);
	free(bytes->data);
	bytes->data = data;
	bytes->capacity_bytes = grown;
	return GH_OK;
}

/* Room for more_bytes behind the content. */
static enum gh_status make_room(struct gh_bytes *bytes, size_t more_bytes, struct gh_error *error)
{
	if (more_bytes > SIZE_MAX - bytes->length_bytes)
		return gh_error_set(error, GH_NO_MEMORY, "buffer beyond the address space");
	return gh_bytes_reserve(bytes, bytes->length_bytes + more_bytes, error);
}

static bool inside(const struct gh_bytes *bytes, const void *data)
{
	uintptr_t start = (uintptr_t)bytes->data;
	uintptr_t place = (uintptr_t)data;

	return bytes->data && place >= start && place - start < bytes->capacity_bytes;
}

enum gh_status gh_bytes_append(
	struct gh_bytes *bytes, const void *data, size_t length_bytes, struct gh_error *error)
{
	enum gh_status status;

	if (length_bytes == 0)
		return GH_OK;
	assert(!inside(bytes, data));
	status = make_room(bytes, length_bytes, error);
	if (status != GH_OK)
		return status;
	memcpy(bytes->data + bytes->length_bytes, data, length_bytes);
	bytes->length_bytes += length_bytes;
	return GH_OK;
}

enum gh_status gh_bytes_print(
	struct gh_bytes *bytes, struct gh_error *error, const char *format, ...)
{
	va_list arguments;
	enum gh_status status;
	int length;

	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length < 0)
		return gh_error_set(error, GH_INTERNAL, "text cannot be formatted");
	status = make_room(bytes, (size_t)length + 1, error);
	if (status != GH_OK)
		return status;

	va_start(arguments, format);
	vsnprintf((char *)bytes->data + bytes->length_bytes, (size_t)length + 1, format, arguments);
	va_end(arguments);
	bytes->length_bytes += (size_t)length;
	return GH_OK;
}

void gh_bytes_clear(struct gh_bytes *bytes)
{
	gh_wipe(bytes->data, bytes->capacity_bytes);
	bytes->length_bytes = 0;
}

void gh_bytes_finish(struct gh_bytes *bytes)
{
	if (!bytes)
		return;
	gh_wipe(bytes->data, bytes->capacity_bytes);
	free(bytes->data);
	*bytes = (struct gh_bytes)GH_BYTES_EMPTY;
}

struct gh_view gh_bytes_view(const struct gh_bytes *bytes)
{
	return (struct gh_view){ bytes->data, bytes->length_bytes };
}

struct gh_view gh_view_of_text(const char *text)
{
	if (!text)
		return (struct gh_view){ NULL, 0 };
	return (struct gh_view){ (const uint8_t *)text, strlen(text) };
}

bool gh_text_copy(char *to, size_t to_bytes, const char *from)
{
	size_t length = strnlen(from, to_bytes);
	bool whole = length < to_bytes;

	if (!whole)
		length = to_bytes - 1;
	memcpy(to, from, length);
	to[length] = '\0';
	return whole;
}

bool gh_view_equal(struct gh_view a, struct gh_view b)
{
	if (a.length_bytes != b.length_bytes)
		return false;
	return a.length_bytes == 0 || memcmp(a.data, b.data, a.length_bytes) == 0;
}

/* What the first byte says of the whole: length, its own bits, smallest value allowed. */
static size_t utf8_lead(uint8_t lead, uint32_t *bits, uint32_t *least)
{
	if (lead < 0x80) {
		*bits = lead;
		*least = 0;
		return 1;
	}
	if ((lead & 0xE0) == 0xC0) {
		*bits = lead & 0x1FU;
		*least = 0x80;
		return 2;
	}
	if ((lead & 0xF0) == 0xE0) {
		*bits = lead & 0x0FU;
		*least = 0x800;
		return 3;
	}
	if ((lead & 0xF8) == 0xF0) {
		*bits = lead & 0x07U;
		*least = 0x10000;
		return 4;
	}
	return 0;
}

size_t gh_utf8_decode(struct gh_view text, uint32_t *code_point)
{
	uint32_t value = 0;
	uint32_t least = 0;
	size_t length;

	*code_point = 0;
	if (text.length_bytes == 0)
		return 0;
	length = utf8_lead(text.data[0], &value, &least);
	if (length == 0 || length > text.length_bytes)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((text.data[i] & 0xC0) != 0x80)
			return 0;
		value = value << 6 | (text.data[i] & 0x3FU);
	}
	if (value < least || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
		return 0;
	*code_point = value;
	return length;
}

static bool is_control(uint32_t code_point)
{
	return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0);
}

bool gh_personal_set(struct gh_personal *personal, struct gh_view text)
{
	size_t used = 0;

	gh_wipe(personal, sizeof(*personal));
	while (text.length_bytes > 0) {
		uint32_t code_point;
		size_t taken = gh_utf8_decode(text, &code_point);
		const void *from = text.data;
		size_t length = taken;

		if (taken == 0 || is_control(code_point)) {
			from = replacement;
			length = sizeof(replacement) - 1;
		}
		if (used + length >= sizeof(personal->text))
			return false;
		memcpy(personal->text + used, from, length);
		used += length;
		taken = taken > 0 ? taken : 1;
		text.data += taken;
		text.length_bytes -= taken;
	}
	return true;
}

void gh_hex_format(const uint8_t *bytes, size_t length_bytes, char *text)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < length_bytes; i++) {
		*text++ = digits[bytes[i] >> 4];
		*text++ = digits[bytes[i] & 15];
	}
	*text = '\0';
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

enum gh_status gh_hex_parse(
	const char *text, uint8_t *bytes, size_t length_bytes, struct gh_error *error)
{
	for (size_t i = 0; i < length_bytes; i++) {
		int high = hex_digit(text[2 * i]);
		int low = high < 0 ? -1 : hex_digit(text[2 * i + 1]);

		if (low < 0)
			return gh_error_set(error, GH_MALFORMED,
				"hexadecimal: no digit within the %zu expected", 2 * length_bytes);
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	if (text[2 * length_bytes] != '\0')
		return gh_error_set(error, GH_MALFORMED,
			"hexadecimal: more than the %zu digits expected", 2 * length_bytes);
	return GH_OK;
}
