/* SPDX-License-Identifier: Apache-2.0 */
/* The gallery: which voyages are held, from loading to erasure. */
#include "gatehouse/gallery/gallery.h"

#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/log.h"

#include "slots.h"
#include "voyage_key.h"

struct gh_slot *gh_slot_find(struct gh_gallery *gallery, const struct gh_id *voyage)
{
	for (size_t i = 0; i < GH_GALLERY_VOYAGES_MAX; i++) {
		struct gh_slot *slot = &gallery->slots[i];

		if (slot->serving && gh_id_equal(&slot->serving->voyage.id, voyage))
			return slot;
	}
	return NULL;
}

/* Now, by both clocks; read before the mutex is taken. */
struct moment {
	int64_t real_ms;
	uint64_t monotonic_us;
};

static struct moment now(const struct gh_gallery *gallery)
{
	const struct gh_clock *clock = gallery->options.clock;

	return (struct moment){ clock->real_ms(clock), clock->monotonic_us(clock) };
}

int64_t gh_voyage_end_ms(const struct gh_voyage *voyage)
{
	return voyage->passage_end_ms != 0 ? voyage->passage_end_ms : voyage->departure_ms;
}

/* A voyage without a schedule is searched as long as it is held. */
bool gh_slot_active(const struct gh_gallery *gallery, const struct gh_slot *slot, int64_t now_ms)
{
	const struct gh_voyage *voyage = &gh_slot_newest(slot)->voyage;
	const struct gh_gallery_options *options = &gallery->options;

	if (voyage->departure_ms != 0 && now_ms < voyage->departure_ms - options->active_before_ms)
		return false;
	return gh_voyage_end_ms(voyage) == 0 ||
		now_ms <= gh_voyage_end_ms(voyage) + options->active_after_ms;
}

/* From when on the voyage's time is over and nothing of it may be kept. */
static int64_t over_from_ms(
	const struct gh_gallery *gallery, const struct gh_voyage *voyage, int64_t loaded_ms)
{
	int64_t kept_ms = loaded_ms + gallery->options.kept_max_ms;
	int64_t scheduled_ms = gh_voyage_end_ms(voyage) + GH_GALLERY_ERASED_AFTER_MS;

	return gh_voyage_end_ms(voyage) != 0 && scheduled_ms < kept_ms ? scheduled_ms : kept_ms;
}

static bool over(const struct gh_gallery *gallery, const struct gh_voyage *voyage,
	int64_t loaded_ms, int64_t now_ms)
{
	return now_ms >= over_from_ms(gallery, voyage, loaded_ms);
}

/* The same for a slot; a real clock that was set back does not keep it longer. */
static int64_t slot_over_from_ms(
	const struct gh_gallery *gallery, const struct gh_slot *slot, struct moment at)
{
	uint64_t kept_ms = (at.monotonic_us - slot->loaded_us) / 1000;

	if (kept_ms >= (uint64_t)gallery->options.kept_max_ms)
		return INT64_MIN;
	return over_from_ms(gallery, &gh_slot_newest(slot)->voyage, slot->loaded_ms);
}

bool gh_files_take(struct gh_gallery *gallery)
{
	bool taken;

	pthread_mutex_lock(&gallery->mutex);
	taken = !gallery->files_busy;
	gallery->files_busy = true;
	pthread_mutex_unlock(&gallery->mutex);
	return taken;
}

void gh_files_give(struct gh_gallery *gallery)
{
	pthread_mutex_lock(&gallery->mutex);
	gallery->files_busy = false;
	pthread_mutex_unlock(&gallery->mutex);
}

static void drop_tables(struct gh_slot *slot)
{
	gh_table_unref(slot->serving);
	gh_table_unref(slot->pending);
	gh_table_unref(slot->donor);
	gh_flags_unref(slot->flags);
	*slot = (struct gh_slot){ .serving = NULL };
}

/* Flags of serving that say whom the newest version removed; NULL without memory. */
static struct gh_flags *flags_of_removed(const struct gh_slot *slot, const struct gh_table *newest)
{
	const struct gh_voyage *voyage = &slot->serving->voyage;
	struct gh_flags *flags = gh_flags_create(voyage->person_count);

