/* SPDX-License-Identifier: Apache-2.0 */
/* The text format of Prometheus, version 0.0.4. */
#include "gatehouse/base/exposition.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const type_names[] = {
	[GH_METRIC_COUNTER] = "counter",
	[GH_METRIC_GAUGE] = "gauge",
	[GH_METRIC_HISTOGRAM] = "histogram",
};

void gh_exposition_begin(
	struct gh_exposition *exposition, struct gh_bytes *text, struct gh_error *error)
{
	*exposition = (struct gh_exposition){ text, error, GH_OK, NULL };
}

static void add(struct gh_exposition *exposition, const char *text, size_t length_bytes)
{
	if (exposition->status == GH_OK)
		exposition->status =
			gh_bytes_append(exposition->text, text, length_bytes, exposition->error);
}

static void add_text(struct gh_exposition *exposition, const char *text)
{
	add(exposition, text, strlen(text));
}

static void add_number(struct gh_exposition *exposition, double value)
{
	if (exposition->status == GH_OK)
		exposition->status =
			gh_bytes_print(exposition->text, exposition->error, " %.17g\n", value);
}

void gh_exposition_metric(struct gh_exposition *exposition, const struct gh_metric *metric)
{
	exposition->metric = metric;
	if (exposition->status == GH_OK)
		exposition->status = gh_bytes_print(exposition->text, exposition->error,
			"# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help, metric->name,
			type_names[metric->type]);
}

/* A backslash, a quote and a line's end are written with a backslash. */
static void add_value(struct gh_exposition *exposition, const char *value)
{
	while (*value) {
		size_t plain = strcspn(value, "\\\"\n");

		add(exposition, value, plain);
		value += plain;
		if (!*value)
			return;
		add_text(exposition, *value == '\n' ? "\\n" : *value == '"' ? "\\\"" : "\\\\");
		value++;
	}
}

static void add_labels(struct gh_exposition *exposition, const char *const *values)
{
	const char *const *labels = exposition->metric->labels;

	for (size_t i = 0; i < GH_EXPOSITION_LABELS_MAX && labels[i]; i++) {
		add_text(exposition, i ? "," : "{");
		add_text(exposition, labels[i]);
		add_text(exposition, "=\"");
		add_value(exposition, values[i]);
		add_text(exposition, "\"");
	}
	if (labels[0])
		add_text(exposition, "}");
}

void gh_exposition_sample(struct gh_exposition *exposition, const char *const *values, double value)
{
	add_text(exposition, exposition->metric->name);
	add_labels(exposition, values);
	add_number(exposition, value);
}

void gh_exposition_number(
	struct gh_exposition *exposition, const struct gh_metric *metric, double value)
{
	gh_exposition_metric(exposition, metric);
	gh_exposition_sample(exposition, NULL, value);
}

void gh_histogram_observe(struct gh_histogram *histogram, double value)
{
	size_t i = 0;

	while (i < histogram->bound_count && value > histogram->bounds[i])
		i++;
	histogram->counts[i]++;
	histogram->sum += value;
}

static void add_bucket(
	struct gh_exposition *exposition, const char *name, const char *bound, uint64_t count)
{
	if (exposition->status == GH_OK)
		exposition->status = gh_bytes_print(exposition->text, exposition->error,
			"%s_bucket{le=\"%s\"} %" PRIu64 "\n", name, bound, count);
}

void gh_exposition_histogram(struct gh_exposition *exposition, const struct gh_metric *metric,
	const struct gh_histogram *histogram)
{
	uint64_t count = 0;

	gh_exposition_metric(exposition, metric);
	for (size_t i = 0; i < histogram->bound_count; i++) {
		char bound[32];

		snprintf(bound, sizeof(bound), "%g", histogram->bounds[i]);
		count += histogram->counts[i];
		add_bucket(exposition, metric->name, bound, count);
	}
	count += histogram->counts[histogram->bound_count];
	add_bucket(exposition, metric->name, "+Inf", count);
	if (exposition->status == GH_OK)
		exposition->status = gh_bytes_print(exposition->text, exposition->error,
			"%s_sum %.17g\n%s_count %" PRIu64 "\n", metric->name, histogram->sum,
			metric->name, count);
}

static enum gh_status add_row(
	const struct gh_metric *metric, struct gh_bytes *text, struct gh_error *error)
{
	enum gh_status status = gh_bytes_print(
		text, error, "| `%s` | %s | ", metric->name, type_names[metric->type]);

	for (size_t i = 0; status == GH_OK && i < GH_EXPOSITION_LABELS_MAX && metric->labels[i];
		i++)
		status = gh_bytes_print(text, error, "%s%s", i ? ", " : "", metric->labels[i]);
	if (status == GH_OK)
		status = gh_bytes_print(
			text, error, "%s| %s |\n", metric->labels[0] ? " " : "", metric->help);
	return status;
}

enum gh_status gh_exposition_reference(const struct gh_metric *metrics, size_t count,
	struct gh_bytes *text, struct gh_error *error)
{
	enum gh_status status = gh_bytes_print(
		text, error, "| metric | type | labels | what it says |\n|---|---|---|---|\n");

	for (size_t i = 0; status == GH_OK && i < count; i++)
		status = add_row(&metrics[i], text, error);
	return status;
}
