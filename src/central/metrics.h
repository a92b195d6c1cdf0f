/* SPDX-License-Identifier: Apache-2.0 */
/* What the centre counts of itself, and how Prometheus is told. */
#ifndef GATEHOUSE_SRC_CENTRAL_METRICS_H
#define GATEHOUSE_SRC_CENTRAL_METRICS_H

#include "gatehouse/base/exposition.h"
#include "request.h"

/* What a request came to: 2xx and 3xx, 4xx, 5xx. */
enum metrics_outcome {
	METRICS_DONE,
	METRICS_REFUSED,
	METRICS_FAILED,
	METRICS_OUTCOMES
};

#define METRICS_BOUNDS 12

/* Since the start; of the service's thread. */
struct metrics {
	uint64_t requests[ENDPOINT_COUNT + 1][METRICS_OUTCOMES]; /* the last: of no path of ours */
	uint64_t seconds[METRICS_BOUNDS + 1];                    /* answers by upper bound */
	double seconds_sum;
	uint64_t store_errors;
	uint64_t heartbeats;
	unsigned connections;
	unsigned connections_max;
};

/* A request was answered. */
void metrics_count(
	struct metrics *metrics, enum endpoint endpoint, int http_status, uint64_t took_us);

/* In the order of the text. */
extern const struct gh_metric central_metrics_table[];
extern const size_t central_metrics_count;

#endif