	for (size_t i = 0; flags && i < voyage->person_count; i++) {
		flags->bits[i] = slot->flags->bits[i] & GH_FLAG_LOOK_ALIKE;
		if (gh_table_find(newest, &voyage->persons[i].id) < 0)
			flags->bits[i] |= GH_FLAG_REMOVED;
	}
	return flags;
}

/* Put new flags in the old ones' place and count what they take out. */
static void set_flags(struct gh_slot *slot, struct gh_flags *flags)
{
	const struct gh_table *table = slot->serving;

	gh_flags_unref(slot->flags);
	slot->flags = flags;
	slot->removed_persons = 0;
	slot->removed_persons_with = 0;
	slot->removed_rows = 0;
	for (size_t i = 0; i < flags->count; i++) {
		if (!(flags->bits[i] & GH_FLAG_REMOVED))
			continue;
		slot->removed_persons++;
		slot->removed_persons_with += table->of_person[i].row_count > 0;
		slot->removed_rows += table->of_person[i].row_count;
	}
}

static struct gh_slot *free_slot(struct gh_gallery *gallery)
{
	for (size_t i = 0; i < GH_GALLERY_VOYAGES_MAX; i++)
		if (!gallery->slots[i].serving)
			return &gallery->slots[i];
	return NULL;
}

/* Rows of the newest versions of all voyages but one. */
static uint64_t rows_besides(const struct gh_gallery *gallery, const struct gh_slot *besides)
{
	uint64_t rows = 0;

	for (size_t i = 0; i < GH_GALLERY_VOYAGES_MAX; i++) {
		const struct gh_slot *slot = &gallery->slots[i];

		if (slot->serving && slot != besides)
			rows += gh_slot_newest(slot)->rows.capacity;
	}
	return rows;
}

/* Take a voyage up that is not held yet: complete when read from the folder. */
static enum gh_status take_up(struct gh_gallery *gallery, struct gh_table *table,
	struct moment loaded, bool complete, struct gh_error *error)
{
	struct gh_slot *slot = free_slot(gallery);
	struct gh_flags *flags;

	if (!slot)
		return gh_error_set(error, GH_FULL, "%d voyages are held", GH_GALLERY_VOYAGES_MAX);
	if (complete) {
		flags = gh_flags_ref(table->flags);
	} else {
		/* The check writes the table's own flags while searches read the slot's. */
		flags = gh_flags_create(table->voyage.person_count);
	}
	if (!flags)
		return gh_error_set(error, GH_NO_MEMORY, "voyage");
	slot->serving = table;
	slot->flags = flags;
	slot->complete = complete;
	slot->loaded_ms = loaded.real_ms;
	slot->loaded_us = loaded.monotonic_us;
	return GH_OK;
}

/*
 * Let a newer version be enrolled behind the one that serves. *left is what the slot has no more
 * use for; it is unreferenced without the mutex.
 */
static enum gh_status renew(struct gh_gallery *gallery, struct gh_slot *slot,
	struct gh_table *table, struct gh_table **left, struct gh_error *error)
{
	struct gh_flags *flags = flags_of_removed(slot, table);

	if (!flags)
		return gh_error_set(error, GH_NO_MEMORY, "voyage");
	if (slot->pending) {
		*left = slot->donor;
		slot->donor = slot->pending;
	}
	slot->pending = table;
	set_flags(slot, flags);
	gallery->generation++;
	return GH_OK;
}

static enum gh_status check_newer(
	const struct gh_slot *slot, const struct gh_voyage *voyage, struct gh_error *error)
{
	uint32_t held = gh_slot_newest(slot)->voyage.version;

	if (voyage->version > held)
		return GH_OK;
	return gh_error_set(error, GH_EXISTS, "voyage version %u: %u is there",
		(unsigned)voyage->version, (unsigned)held);
}

/* Under the mutex. On GH_OK a slot has taken the table over; *renewed: one that held a version. */
static enum gh_status publish(struct gh_gallery *gallery, struct gh_table *table,
	struct moment loaded, bool *renewed, struct gh_table **left, struct gh_error *error)
{
	struct gh_slot *slot = gh_slot_find(gallery, &table->voyage.id);
	enum gh_status status = GH_OK;

