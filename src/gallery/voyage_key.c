/* SPDX-License-Identifier: Apache-2.0 */
/* The one key of each voyage: its file, its rewrapping, its end. */
#include "voyage_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gatehouse/base/file.h"
#include "gatehouse/base/log.h"

#include "wire.h"

#define KEY_CONTEXT "gatehouse gallery key"
#define KEY_BYTES_MAX 4096u
#define NOTE_BYTES 26

enum {
	PATH_BYTES = 1200
};

static void name_of(const struct gh_id *voyage, const char *suffix, char name[128])
{
	char id[GH_ID_TEXT_BYTES];

	gh_id_format(voyage, id);
	snprintf(name, 128, "%s.%s", id, suffix);
}

static enum gh_status path_of(const struct gh_vault *vault, const struct gh_id *voyage,
	const char *suffix, char path[PATH_BYTES], struct gh_error *error)
{
	char name[128];

	name_of(voyage, suffix, name);
	return gh_path_join(vault->folder, name, path, PATH_BYTES, error);
}

static bool exists(const struct gh_vault *vault, const struct gh_id *voyage, const char *suffix)
{
	struct stat found;
	char path[PATH_BYTES];

	return path_of(vault, voyage, suffix, path, NULL) == GH_OK && lstat(path, &found) == 0;
}

static void key_context(const struct gh_id *voyage, uint8_t context[sizeof(KEY_CONTEXT) + 16])
{
	memcpy(context, KEY_CONTEXT, sizeof(KEY_CONTEXT));
	memcpy(context + sizeof(KEY_CONTEXT), voyage->bytes, sizeof(voyage->bytes));
}

static enum gh_status read_key(const struct gh_vault *vault, const struct gh_id *voyage,
	struct gh_aead_key *key, struct gh_error *error)
{
	uint8_t context[sizeof(KEY_CONTEXT) + 16];
	struct gh_bytes wrapped = GH_BYTES_EMPTY;
	char path[PATH_BYTES];
	enum gh_status status = path_of(vault, voyage, "key", path, error);

	key_context(voyage, context);
	if (status == GH_OK)
		status = gh_file_read(path, KEY_BYTES_MAX, &wrapped, error);
	if (status != GH_OK)
		return status;
	status = gh_provider_unwrap(vault->provider, (struct gh_view){ context, sizeof(context) },
		gh_bytes_view(&wrapped), key, error);
	if (status != GH_OK)
		gh_error_wrap(error, "%s", path);
	gh_bytes_finish(&wrapped);
	return status;
}

enum gh_status gh_voyage_key_open(const struct gh_vault *vault, const struct gh_id *voyage,
	struct gh_aead_key *key, struct gh_error *error)
{
	enum gh_status status;

	if (vault->erased && exists(vault, voyage, "erased"))
		return gh_error_set(error, GH_NOT_FOUND, "the voyage's key is being erased");
	status = read_key(vault, voyage, key, error);
	/* The masters changed between reading and opening: the file was replaced before. */
	return status == GH_GONE ? read_key(vault, voyage, key, error) : status;
}

static enum gh_status make_key(const struct gh_vault *vault, const struct gh_id *voyage,
	struct gh_aead_key *key, struct gh_error *error)
{
	uint8_t context[sizeof(KEY_CONTEXT) + 16];
	struct gh_bytes wrapped = GH_BYTES_EMPTY;
	char path[PATH_BYTES];
	enum gh_status status = path_of(vault, voyage, "key", path, error);

	key_context(voyage, context);
	if (status == GH_OK)
		status = gh_random_fill(key->bytes, sizeof(key->bytes), error);
	if (status == GH_OK)
		status = gh_provider_wrap(vault->provider,
			(struct gh_view){ context, sizeof(context) }, key, &wrapped, error);
	if (status == GH_OK)
		status = gh_file_replace(path, gh_bytes_view(&wrapped), 0600, error);
	gh_bytes_finish(&wrapped);
	return status;
}

static enum gh_status write_note(
	const struct gh_vault *vault, const struct gh_gallery_erased *story, struct gh_error *error)
{
	uint8_t bytes[NOTE_BYTES];
	struct gh_wire_out out = { bytes };
	char path[PATH_BYTES];
	enum gh_status status = path_of(vault, &story->voyage, "erased", path, error);

	gh_wire_put_integer(&out, (uint64_t)story->loaded_ms, 8);
	gh_wire_put_integer(&out, (uint64_t)story->limit_ms, 8);
	gh_wire_put_integer(&out, (uint64_t)story->deleted_ms, 8);
	gh_wire_put_integer(&out, story->quality, 1);
	gh_wire_put_integer(&out, story->withdrawn, 1);
	if (status != GH_OK)
		return status;
	return gh_file_replace(path, (struct gh_view){ bytes, sizeof(bytes) }, 0600, error);
}

