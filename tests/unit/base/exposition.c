/* SPDX-License-Identifier: Apache-2.0 */
/* The text of metrics: names, labels, histograms, and what is escaped. */
#include "gatehouse/base/exposition.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct gh_metric plain = { "x_total", GH_METRIC_COUNTER, { NULL }, "A count." };
static const struct gh_metric pair = { "y_seconds", GH_METRIC_GAUGE, { "a", "b" }, "A time." };
static const struct gh_metric spread = { "z_seconds", GH_METRIC_HISTOGRAM, { NULL }, "Times." };

static void expect(const struct gh_bytes *text, const char *expected)
{
	assert_int_equal(text->length_bytes, strlen(expected));
	assert_memory_equal(text->data, expected, strlen(expected));
}

static void a_metric_is_explained_before_its_samples(void **state)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	struct gh_exposition e;
	const char *const one[] = { "p", "q" };

	(void)state;
	gh_exposition_begin(&e, &text, NULL);
	gh_exposition_number(&e, &plain, 3);
	gh_exposition_metric(&e, &pair);
	gh_exposition_sample(&e, one, 0.25);
	assert_int_equal(e.status, GH_OK);
	expect(&text,
		"# HELP x_total A count.\n# TYPE x_total counter\nx_total 3\n"
		"# HELP y_seconds A time.\n# TYPE y_seconds gauge\n"
		"y_seconds{a=\"p\",b=\"q\"} 0.25\n");
	gh_bytes_finish(&text);
}

static void a_value_of_a_label_cannot_break_out(void **state)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	struct gh_exposition e;
	const char *const one[] = { "\"} 1\n", "\\" };

	(void)state;
	gh_exposition_begin(&e, &text, NULL);
	gh_exposition_metric(&e, &pair);
	gh_bytes_clear(&text);
	gh_exposition_sample(&e, one, 1);
	expect(&text, "y_seconds{a=\"\\\"} 1\\n\",b=\"\\\\\"} 1\n");
	gh_bytes_finish(&text);
}

static void buckets_add_up(void **state)
{
	static const double bounds[] = { 0.5, 1 };
	uint64_t counts[3] = { 0 };
	struct gh_histogram histogram = { bounds, 2, counts, 0 };
	struct gh_bytes text = GH_BYTES_EMPTY;
	struct gh_exposition e;

	(void)state;
	gh_histogram_observe(&histogram, 0.5);
	gh_histogram_observe(&histogram, 0.75);
	gh_histogram_observe(&histogram, 4);
	gh_exposition_begin(&e, &text, NULL);
	gh_exposition_histogram(&e, &spread, &histogram);
	expect(&text,
		"# HELP z_seconds Times.\n# TYPE z_seconds histogram\n"
		"z_seconds_bucket{le=\"0.5\"} 1\nz_seconds_bucket{le=\"1\"} 2\n"
		"z_seconds_bucket{le=\"+Inf\"} 3\nz_seconds_sum 5.25\nz_seconds_count 3\n");
	gh_bytes_finish(&text);
}

static void a_table_explains_them_to_people(void **state)
{
	const struct gh_metric metrics[] = { plain, pair };
	struct gh_bytes text = GH_BYTES_EMPTY;

	(void)state;
	assert_int_equal(gh_exposition_reference(metrics, 2, &text, NULL), GH_OK);
	expect(&text,
		"| metric | type | labels | what it says |\n|---|---|---|---|\n"
		"| `x_total` | counter | | A count. |\n| `y_seconds` | gauge | a, b | A time. |\n");
	gh_bytes_finish(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_metric_is_explained_before_its_samples),
		cmocka_unit_test(a_value_of_a_label_cannot_break_out),
		cmocka_unit_test(buckets_add_up),
		cmocka_unit_test(a_table_explains_them_to_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
