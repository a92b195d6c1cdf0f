/* SPDX-License-Identifier: Apache-2.0 */
/* What a lane can see itself that somebody should look after, before it hurts. */
#ifndef GATEHOUSE_HEALTH_WARNINGS_H
#define GATEHOUSE_HEALTH_WARNINGS_H

#include "gatehouse/health/health.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Days left of a certificate, below which it is warned of; see gh_health_warnings(). */
#define GH_WARNING_CERTIFICATE_DAYS 30

/** Free space of the disk, below which it is warned of. */
#define GH_WARNING_DISK_PERMILLE 100

/** One warning. */
enum gh_warning {
	GH_WARNING_CERTIFICATE_ENDS, /**< the lane's own */
	GH_WARNING_AUTHORITY_ENDS,   /**< the centre's authority */
	GH_WARNING_DISK_FILLS,
	GH_WARNING_CLOCK_UNSYNCED,
	GH_WARNING_COUNT
};

/** The word for JSON and metrics: "certificate_ends", ... */
const char *gh_warning_name(enum gh_warning warning);

/** One sentence for a technician: what it is, and what to do. */
const char *gh_warning_text(enum gh_warning warning);

/**
 * The warnings that stand, as bits by enum gh_warning. A certificate is warned of
 * in its last fifth and with less than GH_WARNING_CERTIFICATE_DAYS left: so are
 * those that live for days and those that live for years. What is unknown is not
 * warned of. Any thread; does not block.
 */
uint32_t gh_health_warnings(const struct gh_health *health);

#ifdef __cplusplus
}
#endif

#endif
