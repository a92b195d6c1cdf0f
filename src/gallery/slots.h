/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the gallery: the voyages it holds and the lock they are under. */
#ifndef GALLERY_SLOTS_H
#define GALLERY_SLOTS_H

#include <pthread.h>

#include "gatehouse/base/clock.h"

#include "ended.h"
#include "table.h"
#include "vault.h"

/*
 * One voyage. A slot is in one of four states:
 *
 *	free        serving is NULL
 *	first       serving grows: it is the only version, pending is NULL, complete is false
 *	complete    serving is done, pending is NULL
 *	renewing    serving is frozen, pending is the newest version and grows
 *
 *	free -> first          load
 *	free -> complete       read from the folder
 *	first, complete -> renewing    load of a newer version
 *	renewing -> renewing   load of a still newer version; the unfinished one becomes `donor`
 *	first, renewing -> complete    the enrolment thread has done the newest version
 *	any -> free            drop, expire
 *
 * Searches see `serving` without the persons whom the newest version removed (flags).
 */
struct gh_slot {
	struct gh_table *serving;
	struct gh_table *pending;
	struct gh_table *donor; /* unfinished version whose templates are used again */
	struct gh_flags *flags; /* of serving's persons; GH_FLAG_... */
	size_t removed_persons; /* of serving, by flags */
	size_t removed_persons_with;
	size_t removed_rows;
	bool complete;
	int64_t loaded_ms;  /* of the voyage's first version: the key's age */
	uint64_t loaded_us; /* the same by the monotonic clock of this process */
};

/*
 * The gallery. The mutex guards slots, generation, files_busy and what table.h says grows under
 * it. Nothing that belongs to another room is called while it is held.
 */
struct gh_gallery {
	struct gh_gallery_options options;
	struct gh_vault vault;
	float look_alike_score;
	pthread_mutex_t mutex;
	struct gh_key_desk keys;
	struct gh_slot slots[GH_GALLERY_VOYAGES_MAX];
	struct gh_ended_list ended;
	uint64_t generation;   /* grows when a person stops being matched */
	bool files_busy;       /* somebody stores a voyage or clears the folder */
	atomic_bool enrolling; /* a thread is inside gh_gallery_enrol_next() */
};

/* The newest version taken up. */
static inline struct gh_table *gh_slot_newest(const struct gh_slot *slot)
{
	return slot->pending ? slot->pending : slot->serving;
}

/* The slot of a voyage, or NULL. Under the mutex. */
struct gh_slot *gh_slot_find(struct gh_gallery *gallery, const struct gh_id *voyage);

/* Whether the voyage is searched at a time, by its newest schedule. */
bool gh_slot_active(const struct gh_gallery *gallery, const struct gh_slot *slot, int64_t now_ms);

/* When the voyage is over: 0 if nobody knows. */
int64_t gh_voyage_end_ms(const struct gh_voyage *voyage);

/* What is told of a voyage whose key is deleted now. */
struct gh_gallery_erased gh_gallery_story(const struct gh_gallery *gallery,
	const struct gh_voyage *voyage, int64_t loaded_ms, bool withdrawn);

/* Take or give back the right to write in the folder. Take returns false when another has it. */
bool gh_files_take(struct gh_gallery *gallery);
void gh_files_give(struct gh_gallery *gallery);

/*
 * Refuse a bundle of a voyage that is over since from_ms, and note it: it would be erased at once,
 * so it is not enrolled, and its bundle not fetched again. GH_OK or GH_REFUSED.
 */
enum gh_status gh_ended_refuse(struct gh_gallery *gallery, const struct gh_bundle *bundle,
	int64_t from_ms, int64_t now_ms, struct gh_error *error);

/* Erase what an erasure that failed or a write that was cut off left in the folder. */
void gh_gallery_clear_folder(struct gh_gallery *gallery);

/* Write which persons of serving the newest version removed, so that a restart knows them too. */
void gh_gallery_store_removed(struct gh_gallery *gallery, const struct gh_id *voyage);

#endif
