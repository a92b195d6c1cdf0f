/* SPDX-License-Identifier: Apache-2.0 */
/* Big-endian fields, out and in; reading past the end turns the reader bad and gives zeros. */
#ifndef GALLERY_WIRE_H
#define GALLERY_WIRE_H

#include <stdbool.h>
#include <string.h>

#include "gatehouse/base/bytes.h"

/* Writes into memory that the caller has made large enough. */
struct gh_wire_out {
	uint8_t *place;
};

static inline void gh_wire_put(struct gh_wire_out *out, const void *data, size_t length_bytes)
{
	memcpy(out->place, data, length_bytes);
	out->place += length_bytes;
}

static inline void gh_wire_put_integer(struct gh_wire_out *out, uint64_t value, size_t length_bytes)
{
	for (size_t i = length_bytes; i > 0; i--, value >>= 8)
		out->place[i - 1] = (uint8_t)value;
	out->place += length_bytes;
}

static inline void gh_wire_put_float(struct gh_wire_out *out, float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof(bits));
	gh_wire_put_integer(out, bits, sizeof(bits));
}

struct gh_wire_in {
	const uint8_t *place;
	size_t left_bytes;
	bool bad;
};

/* The next length_bytes, or NULL. */
static inline const uint8_t *gh_wire_take(struct gh_wire_in *in, size_t length_bytes)
{
	const uint8_t *taken = in->place;

	if (length_bytes > in->left_bytes) {
		in->bad = true;
		return NULL;
	}
	in->place += length_bytes;
	in->left_bytes -= length_bytes;
	return taken;
}

static inline void gh_wire_get(struct gh_wire_in *in, void *data, size_t length_bytes)
{
	const uint8_t *taken = gh_wire_take(in, length_bytes);

	if (taken)
		memcpy(data, taken, length_bytes);
	else
		memset(data, 0, length_bytes);
}

static inline uint64_t gh_wire_get_integer(struct gh_wire_in *in, size_t length_bytes)
{
	const uint8_t *taken = gh_wire_take(in, length_bytes);
	uint64_t value = 0;

	for (size_t i = 0; taken && i < length_bytes; i++)
		value = value << 8 | taken[i];
	return value;
}

static inline float gh_wire_get_float(struct gh_wire_in *in)
{
	uint32_t bits = (uint32_t)gh_wire_get_integer(in, sizeof(bits));
	float value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

/* Text of fixed room: whatever came, it ends with a NUL. */
static inline void gh_wire_get_text(struct gh_wire_in *in, char *text, size_t room_bytes)
{
	gh_wire_get(in, text, room_bytes);
	text[room_bytes - 1] = '\0';
}

#endif
