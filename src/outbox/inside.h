/* SPDX-License-Identifier: Apache-2.0 */
/* What the outbox's source files share: the object, its lock, its steps. */
#ifndef GATEHOUSE_SRC_OUTBOX_INSIDE_H
#define GATEHOUSE_SRC_OUTBOX_INSIDE_H

#include <pthread.h>

#include "database.h"
#include "gatehouse/crypto/hash.h"
#include "gatehouse/outbox/erasing.h"
#include "gatehouse/outbox/outbox.h"
#include "gatehouse/outbox/receipts.h"
#include "item_state.h"

/* Verdicts that could not be written: their items wait again at the next take. */
#define STRAYS_MAX 64

struct gh_outbox {
	pthread_mutex_t lock;
	struct database database;
	char folder[4096];
	uint64_t size_max_bytes;
	uint64_t free_disk_min_bytes;
	uint64_t items_max;
	uint32_t receipt_days;
	struct gh_sealer sealer;
	const struct gh_clock *clock;
	uint64_t generation; /* no wrapped key is under a newer one */
	uint64_t rewraps;    /* begun: what was sealed before the newest is sealed once more */

	uint64_t counts[ITEM_GONE]; /* rows by state; taken back with the transaction */
	uint64_t counts_before[ITEM_GONE];
	int64_t strays[STRAYS_MAX];
	size_t stray_count;

	bool doubtful; /* a put failed for the disk's sake: it is tried before the next one */

	/* At the last look for photographs whose time is over: to see a clock that is set back. */
	bool offset_known;
	int64_t offset_ms; /* of the real clock to the monotonic one */
	int64_t number_last;

	/* While gh_outbox_expire_photos() calls back: for whom, and on which thread. */
	bool erasing;
	pthread_t erasing_thread;
	struct gh_id erasing_encounter;
};

/* The row of an item as a step needs it. */
struct item_row {
	int64_t number;
	enum item_state state;
	uint8_t hash[GH_SHA256_BYTES];
};

/* Take the lock and begin; finish commits or takes back, and gives the lock away. */
enum gh_status outbox_begin(
	struct gh_outbox *outbox, enum durability durability, struct gh_error *error);
enum gh_status outbox_finish(
	struct gh_outbox *outbox, enum gh_status status, struct gh_error *error);

/* GH_OK and *row, or GH_NOT_FOUND. Inside a transaction, as all below. */
enum gh_status outbox_find(struct gh_outbox *outbox, const struct gh_item *item,
	struct item_row *row, struct gh_error *error);

/* Count one row from one state to another; ITEM_GONE on either side is outside. */
void outbox_count(struct gh_outbox *outbox, enum item_state from, enum item_state to, uint64_t n);

/* Milliseconds of a limit to come as microseconds by the monotonic clock, from now. */
int64_t outbox_destroy_us(
	const struct gh_outbox *outbox, int64_t captured_ms, int64_t destroy_by_ms);

/* Longest that a limit is ahead: ten years, so that nothing overflows. */
#define LIMIT_AHEAD_MAX_MS INT64_C(315360000000)

/* Inside the transaction of an acknowledgement: keep the centre's receipt, let old ones go. */
enum gh_status outbox_keep_receipt(struct gh_outbox *outbox, const struct gh_item *item,
	const struct item_row *row, const struct gh_receipt *receipt, struct gh_error *error);

/* Apply event to a row; GH_WRONG_STATE when its state does not allow it. */
enum gh_status outbox_step(struct gh_outbox *outbox, const struct item_row *row,
	enum item_event event, struct gh_error *error);

/* What a put came to: one that the disk refused makes the outbox doubt it. */
void outbox_note_put(struct gh_outbox *outbox, enum gh_status status);

/* Whether the disk takes what is written; tries it when the last put failed. Under the lock. */
bool outbox_writable(struct gh_outbox *outbox);

/* Everything held. */
uint64_t outbox_item_count(const struct gh_outbox *outbox);

/* Whether bytes more in items more have room: GH_OK or GH_FULL. An addendum may use the reserve. */
enum gh_status outbox_room(struct gh_outbox *outbox, enum gh_item_kind kind, uint64_t body_bytes,
	uint64_t items, struct gh_error *error);

/* Remember that an encounter's clock was in doubt. Within a transaction. */
enum gh_status outbox_insert_doubtful(struct gh_outbox *outbox, const struct gh_id *encounter,
	int64_t base_ms, struct gh_error *error);

/* Inside a transaction: an officer's word on this encounter is waited for. */
enum gh_status outbox_insert_awaited(struct gh_outbox *outbox, const struct gh_id *encounter,
	const struct gh_awaited_word *awaits, struct gh_error *error);

/* What a body is sealed for: the item's id and kind. */
#define SEAL_CONTEXT_BYTES 17
void outbox_context(
	const struct gh_id *id, enum gh_item_kind kind, uint8_t context[SEAL_CONTEXT_BYTES]);

#endif