	*renewed = slot != NULL;
	if (slot)
		status = check_newer(slot, &table->voyage, error);
	if (status != GH_OK)
		return status;
	if (rows_besides(gallery, slot) + table->rows.capacity > gallery->options.rows_max)
		return gh_error_set(error, GH_FULL, "gallery: %zu templates more than it holds",
			table->rows.capacity);
	return slot ? renew(gallery, slot, table, left, error)
		    : take_up(gallery, table, loaded, false, error);
}

/* A first look, so that a version that is there costs no memory. */
static enum gh_status check_load(
	struct gh_gallery *gallery, const struct gh_voyage *voyage, struct gh_error *error)
{
	const struct gh_slot *slot;
	enum gh_status status = GH_OK;

	if (voyage->version == 0 || gh_id_is_none(&voyage->id))
		return gh_error_set(error, GH_MALFORMED, "voyage without id or version");
	pthread_mutex_lock(&gallery->mutex);
	slot = gh_slot_find(gallery, &voyage->id);
	if (slot)
		status = check_newer(slot, voyage, error);
	pthread_mutex_unlock(&gallery->mutex);
	if (status == GH_OK && gh_voyage_portraits(voyage) > gallery->options.rows_max)
		return gh_error_set(error, GH_FULL, "gallery: the voyage alone is too large");
	return status;
}

enum gh_status gh_gallery_load(
	struct gh_gallery *gallery, struct gh_bundle *bundle, struct gh_error *error)
{
	const struct gh_voyage *voyage = gh_bundle_voyage(bundle);
	struct moment loaded = now(gallery);
	struct gh_table *table;
	struct gh_table *left = NULL;
	struct gh_id id = voyage->id;
	enum gh_status status = check_load(gallery, voyage, error);
	bool renewed;

	if (status == GH_OK)
		status = gh_ended_refuse(gallery, bundle,
			over_from_ms(gallery, voyage, loaded.real_ms), loaded.real_ms, error);
	if (status != GH_OK)
		return status;
	status = gh_table_create(
		voyage, gh_voyage_portraits(voyage), gallery->options.padding_rows, &table, error);
	if (status != GH_OK)
		return status;
	gh_bundle_hash(bundle, &table->hash);
	table->waiting = gh_voyage_portraits(voyage);
	table->bundle = bundle;
	gh_log(GH_LOG_INFO, "gallery", "load", gh_log_id("voyage", &id),
		gh_log_integer("version", voyage->version),
		gh_log_integer("persons", (int64_t)table->voyage.person_count),
		gh_log_integer("portraits", (int64_t)table->waiting));

	pthread_mutex_lock(&gallery->mutex);
	status = publish(gallery, table, loaded, &renewed, &left, error);
	pthread_mutex_unlock(&gallery->mutex);
	gh_table_unref(left);
	if (status != GH_OK) {
		table->bundle = NULL;
		gh_table_unref(table);
		return status;
	}
	if (renewed)
		gh_gallery_store_removed(gallery, &id);
	return GH_OK;
}

/* The ids that flags take out of serving, and the version that did. */
static bool collect_removed(struct gh_gallery *gallery, const struct gh_id *voyage,
	struct gh_bytes *ids, uint32_t *version)
{
	const struct gh_slot *slot;
	bool any = false;

	pthread_mutex_lock(&gallery->mutex);
	slot = gh_slot_find(gallery, voyage);
	if (slot && slot->pending &&
		ids->capacity_bytes >= slot->removed_persons * sizeof(struct gh_id)) {
		*version = slot->pending->voyage.version;
		any = true;
		for (size_t i = 0; i < slot->flags->count; i++) {
			if (!(slot->flags->bits[i] & GH_FLAG_REMOVED))
				continue;
			memcpy(ids->data + ids->length_bytes,
				slot->serving->voyage.persons[i].id.bytes, sizeof(struct gh_id));
			ids->length_bytes += sizeof(struct gh_id);
		}
	}
	pthread_mutex_unlock(&gallery->mutex);
	return any;
}

