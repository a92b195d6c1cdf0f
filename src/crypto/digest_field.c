/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP field Content-Digest (RFC 9530, 2). */
#include "gatehouse/crypto/digest_field.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

/* 32 bytes are 44 characters, the last of them padding. */
#define ENCODED_BYTES 44

static const char key_characters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-.*";
static const char base64_characters[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";

void gh_digest_field_format(const struct gh_sha256 *hash, char text[GH_DIGEST_FIELD_BYTES])
{
	unsigned char encoded[ENCODED_BYTES + 1];

	EVP_EncodeBlock(encoded, hash->bytes, (int)sizeof(hash->bytes));
	snprintf(text, GH_DIGEST_FIELD_BYTES, "sha-256=:%s:", (const char *)encoded);
}

/* One member "KEY=:BASE64:" from *text on, which moves behind it. */
static bool read_member(const char **text, struct gh_view *key, struct gh_view *value)
{
	const char *at = *text;

	key->data = (const uint8_t *)at;
	key->length_bytes = strspn(at, key_characters);
	at += key->length_bytes;
	if (key->length_bytes == 0 || at[0] != '=' || at[1] != ':')
		return false;
	at += 2;
	value->data = (const uint8_t *)at;
	value->length_bytes = strspn(at, base64_characters);
	at += value->length_bytes;
	*text = at + 1;
	return at[0] == ':';
}

static bool decode(struct gh_view value, struct gh_sha256 *hash)
{
	unsigned char decoded[ENCODED_BYTES / 4 * 3];

	/* The library takes the padding for zeros: where it stands is looked at here. */
	if (value.length_bytes != ENCODED_BYTES || value.data[ENCODED_BYTES - 1] != '=' ||
		memchr(value.data, '=', ENCODED_BYTES - 1) ||
		EVP_DecodeBlock(decoded, value.data, ENCODED_BYTES) != (int)sizeof(decoded))
		return false;
	memcpy(hash->bytes, decoded, sizeof(hash->bytes));
	return true;
}

static const char *skip_spaces(const char *text)
{
	return text + strspn(text, " \t");
}

enum gh_status gh_digest_field_parse(
	const char *text, struct gh_sha256 *hash, struct gh_error *error)
{
	const struct gh_view wanted = gh_view_of_text("sha-256");
	bool fine = strlen(text) <= GH_DIGEST_FIELD_BYTES_MAX;
	bool more = fine;
	bool found = false;

	text = skip_spaces(text);
	while (fine && more) {
		struct gh_view key, value;

		fine = read_member(&text, &key, &value);
		if (fine && gh_view_equal(key, wanted)) {
			fine = decode(value, hash);
			found = fine;
		}
		text = fine ? skip_spaces(text) : text;
		more = fine && *text == ',';
		text = more ? skip_spaces(text + 1) : text;
	}
	if (!fine || *text)
		return gh_error_set(error, GH_MALFORMED, "not a digest of the content");
	return found ? GH_OK : gh_error_set(error, GH_NOT_FOUND, "no digest by sha-256");
}
