/* SPDX-License-Identifier: Apache-2.0 */
/* A camera frame: reference-counted memory that is never copied after the driver. */
#ifndef GATEHOUSE_BASE_FRAME_H
#define GATEHOUSE_BASE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Widest and tallest frame any driver may deliver. */
#define GH_FRAME_SIDE_MAX_PX 8192

/** How the pixels lie in memory. */
enum gh_pixel_format {
	GH_PIXEL_GREY,  /**< plane 0: 1 byte a pixel */
	GH_PIXEL_RGB24, /**< plane 0: R, G, B bytes */
	GH_PIXEL_NV12,  /**< plane 0: Y; plane 1: Cb Cr pairs, half size both ways */
	GH_PIXEL_YUYV,  /**< plane 0: Y0 Cb Y1 Cr for two pixels, even width */
	GH_PIXEL_MJPEG, /**< plane 0: one JPEG; stride 0; length_bytes is its size */
};

/** "grey", "rgb24", "nv12", "yuyv", "mjpeg"; "unknown" otherwise. */
const char *gh_pixel_format_name(enum gh_pixel_format format);

/** One plane: data inside the frame's memory, its row distance and its length. */
struct gh_plane {
	uint8_t *data;
	uint32_t stride_bytes;
	uint32_t length_bytes;
};

/** What a value is when the driver cannot tell. */
#define GH_FRAME_UNKNOWN UINT32_MAX

/**
 * A frame. All fields are set before the first hand-over and then only read.
 *
 * capture_us is CLOCK_MONOTONIC at the start of exposure as the driver's own
 * clock tells it, or at arrival if it has none (then `arrival_time` is true).
 * sequence counts what the device produced: a gap is that many lost frames.
 */
struct gh_frame {
	uint32_t width_px;
	uint32_t height_px;
	enum gh_pixel_format format;
	struct gh_plane planes[2];
	uint64_t capture_us;
	uint64_t sequence;
	uint32_t exposure_us;   /**< or GH_FRAME_UNKNOWN */
	uint32_t gain_permille; /**< 1000 is unity; or GH_FRAME_UNKNOWN */
	bool arrival_time;
	bool damaged; /**< the driver knows that pixels are missing */
};

struct gh_frame_pool;

/**
 * Make a pool of count frames with memory_bytes each, all memory taken now.
 *
 * GH_OK, or GH_NO_MEMORY. The caller owns *pool. Nothing below allocates.
 */
GH_MUST_USE enum gh_status gh_frame_pool_create(
	uint32_t count, size_t memory_bytes, struct gh_frame_pool **pool, struct gh_error *error);

/**
 * Wipe and free the pool once the last of its frames has come back. NULL safe.
 * Frames still out keep it alive: the pool goes with the last unref.
 */
void gh_frame_pool_destroy(struct gh_frame_pool *pool);

/**
 * Take a free frame with one reference, its memory as large as asked at
 * create; planes are unset. NULL when all are out (count it as a drop).
 * Any thread; does not block.
 */
struct gh_frame *gh_frame_take(struct gh_frame_pool *pool, uint8_t **memory, size_t *memory_bytes);

/**
 * Make a frame over memory of the driver's own (dmabuf, mmap). release is
 * called with ctx, on the thread of the last unref, and must not block.
 * NULL when the pool has no free frame.
 */
struct gh_frame *gh_frame_lend(struct gh_frame_pool *pool, void (*release)(void *ctx), void *ctx);

/** One more reference. Returns frame. Any thread. */
struct gh_frame *gh_frame_ref(struct gh_frame *frame);

/** One reference less; the last wipes pool memory if asked to. NULL safe. Any thread. */
void gh_frame_unref(struct gh_frame *frame);

/**
 * Wipe every free frame of the pool now and every other one on its return:
 * called at the end of a passage. Any thread. Bounded by the memory's size.
 */
void gh_frame_pool_wipe(struct gh_frame_pool *pool);

/**
 * Whether planes, strides and lengths agree with format and size, and sides
 * are 1..GH_FRAME_SIDE_MAX_PX. GH_OK or GH_MALFORMED with the reason. Every
 * consumer may rely on it: device checks each frame of a driver by this.
 */
GH_MUST_USE enum gh_status gh_frame_check(const struct gh_frame *frame, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