void gh_gallery_store_removed(struct gh_gallery *gallery, const struct gh_id *voyage)
{
	struct gh_bytes ids = GH_BYTES_EMPTY;
	struct gh_error error = GH_ERROR_NONE;
	uint32_t version = 0;
	enum gh_status status;

	status = gh_bytes_reserve(&ids, GH_VOYAGE_PERSONS_MAX * sizeof(struct gh_id), &error);
	if (status == GH_OK && collect_removed(gallery, voyage, &ids, &version))
		status = gh_vault_store_removed(
			&gallery->vault, voyage, version, gh_bytes_view(&ids), &error);
	gh_bytes_finish(&ids);
	if (status != GH_OK && status != GH_NOT_FOUND)
		gh_log(GH_LOG_ERROR, "gallery", "removals not stored", gh_log_id("voyage", voyage),
			gh_log_error(&error));
}

/* Take a voyage out of the searches, then erase it. */
static enum gh_status erase_slot(
	struct gh_gallery *gallery, struct gh_slot *taken, bool withdrawn, struct gh_error *error)
{
	struct gh_gallery_erased story = gh_gallery_story(
		gallery, &gh_slot_newest(taken)->voyage, taken->loaded_ms, withdrawn);
	struct gh_word why = withdrawn ? GH_WORD("dropped") : GH_WORD("time_over");
	enum gh_status status;

	drop_tables(taken);
	status = gh_vault_erase(&gallery->vault, &story, error);
	gh_log(status == GH_OK ? GH_LOG_NOTICE : GH_LOG_ERROR, "gallery", "erase",
		gh_log_id("voyage", &story.voyage), gh_log_word("why", why),
		gh_log_status("status", status));
	return status;
}

enum gh_status gh_gallery_drop(
	struct gh_gallery *gallery, const struct gh_id *voyage, struct gh_error *error)
{
	struct gh_slot taken = { .serving = NULL };
	struct gh_slot *slot;

	pthread_mutex_lock(&gallery->mutex);
	slot = gh_slot_find(gallery, voyage);
	if (slot) {
		taken = *slot;
		*slot = (struct gh_slot){ .serving = NULL };
		gallery->generation++;
	}
	pthread_mutex_unlock(&gallery->mutex);
	if (!taken.serving)
		return gh_error_set(error, GH_NOT_FOUND, "the gallery does not hold the voyage");
	return erase_slot(gallery, &taken, true, error);
}

/* Move one voyage whose time is over out of the gallery; false when there is none. */
static bool take_over(struct gh_gallery *gallery, struct gh_slot *taken)
{
	struct moment at = now(gallery);
	struct gh_ended ended;
	bool found = false;

	pthread_mutex_lock(&gallery->mutex);
	for (size_t i = 0; i < GH_GALLERY_VOYAGES_MAX && !found; i++) {
		struct gh_slot *slot = &gallery->slots[i];

		if (!slot->serving)
			continue;
		ended.from_ms = slot_over_from_ms(gallery, slot, at);
		if (at.real_ms < ended.from_ms)
			continue;
		ended.voyage = slot->serving->voyage.id;
		ended.hash = gh_slot_newest(slot)->hash;
		gh_ended_note(&gallery->ended, &ended);
		*taken = *slot;
		*slot = (struct gh_slot){ .serving = NULL };
		gallery->generation++;
		found = true;
	}
	pthread_mutex_unlock(&gallery->mutex);
	return found;
}

size_t gh_gallery_expire(struct gh_gallery *gallery)
{
	struct gh_slot taken;
	size_t count = 0;

	for (; take_over(gallery, &taken); count++) {
		struct gh_error error = GH_ERROR_NONE;

		if (erase_slot(gallery, &taken, false, &error) != GH_OK)
			gh_log(GH_LOG_ERROR, "gallery", "erase", gh_log_error(&error));
	}
	gh_gallery_clear_folder(gallery);
	return count;
}

