/* SPDX-License-Identifier: Apache-2.0 */
/* The enrolment thread's side of the gallery: portraits to templates, version by version. */
#include <string.h>

#include "gatehouse/base/log.h"

#include "check.h"
#include "slots.h"

/* What one call does at most, where it does not enrol. */
enum {
	REUSED_MAX = 64,
	STRANGERS_MAX = 128,
	STRANGERS_AT_ONCE = 8
};
#define CHECK_PRODUCTS_MAX 2000000u

/* The table in work, with a reference of this call's own, and where old templates can be had. */
struct work {
	struct gh_table *table;
	struct gh_table *donors[2]; /* newest first; may be NULL */
	int64_t loaded_ms;
};

/* Find a version that is not complete. References are the caller's: finish_work(). */
static bool find_work(struct gh_gallery *gallery, struct work *work)
{
	bool found = false;

	*work = (struct work){ .table = NULL };
	pthread_mutex_lock(&gallery->mutex);
	for (size_t i = 0; i < GH_GALLERY_VOYAGES_MAX && !found; i++) {
		struct gh_slot *slot = &gallery->slots[i];

		if (!slot->serving || (slot->complete && !slot->pending))
			continue;
		found = true;
		work->table = gh_table_ref(gh_slot_newest(slot));
		work->loaded_ms = slot->loaded_ms;
		if (slot->donor)
			work->donors[0] = gh_table_ref(slot->donor);
		if (slot->pending)
			work->donors[1] = gh_table_ref(slot->serving);
	}
	pthread_mutex_unlock(&gallery->mutex);
	return found;
}

static void drop_donors(struct work *work)
{
	gh_table_unref(work->donors[0]);
	gh_table_unref(work->donors[1]);
	work->donors[0] = NULL;
	work->donors[1] = NULL;
}

static void finish_work(struct work *work)
{
	drop_donors(work);
	gh_table_unref(work->table);
}

/* The slot whose newest version the table is, or NULL: then the work on it is for nothing. */
static struct gh_slot *slot_of(struct gh_gallery *gallery, const struct gh_table *table)
{
	struct gh_slot *slot = gh_slot_find(gallery, &table->voyage.id);

	return slot && gh_slot_newest(slot) == table ? slot : NULL;
}

static void pad(struct gh_gallery *gallery, struct gh_table *table)
{
	struct gh_template strangers[STRANGERS_AT_ONCE];

	for (size_t done = 0; done < STRANGERS_MAX && table->padding < table->padding_wanted;) {
		size_t left = table->padding_wanted - table->padding;
		size_t count = left < STRANGERS_AT_ONCE ? left : STRANGERS_AT_ONCE;

		gh_table_draw(table, gallery->options.calibration, strangers, count);
		pthread_mutex_lock(&gallery->mutex);
		for (size_t i = 0; i < count && slot_of(gallery, table); i++)
			if (gh_table_add(table, GH_ROW_STRANGER, &strangers[i], NULL, NULL) !=
				GH_OK)
				table->padding_wanted--;
		pthread_mutex_unlock(&gallery->mutex);
		done += count;
	}
	if (table->padding >= table->padding_wanted)
		table->phase = GH_TABLE_ENROLLING;
}

/* The template an older version made of the same portrait of the same person, or NULL. */
static const struct gh_template *find_reusable(
	const struct work *work, const struct gh_id *person, const struct gh_table_row *source)
{
	for (size_t d = 0; d < 2; d++) {
		const struct gh_table *donor = work->donors[d];
		int64_t index = donor ? gh_table_find(donor, person) : -1;
		const struct gh_table_person *place;

		if (index < 0)
			continue;
		place = &donor->of_person[index];
		for (uint32_t i = 0; i < place->row_count; i++) {
			const struct gh_table_row *old = &donor->sources[place->first_row + i];

			if (old->length_bytes == source->length_bytes &&
				gh_sha256_equal(&old->hash, &source->hash))
				return gh_rows_template(&donor->rows, place->first_row + i);
		}
	}
	return NULL;
}

static void move_on(struct gh_table *table, const struct gh_person *person)
{
	table->waiting--;
	if (++table->next_portrait < person->portrait_count)
		return;
	table->next_portrait = 0;
	table->next_person++;
}

/* What came of one portrait goes into the table, unless a newer version has come meanwhile. */
static void deliver(struct gh_gallery *gallery, struct gh_table *table,
	const struct gh_template *reference, const struct gh_table_row *source,
	struct gh_gallery_finding *finding)
{
	uint32_t index = (uint32_t)table->next_person;
	const struct gh_person *person = &table->voyage.persons[index];

