/* SPDX-License-Identifier: Apache-2.0 */
/* What lies in the gallery's folder without a reason: found and erased. */
#include <stdlib.h>

#include "gatehouse/base/log.h"

#include "slots.h"
#include "voyage_key.h"

/* A write that still goes on has a younger file. */
#define PART_AGE_MS (10 * 60 * 1000)

static bool held(struct gh_gallery *gallery, const struct gh_id *voyage)
{
	bool found;

	pthread_mutex_lock(&gallery->mutex);
	found = gh_slot_find(gallery, voyage) != NULL;
	pthread_mutex_unlock(&gallery->mutex);
	return found;
}

/* Whether files of the voyage, which is not held, still need their key: those set aside do. */
static bool key_needed(
	const struct gh_vault_entry *entries, size_t count, const struct gh_id *voyage)
{
	for (size_t i = 0; i < count; i++)
		if (entries[i].kind == GH_VAULT_DAMAGED && gh_id_equal(&entries[i].voyage, voyage))
			return true;
	return false;
}

/* Whether entry i has no reason to be there any more. */
static bool stray(struct gh_gallery *gallery, const struct gh_vault_entry *entries, size_t count,
	size_t i, int64_t now_ms)
{
	const struct gh_vault_entry *entry = &entries[i];

	if (entry->kind == GH_VAULT_ERASED)
		return false;
	if (entry->kind == GH_VAULT_PART) /* a write that still goes on has a fresh one */
		return now_ms - entry->modified_ms >= PART_AGE_MS;
	if (held(gallery, &entry->voyage))
		return false;
	if (now_ms - entry->modified_ms >= gallery->options.kept_max_ms)
		return true;
	if (entry->kind == GH_VAULT_KEY)
		return !key_needed(entries, count, &entry->voyage);
	return entry->kind != GH_VAULT_DAMAGED;
}

/* A key without a voyage is told of as others are: of its times only that of its file is known. */
static enum gh_status erase_stray(
	struct gh_gallery *gallery, const struct gh_vault_entry *entry, struct gh_error *error)
{
	const struct gh_clock *clock = gallery->options.clock;
	struct gh_gallery_erased story = { .voyage = entry->voyage,
		.loaded_ms = entry->modified_ms,
		.deleted_ms = clock->real_ms(clock),
		.quality = clock->quality(clock) };

	if (entry->kind != GH_VAULT_KEY)
		return gh_vault_erase_entry(&gallery->vault, entry, error);
	return gh_voyage_key_erase(&gallery->vault, &story, error);
}

/* Erase what an erasure that failed or a write that was cut off left behind, and what is set
 * aside, by age. */
void gh_gallery_clear_folder(struct gh_gallery *gallery)
{
	int64_t now_ms = gallery->options.clock->real_ms(gallery->options.clock);
	struct gh_vault_entry *entries;
	struct gh_error told = GH_ERROR_NONE;
	size_t count;

	if (!gh_files_take(gallery))
		return;
	if (gh_voyage_keys_settle(&gallery->vault, &told) != GH_OK)
		gh_log(GH_LOG_ERROR, "gallery", "erasure not told", gh_log_error(&told));
	if (gh_vault_list(&gallery->vault, &entries, &count, NULL) != GH_OK)
		goto give;
	for (size_t i = 0; i < count; i++) {
		struct gh_error error = GH_ERROR_NONE;

		if (stray(gallery, entries, count, i, now_ms) &&
			erase_stray(gallery, &entries[i], &error) != GH_OK)
			gh_log(GH_LOG_ERROR, "gallery", "stray file", gh_log_error(&error));
	}
	free(entries);
give:
	gh_files_give(gallery);
}
