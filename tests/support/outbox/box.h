/* SPDX-License-Identifier: Apache-2.0 */
/* An outbox in a folder of its own, with a clock moved by hand and a sealer that can refuse. */
#ifndef GATEHOUSE_TESTS_SUPPORT_OUTBOX_BOX_H
#define GATEHOUSE_TESTS_SUPPORT_OUTBOX_BOX_H

#include "gatehouse/outbox/outbox.h"
#include "gatehouse/outbox/receipts.h"

struct box {
	char folder[128];
	struct gh_clock_manual clock;
	struct gh_outbox_options options;
	struct gh_outbox *outbox;
	enum gh_status seal_says; /* GH_OK: seal and open work */
	enum gh_status open_says;
	enum gh_status rewrap_says;
	uint8_t generation; /* that seal and rewrap use; one less opens too, older ones are gone */
};

/* A new folder below parent (NULL: $TMPDIR, else one in memory), no bounds; not open yet. */
void box_make(struct box *box, const char *parent);

/* Close and remove the folder with all in it. */
void box_remove(struct box *box);

/* Open; aborts the test program when that fails. */
void box_open(struct box *box);
void box_close(struct box *box);
void box_reopen(struct box *box);

/* Paths of files in the folder, in a static buffer of two that take turns. */
const char *box_path(const struct box *box, const char *name);

/* The id that number n stands for; different families never meet. */
struct gh_id box_id(char family, uint32_t n);
uint32_t box_number(const struct gh_id *id);

/* JSON-like and JPEG-like bodies that tell their number; valid until the next call. */
struct gh_view box_json(uint32_t n);
struct gh_view box_photo(uint32_t n, size_t length_bytes);

/* Put encounter n with a photograph of so many bytes (0: none). */
enum gh_status box_put(struct box *box, uint32_t n, size_t photo_bytes, struct gh_error *error);

/* Take; the item or, when nothing is due, an item without body and status GH_NOT_FOUND. */
enum gh_status box_take(struct box *box, struct gh_item *item);

/* Take the next and acknowledge it: its kind is asserted. */
void box_deliver(struct box *box, enum gh_item_kind kind, const struct gh_id *id);

/* A receipt for an item that was taken, as if it had been verified: key tells keys apart. */
struct gh_receipt box_receipt(const struct gh_item *item, uint8_t key, int64_t received_ms);

/* The state, which must be readable. */
struct gh_outbox_state box_state(struct box *box);

/* The seed of this run: GATEHOUSE_SEED or the given one; printed once. */
uint32_t box_seed(uint32_t usual);

/* Whether full counts are asked for. */
bool box_long(void);

#endif