	finding->voyage = table->voyage.id;
	finding->row = person->row;
	finding->portrait = source->portrait;
	pthread_mutex_lock(&gallery->mutex);
	if (slot_of(gallery, table)) {
		if (finding->status == GH_OK)
			finding->status = gh_table_add(table, index, reference, source, NULL);
		if (finding->status != GH_OK || finding->reason != GH_REASON_NONE)
			gh_table_note(table, finding);
		move_on(table, person);
	}
	pthread_mutex_unlock(&gallery->mutex);
}

/*
 * Enrol one picture, or find out why not. Only want of memory is returned, to be tried again: a
 * picture that makes the engine fail must not hold up those behind it.
 */
static enum gh_status enrol(struct gh_enroller *enroller, struct gh_view picture,
	struct gh_enrolment *enrolment, struct gh_gallery_finding *finding, struct gh_error *error)
{
	enum gh_status status = gh_enroller_enrol(enroller, picture, enrolment, error);

	if (status == GH_NO_MEMORY)
		return status;
	finding->status = status;
	if (status == GH_OK)
		finding->reason = enrolment->reason;
	else if (status == GH_NO_FACE)
		finding->reason = GH_REASON_NO_FACE;
	return GH_OK;
}

/* The next portrait: read, then used again or enrolled. *reused says which. */
static enum gh_status enrol_portrait(struct gh_gallery *gallery, struct work *work,
	struct gh_enroller *enroller, bool *reused, struct gh_error *error)
{
	struct gh_table *table = work->table;
	const struct gh_person *person = &table->voyage.persons[table->next_person];
	struct gh_table_row source = { .portrait = table->next_portrait };
	struct gh_gallery_finding finding = { .status = GH_OK };
	struct gh_bytes picture = GH_BYTES_EMPTY;
	struct gh_enrolment enrolment;
	const struct gh_template *old;
	enum gh_status status;

	*reused = false;
	memset(&enrolment, 0, sizeof(enrolment));
	status = gh_bundle_portrait(table->bundle, person, source.portrait, &picture, error);
	if (status == GH_NO_MEMORY)
		return status;
	finding.status = status;
	source.length_bytes = (uint32_t)picture.length_bytes;
	if (status == GH_OK)
		status = gh_sha256_of(gh_bytes_view(&picture), &source.hash, error);
	else
		status = GH_OK;
	if (status != GH_OK)
		goto finish_picture;
	old = finding.status == GH_OK ? find_reusable(work, &person->id, &source) : NULL;
	*reused = old != NULL;
	if (!old && finding.status == GH_OK)
		status = enrol(enroller, gh_bytes_view(&picture), &enrolment, &finding, error);
	if (status == GH_OK)
		deliver(gallery, table, old ? old : &enrolment.reference, &source, &finding);
finish_picture:
	gh_bytes_finish(&picture);
	gh_wipe(&enrolment, sizeof(enrolment));
	return status;
}

/* Pass over persons without portraits; whether nobody is left. */
static bool all_enrolled(struct gh_table *table)
{
	while (table->next_person < table->voyage.person_count &&
		table->voyage.persons[table->next_person].portrait_count == 0)
		table->next_person++;
	return table->next_person == table->voyage.person_count;
}

static enum gh_status enrol_some(struct gh_gallery *gallery, struct work *work,
	struct gh_enroller *enroller, struct gh_error *error)
{
	struct gh_table *table = work->table;
	bool reused = true;

	for (int i = 0; i < REUSED_MAX && reused && !all_enrolled(table); i++) {
		enum gh_status status = enrol_portrait(gallery, work, enroller, &reused, error);

		if (status != GH_OK)
			return status;
		if (table->next_person == table->voyage.person_count)
			break;
	}
	if (!all_enrolled(table))
		return GH_OK;
	gh_bundle_close(table->bundle);
	table->bundle = NULL;
	table->phase = GH_TABLE_CHECKING;
	return GH_OK;
}

static void check(struct gh_gallery *gallery, struct gh_table *table)
{
	struct gh_check_slice slice;
	bool done = gh_check_slice(table, gallery->look_alike_score, CHECK_PRODUCTS_MAX, &slice);

	pthread_mutex_lock(&gallery->mutex);
	for (size_t i = 0; i < slice.count; i++)
		gh_table_note(table, &slice.pairs[i]);
	table->look_alikes += slice.beyond;
	pthread_mutex_unlock(&gallery->mutex);
	gh_wipe(&slice, sizeof(slice));
	if (done)
		table->phase = GH_TABLE_STORING;
}

/* Let the finished table serve. *left is what the slot has no more use for. */
static bool serve(struct gh_gallery *gallery, struct gh_table *table, struct gh_table *left[2],
	struct gh_flags **old_flags)
{
	struct gh_slot *slot = slot_of(gallery, table);