/* Flag the persons of these ids in a voyage that was read from the folder. */
static enum gh_status flag_removed(
	struct gh_slot *slot, const struct gh_bytes *ids, struct gh_error *error)
{
	struct gh_flags *flags = gh_flags_create(slot->flags->count);

	if (!flags)
		return gh_error_set(error, GH_NO_MEMORY, "voyage");
	memcpy(flags->bits, slot->flags->bits, flags->count);
	for (size_t at = 0; at < ids->length_bytes; at += sizeof(struct gh_id)) {
		struct gh_id id;
		int64_t person;

		memcpy(id.bytes, ids->data + at, sizeof(id.bytes));
		person = gh_table_find(slot->serving, &id);
		if (person >= 0)
			flags->bits[person] |= GH_FLAG_REMOVED;
	}
	set_flags(slot, flags);
	return GH_OK;
}

static enum gh_status apply_removed(
	struct gh_gallery *gallery, const struct gh_vault_entry *entry, struct gh_error *error)
{
	struct gh_slot *slot = gh_slot_find(gallery, &entry->voyage);
	struct gh_bytes ids = GH_BYTES_EMPTY;
	enum gh_status status;

	if (!slot || entry->version <= slot->serving->voyage.version)
		return GH_OK;
	status = gh_vault_read_removed(&gallery->vault, entry, &ids, error);
	if (status == GH_OK)
		status = flag_removed(slot, &ids, error);
	gh_bytes_finish(&ids);
	return status;
}

/*
 * Without its list of removals a voyage might match who is off the list: it is taken out, and its
 * files are set aside until it is loaded anew.
 */
static void set_aside(struct gh_gallery *gallery, const struct gh_vault_entry *entries,
	size_t count, const struct gh_id *voyage)
{
	struct gh_slot *slot = gh_slot_find(gallery, voyage);

	if (slot)
		drop_tables(slot);
	for (size_t i = 0; i < count; i++)
		if (gh_id_equal(&entries[i].voyage, voyage) &&
			(entries[i].kind == GH_VAULT_GALLERY ||
				entries[i].kind == GH_VAULT_REMOVED))
			gh_vault_set_aside(&gallery->vault, &entries[i]);
}

/* Read one gallery file into a slot of its own. */
static enum gh_status read_entry(
	struct gh_gallery *gallery, const struct gh_vault_entry *entry, struct gh_error *error)
{
	struct moment at = now(gallery);
	struct gh_parts_reader reader = {
		.calibration = gallery->options.calibration,
		.padding = gallery->options.padding_rows,
	};
	struct gh_table *table = NULL;
	uint64_t used = rows_besides(gallery, NULL) + reader.padding;
	struct moment loaded = at;
	enum gh_status status;

	reader.rows_max =
		used < gallery->options.rows_max ? (size_t)(gallery->options.rows_max - used) : 0;
	status = gh_vault_read(&gallery->vault, entry, &reader, error);
	if (status == GH_OK)
		status = gh_parts_complete(&reader, &table, error);
	loaded.real_ms = reader.loaded_ms;
	gh_parts_finish(&reader);
	if (status != GH_OK)
		return status;
	if (over(gallery, &table->voyage, loaded.real_ms, at.real_ms)) {
		struct gh_gallery_erased story =
			gh_gallery_story(gallery, &table->voyage, loaded.real_ms, false);

		gh_table_unref(table);
		return gh_vault_erase(&gallery->vault, &story, error);
	}
	status = take_up(gallery, table, loaded, true, error);
	if (status != GH_OK)
		gh_table_unref(table);
	return status;
}

/* Whether a status speaks of the file itself and not of this machine's state. */
static bool of_the_file(enum gh_status status)
{
	return status == GH_MALFORMED || status == GH_TRUNCATED || status == GH_INTEGRITY ||
		status == GH_UNSUPPORTED || status == GH_TOO_LARGE || status == GH_NOT_FOUND ||
		status == GH_GONE;
}

