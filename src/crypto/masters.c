/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing under the master that a generation names. */
#include "masters.h"

#include <assert.h>
#include <inttypes.h>

/* Of the time before generations: nonce, data key and tag. */
#define LEGACY_BYTES (GH_AEAD_NONCE_BYTES + GH_AEAD_KEY_BYTES + GH_AEAD_TAG_BYTES)

#define SHORTEST_BYTES (GH_SEALED_HEADER_BYTES + GH_AEAD_NONCE_BYTES + GH_AEAD_TAG_BYTES)

bool gh_key_is_blank(const struct gh_aead_key *key)
{
	uint8_t any = 0;

	for (size_t i = 0; i < sizeof(key->bytes); i++)
		any |= key->bytes[i];
	return any == 0;
}

bool gh_masters_sound(const struct gh_masters *masters)
{
	if (masters->generation == 0 || gh_key_is_blank(&masters->newest))
		return false;
	return !masters->changing ||
		(masters->generation > 1 && !gh_key_is_blank(&masters->before));
}

static void put_header(enum gh_sealed_form form, uint64_t generation, uint8_t *header)
{
	header[0] = (uint8_t)form;
	for (int i = 0; i < 8; i++)
		header[1 + i] = (uint8_t)(generation >> (56 - 8 * i));
}

static bool is_legacy(enum gh_sealed_form form, struct gh_view sealed)
{
	return form == GH_SEALED_KEY && sealed.length_bytes == LEGACY_BYTES;
}

uint64_t gh_sealed_generation(enum gh_sealed_form form, struct gh_view sealed)
{
	uint64_t generation = 0;

	if (is_legacy(form, sealed))
		return 1;
	if (sealed.length_bytes < SHORTEST_BYTES || sealed.data[0] != (uint8_t)form)
		return 0;
	for (int i = 0; i < 8; i++)
		generation = generation << 8 | sealed.data[1 + i];
	return generation;
}

/* Header and context: the header has one length, so that no two pairs read the same. */
static enum gh_status bind(const uint8_t header[GH_SEALED_HEADER_BYTES], struct gh_view context,
	struct gh_bytes *bound, struct gh_error *error)
{
	enum gh_status status = gh_bytes_append(bound, header, GH_SEALED_HEADER_BYTES, error);

	if (status == GH_OK)
		status = gh_bytes_append(bound, context.data, context.length_bytes, error);
	return status;
}

enum gh_status gh_master_seal(const struct gh_aead_key *master, uint64_t generation,
	enum gh_sealed_form form, struct gh_view context, struct gh_view plain,
	struct gh_bytes *sealed, struct gh_error *error)
{
	uint8_t header[GH_SEALED_HEADER_BYTES];
	struct gh_bytes bound = GH_BYTES_EMPTY;
	struct gh_bytes body = GH_BYTES_EMPTY;
	enum gh_status status;

	gh_bytes_finish(sealed);
	put_header(form, generation, header);
	status = bind(header, context, &bound, error);
	if (status == GH_OK)
		status = gh_aead_seal(master, gh_bytes_view(&bound), plain, &body, error);
	if (status == GH_OK)
		status = gh_bytes_append(sealed, header, sizeof(header), error);
	if (status == GH_OK)
		status = gh_bytes_append(sealed, body.data, body.length_bytes, error);
	if (status != GH_OK)
		gh_bytes_finish(sealed);
	gh_bytes_finish(&body);
	gh_bytes_finish(&bound);
	return status;
}

enum gh_status gh_masters_seal(const struct gh_masters *masters, enum gh_sealed_form form,
	struct gh_view context, struct gh_view plain, struct gh_bytes *sealed,
	struct gh_error *error)
{
	assert(gh_masters_sound(masters));
	return gh_master_seal(
		&masters->newest, masters->generation, form, context, plain, sealed, error);
}

/* The master of a generation, or why there is none. */
static enum gh_status choose(const struct gh_masters *masters, uint64_t generation,
	const struct gh_aead_key **key, struct gh_error *error)
{
	*key = NULL;
	if (generation == masters->generation)
		*key = &masters->newest;
	else if (masters->changing && generation == masters->generation - 1)
		*key = &masters->before;
	else if (generation < masters->generation)
		return gh_error_set(error, GH_GONE,
			"unseal: the master of generation %" PRIu64 " is destroyed", generation);
	else
		return gh_error_set(error, GH_INTEGRITY,
			"unseal: under generation %" PRIu64
			" of the master, the newest here is %" PRIu64,
			generation, masters->generation);
	return GH_OK;
}

enum gh_status gh_masters_open(const struct gh_masters *masters, enum gh_sealed_form form,
	struct gh_view context, struct gh_view sealed, struct gh_bytes *plain,
	struct gh_error *error)
{
	const struct gh_aead_key *key;
	struct gh_bytes bound = GH_BYTES_EMPTY;
	struct gh_view body;
	enum gh_status status;

	assert(gh_masters_sound(masters));
	gh_bytes_finish(plain);
	if (sealed.length_bytes < SHORTEST_BYTES && !is_legacy(form, sealed))
		return gh_error_set(error, GH_TRUNCATED, "unseal: %zu bytes, fewer than %d",
			sealed.length_bytes, SHORTEST_BYTES);
	if (gh_sealed_generation(form, sealed) == 0)
		return gh_error_set(error, GH_INTEGRITY, "unseal: not of this form");
	status = choose(masters, gh_sealed_generation(form, sealed), &key, error);
	if (status != GH_OK)
		return status;
	if (is_legacy(form, sealed))
		return gh_aead_open(key, context, sealed, plain, error);
	body.data = sealed.data + GH_SEALED_HEADER_BYTES;
	body.length_bytes = sealed.length_bytes - GH_SEALED_HEADER_BYTES;
	status = bind(sealed.data, context, &bound, error);
	if (status == GH_OK)
		status = gh_aead_open(key, gh_bytes_view(&bound), body, plain, error);
	gh_bytes_finish(&bound);
	return status;
}