	if (!slot)
		return false;
	left[0] = slot->donor;
	left[1] = slot->pending ? slot->serving : NULL;
	*old_flags = slot->flags;
	slot->donor = NULL;
	slot->pending = NULL;
	slot->serving = table;
	slot->flags = gh_flags_ref(table->flags);
	slot->removed_persons = 0;
	slot->removed_persons_with = 0;
	slot->removed_rows = 0;
	slot->complete = true;
	return true;
}

static void log_complete(const struct gh_table *table)
{
	gh_log(GH_LOG_INFO, "gallery", "complete", gh_log_id("voyage", &table->voyage.id),
		gh_log_integer("version", table->voyage.version),
		gh_log_integer("persons", (int64_t)table->voyage.person_count),
		gh_log_integer(
			"templates", (int64_t)(gh_rows_count(&table->rows) - table->padding)),
		gh_log_integer("padding", (int64_t)table->padding),
		gh_log_integer("unusable", (int64_t)table->unusable),
		gh_log_integer("look_alikes", (int64_t)table->look_alikes));
}

/* After a store: what happened meanwhile to the voyage must hold for its files too. */
static void settle_files(
	struct gh_gallery *gallery, const struct gh_table *table, int64_t loaded_ms)
{
	struct gh_gallery_erased story = gh_gallery_story(gallery, &table->voyage, loaded_ms, true);
	bool held;
	bool renewed;

	pthread_mutex_lock(&gallery->mutex);
	held = gh_slot_find(gallery, &table->voyage.id) != NULL;
	renewed = held && slot_of(gallery, table) == NULL;
	pthread_mutex_unlock(&gallery->mutex);
	if (!held && gh_vault_erase(&gallery->vault, &story, NULL) != GH_OK)
		gh_log(GH_LOG_ERROR, "gallery", "voyage dropped while stored: not erased",
			gh_log_id("voyage", &table->voyage.id));
	if (renewed)
		gh_gallery_store_removed(gallery, &table->voyage.id);
}

/*
 * The last step. It serves first and is stored then: a full disk must not keep a gallery from
 * being used. While somebody clears the folder the step is put off to the next call.
 */
static enum gh_status complete(
	struct gh_gallery *gallery, struct work *work, struct gh_error *error)
{
	struct gh_table *table = work->table;
	struct gh_table *left[2] = { NULL, NULL };
	struct gh_flags *old_flags = NULL;
	enum gh_status status;
	bool served;

	if (!gh_files_take(gallery))
		return GH_OK;
	pthread_mutex_lock(&gallery->mutex);
	served = serve(gallery, table, left, &old_flags);
	pthread_mutex_unlock(&gallery->mutex);
	gh_table_unref(left[0]);
	gh_table_unref(left[1]);
	gh_flags_unref(old_flags);
	table->phase = GH_TABLE_DONE;
	if (!served) {
		gh_files_give(gallery);
		return GH_OK;
	}
	log_complete(table);
	/* Storing takes as much memory again as the older version, which nobody needs now. */
	drop_donors(work);
	status = gh_vault_store(&gallery->vault, table, work->loaded_ms, error);
	settle_files(gallery, table, work->loaded_ms);
	gh_files_give(gallery);
	return status;
}

static enum gh_status step(struct gh_gallery *gallery, struct work *work,
	struct gh_enroller *enroller, struct gh_error *error)
{
	switch (work->table->phase) {
	case GH_TABLE_PADDING:
		pad(gallery, work->table);
		return GH_OK;
	case GH_TABLE_ENROLLING:
		return enrol_some(gallery, work, enroller, error);
	case GH_TABLE_CHECKING:
		check(gallery, work->table);
		return GH_OK;
	case GH_TABLE_STORING:
		return complete(gallery, work, error);
	case GH_TABLE_DONE:
		break;
	}
	return GH_OK;
}

enum gh_status gh_gallery_enrol_next(
	struct gh_gallery *gallery, struct gh_enroller *enroller, struct gh_error *error)
{
	struct gh_model_chain chain;
	struct work work;
	enum gh_status status = GH_NOT_FOUND;

	gh_enroller_chain(enroller, &chain);
	if (memcmp(chain.bytes, gallery->options.chain.bytes, sizeof(chain.bytes)) != 0)
		return gh_error_set(error, GH_CONFLICT, "enrolment is of another model chain");
	if (atomic_exchange(&gallery->enrolling, true))
		return gh_error_set(error, GH_WRONG_STATE, "a thread is enrolling already");
	if (find_work(gallery, &work)) {
		status = step(gallery, &work, enroller, error);
		finish_work(&work);
	}
	atomic_store(&gallery->enrolling, false);
	return status;
}