static enum gh_status read_galleries(struct gh_gallery *gallery,
	const struct gh_vault_entry *entries, size_t count, struct gh_error *error)
{
	for (size_t i = 0; i < count; i++) {
		struct gh_error told = GH_ERROR_NONE;
		enum gh_status status;

		if (entries[i].kind != GH_VAULT_GALLERY ||
			gh_slot_find(gallery, &entries[i].voyage))
			continue;
		status = read_entry(gallery, &entries[i], &told);
		if (status == GH_NO_MEMORY)
			return gh_error_set(error, status, "%s", told.text);
		if (status != GH_OK)
			gh_log(GH_LOG_ERROR, "gallery", "file not loaded", gh_log_error(&told));
		if (of_the_file(status))
			gh_vault_set_aside(&gallery->vault, &entries[i]);
	}
	return GH_OK;
}

/* They come newest first: of each voyage the first list counts. */
static enum gh_status read_removals(struct gh_gallery *gallery,
	const struct gh_vault_entry *entries, size_t count, struct gh_error *error)
{
	const struct gh_id *last = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct gh_vault_entry *entry = &entries[i];
		struct gh_error told = GH_ERROR_NONE;
		enum gh_status status;

		if (entry->kind != GH_VAULT_REMOVED || (last && gh_id_equal(last, &entry->voyage)))
			continue;
		last = &entry->voyage;
		status = apply_removed(gallery, entry, &told);
		if (status == GH_OK)
			continue;
		if (status == GH_NO_MEMORY)
			return gh_error_set(error, status, "%s", told.text);
		gh_log(GH_LOG_ERROR, "gallery", "removals not loaded", gh_log_error(&told));
		set_aside(gallery, entries, count, &entry->voyage);
	}
	return GH_OK;
}

static enum gh_status read_folder(struct gh_gallery *gallery, struct gh_error *error)
{
	struct gh_vault_entry *entries;
	size_t count;
	enum gh_status status = gh_vault_list(&gallery->vault, &entries, &count, error);

	if (status != GH_OK)
		return status;
	status = read_galleries(gallery, entries, count, error);
	if (status == GH_OK)
		status = read_removals(gallery, entries, count, error);
	free(entries);
	return status;
}

/* Scores of one chain mean nothing by the curves of another. */
static enum gh_status check_options(
	const struct gh_gallery_options *options, struct gh_error *error)
{
	const struct gh_model_chain *measured = &gh_calibration_facts(options->calibration)->chain;

	if (memcmp(measured->bytes, options->chain.bytes, sizeof(measured->bytes)) != 0)
		return gh_error_set(
			error, GH_SETTINGS, "gallery: the calibration is of another model chain");
	return GH_OK;
}

enum gh_status gh_gallery_create(const struct gh_gallery_options *options,
	struct gh_gallery **gallery, struct gh_error *error)
{
	enum gh_status status = check_options(options, error);
	struct gh_gallery *made;

	*gallery = NULL;
	if (status != GH_OK)
		return status;
	made = calloc(1, sizeof(*made));
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "gallery");
	made->options = *options;
	made->options.folder = made->vault.folder;
	made->look_alike_score =
		gh_calibration_score(options->calibration, options->fmr_look_alike, NULL);
	atomic_init(&made->enrolling, false);
	if (pthread_mutex_init(&made->mutex, NULL) != 0) {
		free(made);
		return gh_error_set(error, GH_NO_MEMORY, "gallery: mutex");
	}
	pthread_mutex_init(&made->keys.lock, NULL);
	made->vault.keys = &made->keys;
	made->vault.erased = options->erased;
	made->vault.erased_ctx = options->erased_ctx;
	status = gh_vault_init(
		&made->vault, options->folder, options->provider, &options->chain, error);
	/* Not told now is told later: what is being erased is not loaded in any case. */
	if (status == GH_OK && gh_voyage_keys_settle(&made->vault, error) != GH_OK)
		gh_log_bare(GH_LOG_ERROR, "gallery", "erasure not told");
	if (status == GH_OK)
		status = read_folder(made, error);
	if (status != GH_OK) {
		gh_gallery_destroy(made);
		gh_error_wrap(error, "gallery");
		return status;
	}
	*gallery = made;
	return GH_OK;
}

