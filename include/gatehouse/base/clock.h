/* SPDX-License-Identifier: Apache-2.0 */
/* Time: a monotonic clock for waiting, a real clock for records, and its quality. */
#ifndef GATEHOUSE_BASE_CLOCK_H
#define GATEHOUSE_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How far the real clock can be trusted; stands in every record. */
enum gh_clock_quality {
	GH_CLOCK_UNKNOWN,  /**< the kernel cannot say */
	GH_CLOCK_UNSYNCED, /**< the kernel says: not synchronised */
	GH_CLOCK_SYNCED,   /**< the kernel says: synchronised */
};

/** The word that stands in records: "unknown", "unsynced", "synced". */
const char *gh_clock_quality_name(enum gh_clock_quality quality);

/**
 * A source of time. The system's, or a test's own that is moved by hand.
 *
 * Both functions may be called from any thread and do not block.
 */
struct gh_clock {
	/** Microseconds of CLOCK_MONOTONIC: never jumps, counts from boot. */
	uint64_t (*monotonic_us)(const struct gh_clock *clock);

	/** Milliseconds since 1970-01-01 UTC: may jump. */
	int64_t (*real_ms)(const struct gh_clock *clock);

	/** What the kernel says of the real clock (adjtimex(2)). */
	enum gh_clock_quality (*quality)(const struct gh_clock *clock);
};

/** The system's clock. Never NULL, never freed. */
const struct gh_clock *gh_clock_system(void);

/** A clock that stands still until a test moves it. */
struct gh_clock_manual {
	struct gh_clock clock;
	uint64_t monotonic_us;
	int64_t real_ms;
	enum gh_clock_quality quality;
};

/** Set up a manual clock at the given times; pass &manual->clock on. */
void gh_clock_manual_init(struct gh_clock_manual *manual, uint64_t monotonic_us, int64_t real_ms);

/** Move both times on. One thread at a time. */
void gh_clock_manual_advance(struct gh_clock_manual *manual, uint64_t step_us);

/** Bytes of an RFC 3339 text "2026-11-24T15:08:09.123Z", its NUL included. */
#define GH_TIME_TEXT_BYTES 32

/**
 * Write real_ms as RFC 3339 in UTC with milliseconds; a time outside the years
 * 1970 to 9999 is written as the nearest in them. Any thread.
 */
void gh_time_format(int64_t real_ms, char text[GH_TIME_TEXT_BYTES]);

/**
 * Read RFC 3339 with "Z" or an offset, 0 to 9 digits of fraction.
 *
 * GH_OK, or GH_MALFORMED and *real_ms is 0. Years 1970 to 9999. Digits beyond
 * the millisecond are cut. A leap second (23:59:60 UTC only) counts as the first
 * second of the next day. Any thread.
 */
GH_MUST_USE enum gh_status gh_time_parse(
	const char *text, int64_t *real_ms, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
