/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptions of networks: the shipped ones, and every line left out, doubled or spoilt. */
#include "form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"

#include "networks.h"
#include "support/vision/shipped.h"

static const char *const names[] = { "centerface", "dlib_five", "dlib_resnet", "fr_detect",
	"fr_eye", "fr_feature", "fr_landmark", "fr_liveness", "fr_pose" };

static struct gh_form form;

static const char embedder[] = "gatehouse-network 1\n"
			       "model specimen\n"
			       "kind embedding\n"
			       "input in 1 3 96 96\n"
			       "output out 1 64\n"
			       "order rgb\n"
			       "mean 1 2 3\n"
			       "divisor 4 5 8\n"
			       "convention centres\n"
			       "point 30 40\n"
			       "point 66 40\n"
			       "point 48 60.5\n"
			       "point 34 76\n"
			       "point 62 76\n"
			       "end\n";

static enum gh_status parse(const char *text, struct gh_error *error)
{
	return gh_form_parse(gh_view_of_text(text), &form, error);
}

/* The text with one piece replaced by another. */
static const char *with(const char *from, const char *to)
{
	static char text[2048];
	const char *at = strstr(embedder, from);

	assert_non_null(at);
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - embedder), embedder, to,
		at + strlen(from));
	return text;
}

static void a_description_is_read_as_it_stands(void **state)
{
	const struct gh_network_contract *contract = &form.contract;

	assert_int_equal(parse(embedder, NULL), GH_OK);
	assert_string_equal(contract->model, "specimen");
	assert_int_equal(contract->kind, GH_NETWORK_EMBEDDING);
	assert_string_equal(contract->input.name, "in");
	assert_int_equal(contract->input.rank, 4);
	assert_int_equal(contract->input.sizes[3], 96);
	assert_int_equal(contract->output_count, 1);
	assert_string_equal(contract->outputs[0].name, "out");
	assert_int_equal(contract->outputs[0].sizes[1], 64);
	assert_int_equal(contract->order, GH_ORDER_RGB);
	assert_float_equal(contract->scalings[2].mean, 3, 0);
	assert_float_equal(contract->scalings[2].scale, 0.125, 0);
	assert_int_equal(contract->convention, GH_CENTRES);
	assert_float_equal(contract->points[2].y, 60.5, 0);
}

static void every_shipped_description_is_good(void **state)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_string_equal(shipped(names[i])->model, names[i]);
	/* The picture that is measured is cut by the same points as the main embedder's. */
	assert_memory_equal(
		shipped("fr_feature")->points, gh_aligned_points, sizeof(gh_aligned_points));
}

/* Without any one of its lines it is refused, and with it twice as well, but for "#" and points. */
static void every_line_is_needed_once(void **state)
{
	for (const char *at = embedder; *at; at = strchr(at, '\n') + 1) {
		int length = (int)(strchr(at, '\n') - at) + 1;
		char text[2048];

		snprintf(text, sizeof(text), "%.*s%s", (int)(at - embedder), embedder, at + length);
		if (parse(text, NULL) == GH_OK)
			fail_msg("accepted without: %.*s", length, at);
		snprintf(text, sizeof(text), "%.*s%.*s%s", (int)(at - embedder), embedder, length,
			at, at);
		if (parse(text, NULL) == GH_OK)
			fail_msg("accepted twice: %.*s", length, at);
	}
}

