/* SPDX-License-Identifier: Apache-2.0 */
/* Random identifiers and their text form. */
#include "gatehouse/base/id.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "gatehouse/base/bytes.h"

/* The text form of RFC 9562 section 4: hyphens stand before these bytes. */
static bool hyphen_before(size_t byte)
{
	return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

enum gh_status gh_random_fill(void *bytes, size_t length_bytes, struct gh_error *error)
{
	uint8_t *place = bytes;
	size_t left = length_bytes;

	while (left > 0) {
		ssize_t got = getrandom(place, left, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			memset(bytes, 0, length_bytes);
			return gh_error_set(error, GH_INTERNAL,
				"the kernel gave no random numbers (error %d)", errno);
		}
		place += got;
		left -= (size_t)got;
	}
	return GH_OK;
}

enum gh_status gh_id_make(struct gh_id *id, struct gh_error *error)
{
	enum gh_status status = gh_random_fill(id->bytes, sizeof(id->bytes), error);

	if (status != GH_OK)
		return status;
	id->bytes[6] = (uint8_t)((id->bytes[6] & 0x0F) | 0x40);
	id->bytes[8] = (uint8_t)((id->bytes[8] & 0x3F) | 0x80);
	return GH_OK;
}

void gh_id_format(const struct gh_id *id, char text[GH_ID_TEXT_BYTES])
{
	for (size_t i = 0; i < sizeof(id->bytes); i++) {
		if (hyphen_before(i))
			*text++ = '-';
		gh_hex_format(&id->bytes[i], 1, text);
		text += 2;
	}
}

enum gh_status gh_id_parse(const char *text, struct gh_id *id, struct gh_error *error)
{
	char digits[2 * sizeof(id->bytes) + 1];
	size_t used = 0;

	memset(id, 0, sizeof(*id));
	if (strlen(text) != GH_ID_TEXT_BYTES - 1)
		return gh_error_set(
			error, GH_MALFORMED, "id: not %d characters", GH_ID_TEXT_BYTES - 1);
	for (size_t i = 0; i < sizeof(id->bytes); i++) {
		if (hyphen_before(i) && *text++ != '-')
			return gh_error_set(error, GH_MALFORMED, "id: a hyphen is missing");
		digits[used++] = *text++;
		digits[used++] = *text++;
	}
	digits[used] = '\0';
	if (gh_hex_parse(digits, id->bytes, sizeof(id->bytes), error) != GH_OK) {
		memset(id, 0, sizeof(*id));
		return gh_error_set(error, GH_MALFORMED, "id: not hexadecimal");
	}
	return GH_OK;
}

bool gh_id_equal(const struct gh_id *a, const struct gh_id *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool gh_id_is_none(const struct gh_id *id)
{
	static const struct gh_id none;

	return gh_id_equal(id, &none);
}