/* A note that cannot be read tells still that there was a key. */
static enum gh_status read_note(const struct gh_vault *vault, const struct gh_id *voyage,
	struct gh_gallery_erased *story, struct gh_error *error)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	char path[PATH_BYTES];
	enum gh_status status = path_of(vault, voyage, "erased", path, error);

	*story = (struct gh_gallery_erased){ .voyage = *voyage };
	if (status == GH_OK)
		status = gh_file_read(path, KEY_BYTES_MAX, &bytes, error);
	if (status == GH_OK && bytes.length_bytes == NOTE_BYTES) {
		struct gh_wire_in in = { bytes.data, bytes.length_bytes, false };

		story->loaded_ms = (int64_t)gh_wire_get_integer(&in, 8);
		story->limit_ms = (int64_t)gh_wire_get_integer(&in, 8);
		story->deleted_ms = (int64_t)gh_wire_get_integer(&in, 8);
		story->quality = gh_wire_get_integer(&in, 1) <= GH_CLOCK_SYNCED
			? (enum gh_clock_quality)bytes.data[NOTE_BYTES - 2]
			: GH_CLOCK_UNKNOWN;
		story->withdrawn = gh_wire_get_integer(&in, 1) != 0;
	}
	gh_bytes_finish(&bytes);
	return status;
}

static enum gh_status erase_file(const struct gh_vault *vault, const struct gh_id *voyage,
	enum gh_vault_kind kind, const char *suffix, struct gh_error *error)
{
	struct gh_vault_entry entry = { .kind = kind, .voyage = *voyage };

	name_of(voyage, suffix, entry.name);
	return gh_vault_erase_entry(vault, &entry, error);
}

/* A power cut must not bring the file back: it would be taken for a live key. */
static enum gh_status erase_key(
	const struct gh_vault *vault, const struct gh_id *voyage, struct gh_error *error)
{
	enum gh_status status;

	pthread_mutex_lock(&vault->keys->lock);
	status = erase_file(vault, voyage, GH_VAULT_KEY, "key", error);
	if (status == GH_OK)
		status = gh_folder_sync(vault->folder, error);
	pthread_mutex_unlock(&vault->keys->lock);
	return status;
}

/* Whether this thread is the one that ends the voyage's key: a second one would tell it twice. */
static bool begin_ending(const struct gh_vault *vault, const struct gh_id *voyage)
{
	struct gh_id *place = NULL;
	bool other = false;

	pthread_mutex_lock(&vault->keys->lock);
	for (size_t i = 0; i < sizeof(vault->keys->ending) / sizeof(struct gh_id); i++) {
		struct gh_id *ending = &vault->keys->ending[i];

		other |= gh_id_equal(ending, voyage);
		if (gh_id_is_none(ending))
			place = ending;
	}
	if (place && !other)
		*place = *voyage;
	pthread_mutex_unlock(&vault->keys->lock);
	return place && !other;
}

static void end_ending(const struct gh_vault *vault, const struct gh_id *voyage)
{
	pthread_mutex_lock(&vault->keys->lock);
	for (size_t i = 0; i < sizeof(vault->keys->ending) / sizeof(struct gh_id); i++)
		if (gh_id_equal(&vault->keys->ending[i], voyage))
			vault->keys->ending[i] = (struct gh_id){ { 0 } };
	pthread_mutex_unlock(&vault->keys->lock);
}

/* From the note on: the key goes, that is told, the note goes. */
static enum gh_status end_erasure(
	const struct gh_vault *vault, const struct gh_gallery_erased *story, struct gh_error *error)
{
	enum gh_status status = erase_key(vault, &story->voyage, error);

	if (status == GH_OK)
		status = vault->erased(vault->erased_ctx, story, error);
	if (status == GH_OK)
		status = erase_file(vault, &story->voyage, GH_VAULT_ERASED, "erased", error);
	return status;
}

static enum gh_status erase_and_tell(
	const struct gh_vault *vault, const struct gh_gallery_erased *story, struct gh_error *error)
{
	enum gh_status noted = write_note(vault, story, error);
	enum gh_status status;

	if (noted == GH_OK)
		return end_erasure(vault, story, error);
	/* A disk that takes no note can perhaps still forget a key: that comes first. */
	status = erase_key(vault, &story->voyage, error);
	return status == GH_OK ? vault->erased(vault->erased_ctx, story, error) : status;
}

enum gh_status gh_voyage_key_erase(
	const struct gh_vault *vault, const struct gh_gallery_erased *story, struct gh_error *error)
{
	enum gh_status status;

	if (!exists(vault, &story->voyage, "key"))
		return GH_OK;
	if (!vault->erased)
		return erase_key(vault, &story->voyage, error);
	if (!begin_ending(vault, &story->voyage))
		return gh_error_set(error, GH_BUSY, "the voyage's key is being erased");
	status = erase_and_tell(vault, story, error);
	end_ending(vault, &story->voyage);
	return status;
}

