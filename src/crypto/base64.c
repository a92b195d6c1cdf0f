/* SPDX-License-Identifier: Apache-2.0 */
/* Base64, strictly. */
#include "gatehouse/crypto/base64.h"

#include <openssl/evp.h>

#define TEXT_MAX_BYTES (16u * 1024u * 1024u)
#define LINE_BYTES 48 /* 64 characters */

/* Too little for a line, NUL included. */
#define LINE_TEXT_BYTES 65

enum gh_status gh_base64_encode(struct gh_view bytes, struct gh_bytes *text, struct gh_error *error)
{
	size_t before = text->length_bytes;
	enum gh_status status = GH_OK;

	if (bytes.length_bytes > TEXT_MAX_BYTES)
		return gh_error_set(error, GH_TOO_LARGE, "base64: over %u bytes", TEXT_MAX_BYTES);
	for (size_t at = 0; at < bytes.length_bytes && status == GH_OK; at += LINE_BYTES) {
		size_t left = bytes.length_bytes - at;
		unsigned char line[LINE_TEXT_BYTES];
		int length = EVP_EncodeBlock(
			line, bytes.data + at, (int)(left < LINE_BYTES ? left : LINE_BYTES));

		line[length] = '\n';
		status = gh_bytes_append(text, line, (size_t)length + 1, error);
	}
	if (status != GH_OK)
		text->length_bytes = before;
	return status;
}

static int value_of(uint8_t character)
{
	if (character >= 'A' && character <= 'Z')
		return character - 'A';
	if (character >= 'a' && character <= 'z')
		return character - 'a' + 26;
	if (character >= '0' && character <= '9')
		return character - '0' + 52;
	return character == '+' ? 62 : character == '/' ? 63 : -1;
}

static bool is_blank(uint8_t character)
{
	return character == ' ' || character == '\t' || character == '\r' || character == '\n';
}

/* What was read so far: at most three characters are pending. */
struct quantum {
	uint32_t bits;
	unsigned count;   /* characters, padding included */
	unsigned padding; /* of them */
	bool ended;
};

static bool take(struct quantum *quantum, uint8_t character)
{
	int value = value_of(character);

	if (quantum->ended)
		return false;
	if (character == '=' && quantum->count >= 2)
		quantum->padding++;
	else if (value < 0 || quantum->padding > 0)
		return false;
	quantum->bits = quantum->bits << 6 | (uint32_t)(value < 0 ? 0 : value);
	quantum->count++;
	return true;
}

static enum gh_status put(struct quantum *quantum, struct gh_bytes *bytes, struct gh_error *error)
{
	const uint8_t three[3] = { (uint8_t)(quantum->bits >> 16), (uint8_t)(quantum->bits >> 8),
		(uint8_t)quantum->bits };
	enum gh_status status = gh_bytes_append(bytes, three, 3 - quantum->padding, error);

	*quantum = (struct quantum){ .ended = quantum->padding > 0 };
	return status;
}

enum gh_status gh_base64_decode(
	struct gh_view text, size_t limit_bytes, struct gh_bytes *bytes, struct gh_error *error)
{
	struct quantum quantum = { .count = 0 };
	enum gh_status status = GH_OK;

	gh_bytes_finish(bytes);
	if (text.length_bytes > limit_bytes)
		return gh_error_set(error, GH_TOO_LARGE, "base64: %zu characters, at most %zu",
			text.length_bytes, limit_bytes);
	for (size_t i = 0; i < text.length_bytes && status == GH_OK; i++) {
		if (is_blank(text.data[i]))
			continue;
		if (!take(&quantum, text.data[i]))
			status = gh_error_set(error, GH_MALFORMED,
				"base64: character %zu has no place there", i + 1);
		else if (quantum.count == 4)
			status = put(&quantum, bytes, error);
	}
	if (status == GH_OK && quantum.count != 0)
		status = gh_error_set(error, GH_MALFORMED, "base64: it ends too soon");
	if (status != GH_OK)
		gh_bytes_finish(bytes);
	return status;
}
