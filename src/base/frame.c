/* SPDX-License-Identifier: Apache-2.0 */
/* The frame pool: slots made once, handed out and taken back without a lock. */
#include "gatehouse/base/frame.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/bytes.h"

#define ALIGNMENT_BYTES 64

/*
 * A slot is free while `busy` is false. Whoever turns it true owns the slot:
 * a taker, who makes it a frame of one reference; or the wiper, for a moment.
 * The frame lives while `references` is above zero, and the last unref turns
 * `busy` false again when all is cleaned up.
 */
struct slot {
	struct gh_frame frame; /* first: a frame's address is its slot's */
	struct gh_frame_pool *pool;
	uint8_t *memory;
	void (*release)(void *ctx);
	void *release_ctx;
	atomic_uint references;
	atomic_bool busy;
	atomic_bool wipe_due;
};

struct gh_frame_pool {
	atomic_uint holders; /* the owner and each frame that is out */
	uint8_t *block;
	size_t memory_bytes;
	uint32_t count;
	struct slot slots[];
};

const char *gh_pixel_format_name(enum gh_pixel_format format)
{
	switch (format) {
	case GH_PIXEL_GREY:
		return "grey";
	case GH_PIXEL_RGB24:
		return "rgb24";
	case GH_PIXEL_NV12:
		return "nv12";
	case GH_PIXEL_YUYV:
		return "yuyv";
	case GH_PIXEL_MJPEG:
		return "mjpeg";
	}
	return "unknown";
}

/* The distance between two slots' memories; 0 when it is beyond the address space. */
static size_t spacing_of(size_t memory_bytes)
{
	if (memory_bytes > SIZE_MAX - ALIGNMENT_BYTES)
		return 0;
	return (memory_bytes + ALIGNMENT_BYTES - 1) / ALIGNMENT_BYTES * ALIGNMENT_BYTES;
}

static enum gh_status take_block(struct gh_frame_pool *pool, struct gh_error *error)
{
	size_t spacing = spacing_of(pool->memory_bytes);
	uintptr_t start;

	if (pool->memory_bytes == 0 || pool->count == 0)
		return GH_OK;
	if (spacing == 0 || spacing > (SIZE_MAX - ALIGNMENT_BYTES) / pool->count)
		return gh_error_set(error, GH_NO_MEMORY, "frame pool beyond the address space");
	pool->block = calloc(1, spacing * pool->count + ALIGNMENT_BYTES);
	if (!pool->block)
		return gh_error_set(error, GH_NO_MEMORY, "frame pool: %u frames of %zu bytes",
			(unsigned)pool->count, pool->memory_bytes);

	start = (uintptr_t)pool->block % ALIGNMENT_BYTES;
	for (uint32_t i = 0; i < pool->count; i++)
		pool->slots[i].memory = pool->block + (ALIGNMENT_BYTES - start) + i * spacing;
	return GH_OK;
}

enum gh_status gh_frame_pool_create(
	uint32_t count, size_t memory_bytes, struct gh_frame_pool **pool, struct gh_error *error)
{
	struct gh_frame_pool *made;
	enum gh_status status;

	*pool = NULL;
	made = calloc(1, sizeof(*made) + (size_t)count * sizeof(made->slots[0]));
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "frame pool: %u slots", (unsigned)count);
	made->count = count;
	made->memory_bytes = memory_bytes;
	atomic_init(&made->holders, 1);
	for (uint32_t i = 0; i < count; i++)
		made->slots[i].pool = made;
	status = take_block(made, error);
	if (status != GH_OK) {
		free(made);
		return status;
	}
	*pool = made;
	return GH_OK;
}

static void wipe_slot(struct slot *slot)
{
	if (slot->memory)
		gh_wipe(slot->memory, slot->pool->memory_bytes);
}

static void drop_holder(struct gh_frame_pool *pool)
{
	if (atomic_fetch_sub(&pool->holders, 1) != 1)
		return;
	for (uint32_t i = 0; i < pool->count; i++)
		wipe_slot(&pool->slots[i]);
	free(pool->block);
	free(pool);
}

void gh_frame_pool_destroy(struct gh_frame_pool *pool)
{
	if (pool)
		drop_holder(pool);
}

static bool claim(struct slot *slot)
{
	bool free_slot = false;

	return atomic_compare_exchange_strong(&slot->busy, &free_slot, true);
}

/*
 * Give back a slot that is ours. A wiper that came too late to claim it has
 * left wipe_due behind: either we see that here, or it sees busy false.
 */
static void give_back(struct slot *slot)
{
	do {
		if (atomic_exchange(&slot->wipe_due, false))
			wipe_slot(slot);
		atomic_store(&slot->busy, false);
	} while (atomic_load(&slot->wipe_due) && claim(slot));
}

static struct slot *take_slot(struct gh_frame_pool *pool)
{
	for (uint32_t i = 0; i < pool->count; i++) {
		struct slot *slot = &pool->slots[i];

		if (!claim(slot))
			continue;
		atomic_fetch_add(&pool->holders, 1);
		memset(&slot->frame, 0, sizeof(slot->frame));
		slot->frame.exposure_us = GH_FRAME_UNKNOWN;
		slot->frame.gain_permille = GH_FRAME_UNKNOWN;
		slot->release = NULL;
		slot->release_ctx = NULL;
		atomic_store(&slot->references, 1);
		return slot;
	}
	return NULL;
}