static void what_cannot_be_is_refused_with_its_line(void **state)
{
	static const struct spoilt {
		const char *from, *to;
		const char *said;
	} spoilt[] = {
		{ "gatehouse-network 1", "gatehouse-network 2", "line 1" },
		{ "kind embedding", "kind oracle", "line 3" },
		{ "kind embedding", "kind pose", "not of this kind" },
		{ "input in 1 3 96 96", "input in 1 3 96 97", "input" },
		{ "input in 1 3 96 96", "input in 1 1 96 96", "input" },
		{ "input in 1 3 96 96", "input in 2 3 96 96", "input" },
		{ "input in 1 3 96 96", "input in 1 3 4096 4096", "1048576" },
		{ "input in 1 3 96 96", "input in 1 3 512 512", "input" },
		{ "input in 1 3 96 96", "input in 1 3 96", "input" },
		{ "input in 1 3 96 96", "input in 0 3 96 96", "line 4" },
		{ "input in 1 3 96 96", "input in 1 3 96 96 1", "line 4" },
		{ "output out 1 64", "output out 1 513", "output" },
		{ "output out 1 64", "output out 1 1", "output" },
		{ "output out 1 64", "output out 64", "line 5" },
		{ "order rgb", "order grey", "input" },
		{ "order rgb", "order rbg", "line 6" },
		{ "mean 1 2 3", "mean 1 2", "line 7" },
		{ "mean 1 2 3", "mean one", "line 7" },
		{ "divisor 4 5 8", "divisor 0", "line 8" },
		{ "divisor 4 5 8", "divisor -4", "line 8" },
		{ "convention centres", "convention edges", "line 9" },
		{ "point 30 40", "point 30", "line 10" },
		{ "point 30 40", "point 30 40 50", "line 10" },
		{ "point 30 40\n", "point 30 40\npoint 1 2\n", "five points" },
		{ "point 30 40", "colour red", "no such key" },
		{ "end\n", "end\nmore\n", "nothing may follow" },
		{ "end\n", "", "missing" },
	};

	for (size_t i = 0; i < sizeof(spoilt) / sizeof(spoilt[0]); i++) {
		struct gh_error error = GH_ERROR_NONE;

		if (parse(with(spoilt[i].from, spoilt[i].to), &error) == GH_OK)
			fail_msg("accepted: %s", spoilt[i].to);
		if (!strstr(error.text, spoilt[i].said))
			fail_msg("%s: %s", spoilt[i].to, error.text);
	}
}

static void five_outputs_are_too_many(void **state)
{
	assert_int_equal(parse(with("output out 1 64",
				       "output a 1 2\noutput b 1 2\noutput c 1 2\n"
				       "output d 1 2\noutput e 1 2"),
				 NULL),
		GH_MALFORMED);
}

static void a_form_is_printed_in_one_way(void **state)
{
	struct gh_bytes one = GH_BYTES_EMPTY, two = GH_BYTES_EMPTY;

	assert_int_equal(parse(embedder, NULL), GH_OK);
	assert_int_equal(gh_form_print(&form, &one, NULL), GH_OK);
	/* A comment changes nothing, a number does. */
	assert_int_equal(parse(with("kind", "# said otherwise\nkind"), NULL), GH_OK);
	assert_int_equal(gh_form_print(&form, &two, NULL), GH_OK);
	assert_true(gh_view_equal(gh_bytes_view(&one), gh_bytes_view(&two)));
	gh_bytes_finish(&two);
	assert_int_equal(parse(with("60.5", "60.6"), NULL), GH_OK);
	assert_int_equal(gh_form_print(&form, &two, NULL), GH_OK);
	assert_false(gh_view_equal(gh_bytes_view(&one), gh_bytes_view(&two)));
	gh_bytes_finish(&one);
	gh_bytes_finish(&two);
}

static void a_file_describes_its_own_folder(void **state)
{
	char folder[] = "/tmp/gatehouse-form-XXXXXX", path[256];
	struct gh_error error = GH_ERROR_NONE;

	assert_non_null(mkdtemp(folder));
	assert_int_equal(gh_form_read(folder, "other", &form, &error), GH_NOT_FOUND);
	snprintf(path, sizeof(path), "%s/other", folder);
	assert_int_equal(gh_folder_make(path, NULL), GH_OK);
	snprintf(path, sizeof(path), "%s/other/network", folder);
	assert_int_equal(gh_file_replace(path, gh_view_of_text(embedder), 0644, NULL), GH_OK);
	assert_int_equal(gh_form_read(folder, "other", &form, &error), GH_MALFORMED);
	assert_non_null(strstr(error.text, "specimen"));
	assert_int_equal(gh_form_read(folder, "../other", &form, NULL), GH_MALFORMED);
	assert_int_equal(gh_form_read(folder, "", &form, NULL), GH_MALFORMED);
	remove(path);
	snprintf(path, sizeof(path), "%s/other", folder);
	remove(path);
	remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_description_is_read_as_it_stands),
		cmocka_unit_test(every_shipped_description_is_good),
		cmocka_unit_test(every_line_is_needed_once),
		cmocka_unit_test(what_cannot_be_is_refused_with_its_line),
		cmocka_unit_test(five_outputs_are_too_many),
		cmocka_unit_test(a_form_is_printed_in_one_way),
		cmocka_unit_test(a_file_describes_its_own_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
