/* SPDX-License-Identifier: Apache-2.0 */
/* What the lane holds of people, why, and until when: in numbers, of nobody in particular. */
#ifndef GATEHOUSE_HEALTH_RETENTION_H
#define GATEHOUSE_HEALTH_RETENTION_H

#include "gatehouse/erasure/round.h"
#include "gatehouse/gallery/gallery.h"
#include "gatehouse/outbox/outbox.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a retention report is made of. Pointers are borrowed for the call. */
struct gh_retention_report {
	struct gh_outbox *outbox;
	struct gh_gallery *gallery;
	struct gh_erasure *erasure;
	enum gh_provider_strength strength;
	const struct gh_clock *clock;
	uint32_t other_hours;   /**< of class "other", as set */
	uint32_t gallery_hours; /**< a voyage is kept at most, as set */
};

/**
 * Append the report as one JSON object: "held" (records, photographs and
 * addenda by class: count, bytes, first capture, first and last limit, why),
 * "voyages" (each: persons, templates, limit, why), "overdue" (photographs past
 * their limit) and "erasure" (what is deleted and waits for its master to go,
 * the next round, the log, what an erasure withstands). No id of a record and
 * nothing personal is in it.
 *
 * GH_OK, GH_NO_MEMORY, or what the outbox says. Any thread. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_health_retention_json(
	const struct gh_retention_report *report, struct gh_bytes *json, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
