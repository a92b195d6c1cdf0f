/* SPDX-License-Identifier: Apache-2.0 */
/* An uplink with its keys, a queue in memory behind it and a clock that a test moves. */
#ifndef GATEHOUSE_TESTS_SUPPORT_UPLINK_RIG_H
#define GATEHOUSE_TESTS_SUPPORT_UPLINK_RIG_H

#include <pthread.h>
#include <stdatomic.h>

#include "fake_centre.h"
#include "gatehouse/uplink/uplink.h"

#define RIG_ITEMS_MAX 3000
#define RIG_VOYAGES_MAX 8
#define RIG_PHOTO_BYTES 3000

/* One thing to deliver, and what came of it. */
struct rig_item {
	struct gh_id id;
	bool out;
	uint32_t attempts;
	uint64_t due_us;
	uint32_t verdicts[4]; /* by verdict */
	uint32_t receipts;    /* that came with them */
	char reason[32];      /* of the last one */
	char detail[64];
	uint64_t delay_ms;
};

/* Time that runs only when a test says so; also for threads. */
struct rig_clock {
	struct gh_clock clock;
	atomic_ullong us;
	atomic_bool runs; /* with the system's clock instead */
};

struct rig {
	char folder[128];
	struct rig_clock clock;
	struct gh_uplink_options options;
	char url[64];
	char files[3][256];
	struct gh_uplink *uplink;
	pthread_t thread;
	bool started;
	bool heartbeats; /* there are some; options say how often */

	pthread_mutex_t lock; /* of all below */
	struct rig_item items[RIG_ITEMS_MAX];
	size_t item_count;
	size_t out_now;
	size_t out_most;
	uint64_t takes;
	uint64_t beats; /* heartbeats that were made */
	bool photos;    /* it gives photographs of RIG_PHOTO_BYTES instead of records */
	bool refuses;   /* the source gives nothing but GH_IO */
	char etag[65];  /* of every voyage held */
	struct gh_id bundles[RIG_VOYAGES_MAX];
	char bundle_text[64]; /* what the last bundle held */
	size_t bundle_count;
	struct gh_id withdrawn[RIG_VOYAGES_MAX];
	size_t withdrawn_count;
	struct gh_id persons[RIG_VOYAGES_MAX];
	size_t person_count;
	struct gh_id held[RIG_VOYAGES_MAX];
	size_t held_count;
};

/* Keys in a folder of their own, options with short times; no thread yet. */
void rig_make(struct rig *rig);
void rig_remove(struct rig *rig);

/* A fake centre with the rig's good certificate, and the rig's address set to it. */
struct fake_centre *rig_centre(struct rig *rig, fake_decide *decide, void *ctx);

/* Path of a file in the rig's keys. Valid until the next but one call. */
const char *rig_key(const struct rig *rig, const char *name);

/* Put n items in line. */
void rig_put(struct rig *rig, size_t n);

/* Run the uplink on a thread; stop it, which asserts that it ends cancelled. */
void rig_start(struct rig *rig);
void rig_stop(struct rig *rig);

/* Wait, at most 20 s of real time, until done says so; false when it never did. */
bool rig_wait(struct rig *rig, bool (*done)(struct rig *rig));

/* Move the clock on and wake the uplink. */
void rig_advance(struct rig *rig, uint64_t ms);

/* Whether every item has had as many verdicts in all; or has been delivered. */
bool rig_all_judged(struct rig *rig);
bool rig_all_delivered(struct rig *rig);

#endif