static enum gh_status settle(
	const struct gh_vault *vault, const struct gh_id *voyage, struct gh_error *error)
{
	struct gh_gallery_erased story;
	enum gh_status status;

	if (!begin_ending(vault, voyage))
		return gh_error_set(error, GH_BUSY, "the voyage's key is being erased");
	status = read_note(vault, voyage, &story, error);
	/* Its erasure was ended between listing and reading. */
	if (status == GH_OK)
		status = end_erasure(vault, &story, error);
	else if (status == GH_NOT_FOUND)
		status = GH_OK;
	end_ending(vault, voyage);
	return status;
}

enum gh_status gh_voyage_keys_settle(const struct gh_vault *vault, struct gh_error *error)
{
	struct gh_vault_entry *entries;
	size_t count;
	enum gh_status first;

	if (!vault->erased)
		return GH_OK;
	first = gh_vault_list(vault, &entries, &count, error);
	if (first != GH_OK)
		return first;
	for (size_t i = 0; i < count; i++) {
		enum gh_status status;

		if (entries[i].kind != GH_VAULT_ERASED)
			continue;
		status = settle(vault, &entries[i].voyage, first == GH_OK ? error : NULL);
		first = first == GH_OK ? status : first;
	}
	free(entries);
	return first;
}

/* The voyage's key. One that is there but cannot be unwrapped gives way to a new one. */
enum gh_status gh_voyage_key_ensure(const struct gh_vault *vault, const struct gh_id *voyage,
	struct gh_aead_key *key, struct gh_error *error)
{
	enum gh_status status = GH_OK;

	/* The end of an older key of this voyage is told before there is another. */
	if (vault->erased && exists(vault, voyage, "erased"))
		status = settle(vault, voyage, error);
	if (status == GH_OK)
		status = gh_voyage_key_open(vault, voyage, key, error);
	if (status != GH_NOT_FOUND && status != GH_INTEGRITY && status != GH_TRUNCATED &&
		status != GH_GONE)
		return status;
	gh_error_clear(error);
	return make_key(vault, voyage, key, error);
}

/* A key that is erased meanwhile is not brought back. */
static enum gh_status replace_key(const struct gh_vault *vault, const struct gh_id *voyage,
	struct gh_view rewrapped, struct gh_error *error)
{
	char path[PATH_BYTES];
	enum gh_status status = path_of(vault, voyage, "key", path, error);

	pthread_mutex_lock(&vault->keys->lock);
	if (status == GH_OK && exists(vault, voyage, "key") && !exists(vault, voyage, "erased"))
		status = gh_file_replace(path, rewrapped, 0600, error);
	pthread_mutex_unlock(&vault->keys->lock);
	return status;
}

static bool is_lost(enum gh_status status)
{
	return status == GH_INTEGRITY || status == GH_TRUNCATED || status == GH_MALFORMED ||
		status == GH_TOO_LARGE || status == GH_GONE;
}

static enum gh_status rewrap_one(
	const struct gh_vault *vault, const struct gh_id *voyage, struct gh_error *error)
{
	uint8_t context[sizeof(KEY_CONTEXT) + 16];
	struct gh_bytes wrapped = GH_BYTES_EMPTY;
	struct gh_bytes rewrapped = GH_BYTES_EMPTY;
	char path[PATH_BYTES];
	enum gh_status status = path_of(vault, voyage, "key", path, error);

	key_context(voyage, context);
	if (status == GH_OK)
		status = gh_file_read(path, KEY_BYTES_MAX, &wrapped, error);
	if (status == GH_OK)
		status = gh_provider_rewrap(vault->provider,
			(struct gh_view){ context, sizeof(context) }, gh_bytes_view(&wrapped),
			&rewrapped, error);
	if (status == GH_OK && !gh_view_equal(gh_bytes_view(&wrapped), gh_bytes_view(&rewrapped)))
		status = replace_key(vault, voyage, gh_bytes_view(&rewrapped), error);
	gh_bytes_finish(&wrapped);
	gh_bytes_finish(&rewrapped);
	if (is_lost(status))
		gh_log(GH_LOG_ERROR, "gallery", "key_damaged", gh_log_id("voyage", voyage),
			gh_log_status("status", status));
	return is_lost(status) || status == GH_NOT_FOUND ? GH_OK : status;
}

enum gh_status gh_voyage_keys_rewrap(const struct gh_vault *vault, struct gh_error *error)
{
	struct gh_vault_entry *entries;
	size_t count;
	enum gh_status status = gh_vault_list(vault, &entries, &count, error);

	if (status != GH_OK)
		return status;
	for (size_t i = 0; status == GH_OK && i < count; i++)
		if (entries[i].kind == GH_VAULT_KEY)
			status = rewrap_one(vault, &entries[i].voyage, error);
	free(entries);
	return status;
}