struct gh_frame *gh_frame_take(struct gh_frame_pool *pool, uint8_t **memory, size_t *memory_bytes)
{
	struct slot *slot = take_slot(pool);

	*memory = slot ? slot->memory : NULL;
	*memory_bytes = slot ? pool->memory_bytes : 0;
	return slot ? &slot->frame : NULL;
}

struct gh_frame *gh_frame_lend(struct gh_frame_pool *pool, void (*release)(void *ctx), void *ctx)
{
	struct slot *slot = take_slot(pool);

	if (!slot)
		return NULL;
	slot->release = release;
	slot->release_ctx = ctx;
	return &slot->frame;
}

struct gh_frame *gh_frame_ref(struct gh_frame *frame)
{
	struct slot *slot = (struct slot *)frame;
	unsigned before = atomic_fetch_add(&slot->references, 1);

	assert(before > 0);
	(void)before;
	return frame;
}

void gh_frame_unref(struct gh_frame *frame)
{
	struct slot *slot = (struct slot *)frame;
	struct gh_frame_pool *pool;
	unsigned before;

	if (!frame)
		return;
	pool = slot->pool;
	before = atomic_fetch_sub(&slot->references, 1);
	assert(before > 0);
	if (before != 1)
		return;
	if (slot->release)
		slot->release(slot->release_ctx);
	give_back(slot);
	drop_holder(pool);
}

void gh_frame_pool_wipe(struct gh_frame_pool *pool)
{
	for (uint32_t i = 0; i < pool->count; i++) {
		struct slot *slot = &pool->slots[i];

		atomic_store(&slot->wipe_due, true);
		if (claim(slot))
			give_back(slot);
	}
}

static enum gh_status check_plane(const struct gh_plane *plane, uint32_t row_bytes, uint32_t rows,
	const char *what, struct gh_error *error)
{
	uint64_t needed = (uint64_t)plane->stride_bytes * (rows - 1) + row_bytes;

	if (!plane->data)
		return gh_error_set(error, GH_MALFORMED, "frame: %s has no memory", what);
	if (plane->stride_bytes < row_bytes)
		return gh_error_set(error, GH_MALFORMED, "frame: %s: stride %u below its row of %u",
			what, (unsigned)plane->stride_bytes, (unsigned)row_bytes);
	if (plane->length_bytes < needed)
		return gh_error_set(error, GH_MALFORMED,
			"frame: %s: %u bytes where %llu are needed", what,
			(unsigned)plane->length_bytes, (unsigned long long)needed);
	return GH_OK;
}

static enum gh_status check_jpeg(const struct gh_frame *frame, struct gh_error *error)
{
	if (!frame->planes[0].data || frame->planes[0].length_bytes == 0)
		return gh_error_set(error, GH_MALFORMED, "frame: an empty JPEG");
	if (frame->planes[0].stride_bytes != 0)
		return gh_error_set(error, GH_MALFORMED, "frame: a JPEG has no stride");
	return GH_OK;
}

static enum gh_status check_nv12(const struct gh_frame *frame, struct gh_error *error)
{
	uint32_t width = frame->width_px;
	uint32_t height = frame->height_px;
	enum gh_status status;

	if (width % 2 != 0 || height % 2 != 0)
		return gh_error_set(error, GH_MALFORMED, "frame: nv12 of odd size");
	status = check_plane(&frame->planes[0], width, height, "nv12 luma", error);
	if (status != GH_OK)
		return status;
	return check_plane(&frame->planes[1], width, height / 2, "nv12 chroma", error);
}

static enum gh_status check_yuyv(const struct gh_frame *frame, struct gh_error *error)
{
	if (frame->width_px % 2 != 0)
		return gh_error_set(error, GH_MALFORMED, "frame: yuyv of odd width");
	return check_plane(&frame->planes[0], 2 * frame->width_px, frame->height_px, "yuyv", error);
}

static bool side_fits(uint32_t side_px)
{
	return side_px >= 1 && side_px <= GH_FRAME_SIDE_MAX_PX;
}

enum gh_status gh_frame_check(const struct gh_frame *frame, struct gh_error *error)
{
	if (!side_fits(frame->width_px) || !side_fits(frame->height_px))
		return gh_error_set(error, GH_MALFORMED, "frame: %u x %u px, sides are 1 to %d",
			(unsigned)frame->width_px, (unsigned)frame->height_px,
			GH_FRAME_SIDE_MAX_PX);
	if (frame->format != GH_PIXEL_NV12 && frame->planes[1].data)
		return gh_error_set(error, GH_MALFORMED, "frame: %s has one plane only",
			gh_pixel_format_name(frame->format));

	switch (frame->format) {
	case GH_PIXEL_GREY:
		return check_plane(
			&frame->planes[0], frame->width_px, frame->height_px, "grey", error);
	case GH_PIXEL_RGB24:
		return check_plane(
			&frame->planes[0], 3 * frame->width_px, frame->height_px, "rgb24", error);
	case GH_PIXEL_NV12:
		return check_nv12(frame, error);
	case GH_PIXEL_YUYV:
		return check_yuyv(frame, error);
	case GH_PIXEL_MJPEG:
		return check_jpeg(frame, error);
	}
	return gh_error_set(error, GH_MALFORMED, "frame: format %d", (int)frame->format);
}
