/* SPDX-License-Identifier: Apache-2.0 */
/* The text format of Prometheus, version 0.0.4: one writer for lane and centre. */
#ifndef GATEHOUSE_BASE_EXPOSITION_H
#define GATEHOUSE_BASE_EXPOSITION_H

#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The content type of the text. */
#define GH_EXPOSITION_TYPE "text/plain; version=0.0.4; charset=utf-8"

/** Labels of one metric, at most. */
#define GH_EXPOSITION_LABELS_MAX 3

/** What a metric is, as its TYPE line says it. */
enum gh_metric_type {
	GH_METRIC_COUNTER,   /**< only grows, from 0 at each start; its name ends with _total */
	GH_METRIC_GAUGE,     /**< a value now */
	GH_METRIC_HISTOGRAM, /**< observations by upper bounds */
};

/**
 * A metric as its lines explain it. Names keep Prometheus's conventions: letters,
 * digits and underscores, base units at the end (_seconds, _bytes, _ratio),
 * counters on _total. No label may be of a person, and each has a bounded set of
 * values.
 */
struct gh_metric {
	const char *name;
	enum gh_metric_type type;
	const char *labels[GH_EXPOSITION_LABELS_MAX]; /**< NULL behind the last */
	const char *help;                             /**< one sentence on one line */
};

/** A text under way. The first failure stands, what comes later is dropped. */
struct gh_exposition {
	struct gh_bytes *text;
	struct gh_error *error;
	enum gh_status status;
	const struct gh_metric *metric; /**< begun last */
};

/** Begin at the end of *text; both are borrowed until status was read. Any thread. */
void gh_exposition_begin(
	struct gh_exposition *exposition, struct gh_bytes *text, struct gh_error *error);

/** HELP and TYPE; samples of this metric follow, or none. */
void gh_exposition_metric(struct gh_exposition *exposition, const struct gh_metric *metric);

/**
 * One sample of the metric begun last. values are those of its labels in their
 * order, escaped here; NULL where it has none.
 */
void gh_exposition_sample(
	struct gh_exposition *exposition, const char *const *values, double value);

/** A metric without labels, whole. */
void gh_exposition_number(
	struct gh_exposition *exposition, const struct gh_metric *metric, double value);

/** Observations by upper bounds: counts has one place more, for those above all. */
struct gh_histogram {
	const double *bounds; /**< ascending */
	size_t bound_count;
	uint64_t *counts;
	double sum;
};

/** Count one observation. One thread at a time. */
void gh_histogram_observe(struct gh_histogram *histogram, double value);

/** The buckets, _sum and _count of a histogram without labels, whole. */
void gh_exposition_histogram(struct gh_exposition *exposition, const struct gh_metric *metric,
	const struct gh_histogram *histogram);

/**
 * Append one row of a Markdown table for each metric: name, type, labels, help.
 * docs/monitoring.md is made of it. GH_OK or GH_NO_MEMORY.
 */
GH_MUST_USE enum gh_status gh_exposition_reference(const struct gh_metric *metrics, size_t count,
	struct gh_bytes *text, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