void gh_gallery_destroy(struct gh_gallery *gallery)
{
	if (!gallery)
		return;
	for (size_t i = 0; i < GH_GALLERY_VOYAGES_MAX; i++)
		drop_tables(&gallery->slots[i]);
	pthread_mutex_destroy(&gallery->mutex);
	pthread_mutex_destroy(&gallery->keys.lock);
	free(gallery);
}

static void add_to_state(const struct gh_slot *slot, bool active, struct gh_gallery_state *state)
{
	const struct gh_table *newest = gh_slot_newest(slot);

	state->voyages++;
	state->voyages_active += active;
	state->persons += newest->voyage.person_count;
	state->templates +=
		gh_rows_count(&slot->serving->rows) - slot->serving->padding - slot->removed_rows;
	state->padding += slot->serving->padding;
	state->waiting += newest->waiting;
	state->unusable += newest->unusable;
	state->look_alikes += newest->look_alikes;
}

struct gh_gallery_state gh_gallery_state(struct gh_gallery *gallery)
{
	struct gh_gallery_state state = { .voyages = 0 };
	int64_t now_ms = now(gallery).real_ms;

	pthread_mutex_lock(&gallery->mutex);
	for (size_t i = 0; i < GH_GALLERY_VOYAGES_MAX; i++) {
		const struct gh_slot *slot = &gallery->slots[i];

		if (slot->serving)
			add_to_state(slot, gh_slot_active(gallery, slot, now_ms), &state);
	}
	pthread_mutex_unlock(&gallery->mutex);
	return state;
}

size_t gh_gallery_voyages(struct gh_gallery *gallery, struct gh_gallery_voyage *voyages)
{
	int64_t now_ms = now(gallery).real_ms;
	size_t count = 0;

	pthread_mutex_lock(&gallery->mutex);
	for (size_t i = 0; i < GH_GALLERY_VOYAGES_MAX; i++) {
		const struct gh_slot *slot = &gallery->slots[i];

		if (!slot->serving)
			continue;
		voyages[count++] = (struct gh_gallery_voyage){
			.id = slot->serving->voyage.id,
			.version = gh_slot_newest(slot)->voyage.version,
			.hash = gh_slot_newest(slot)->hash,
			.active = gh_slot_active(gallery, slot, now_ms),
			.test = gh_slot_newest(slot)->voyage.test,
			.departure_ms = gh_slot_newest(slot)->voyage.departure_ms,
		};
	}
	pthread_mutex_unlock(&gallery->mutex);
	return count;
}

/* Copy a voyage's findings out, so that the callback runs without the lock. */
static enum gh_status copy_findings(const struct gh_slot *slot,
	struct gh_gallery_finding **findings, size_t *count, struct gh_error *error)
{
	const struct gh_table *table = slot->serving;

	*count = table->finding_count;
	*findings = calloc(*count + 1, sizeof(**findings));
	if (!*findings)
		return gh_error_set(error, GH_NO_MEMORY, "%zu findings", *count);
	if (*count > 0)
		memcpy(*findings, table->findings, *count * sizeof(**findings));
	return GH_OK;
}

enum gh_status gh_gallery_check(struct gh_gallery *gallery, const struct gh_id *voyage,
	void (*call)(void *ctx, const struct gh_gallery_finding *finding), void *ctx,
	struct gh_error *error)
{
	bool found = voyage == NULL;

	for (size_t i = 0; i < GH_GALLERY_VOYAGES_MAX; i++) {
		const struct gh_slot *slot = &gallery->slots[i];
		struct gh_gallery_finding *findings = NULL;
		enum gh_status status = GH_OK;
		size_t count = 0;

		pthread_mutex_lock(&gallery->mutex);
		if (slot->serving && (!voyage || gh_id_equal(&slot->serving->voyage.id, voyage))) {
			found = true;
			status = copy_findings(slot, &findings, &count, error);
		}
		pthread_mutex_unlock(&gallery->mutex);
		if (status != GH_OK)
			return status;
		for (size_t k = 0; k < count; k++)
			call(ctx, &findings[k]);
		free(findings);
	}
	return found ? GH_OK : gh_error_set(error, GH_NOT_FOUND, "the voyage is not held");
}
