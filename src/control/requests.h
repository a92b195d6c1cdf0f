/* SPDX-License-Identifier: Apache-2.0 */
/* From one request line to one answer line. */
#ifndef GATEHOUSE_SRC_CONTROL_REQUESTS_H
#define GATEHOUSE_SRC_CONTROL_REQUESTS_H

#include "audit.h"
#include "gatehouse/control/control.h"

/* What a request needs to be carried out. */
struct request_scene {
	const struct gh_control_hands *hands;
	const struct gh_clock *clock;
	int audit;
};

/*
 * Carry out one request line (no newline) of a peer who may ask, and append
 * the answer line with its newline to the empty *answer. An error is an answer; nothing is appended
 * only when there is no memory for that either.
 */
void requests_serve(const struct request_scene *scene, const struct peer *peer, struct gh_view line,
	struct gh_bytes *answer);

#endif
