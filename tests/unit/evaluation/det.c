/* SPDX-License-Identifier: Apache-2.0 */
/* Curves as a table and as a drawing: well formed whatever the rates and names are. */
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"
#include "gatehouse/evaluation/det.h"
#include "support/folder.h"

extern char **environ;

static const struct gh_det_point points[] = {
	{ 1.0, 0.0, -1.0f, false, { 0.0, 0.0 } },
	{ 0.01, 0.02, 0.3f, false, { 0.0, 0.0 } },
	{ 0.001, 0.05, 0.4f, true, { 0.03, 0.08 } },
	{ 0.0001, 0.2, 0.5f, true, { 0.0, 0.4 } },
};
static const struct gh_det_curve curves[] = {
	{ "one \"picture\" <&> more", points, 4 },
	{ "two", points, 2 },
};
static const struct gh_det_frame frame = { "Trade-off <1>", "note & more", "FMR", "FNMR" };
static struct gh_bytes text;

static const char *read_it(const char *path)
{
	assert_int_equal(gh_file_read(path, 1 << 20, &text, NULL), GH_OK);
	assert_int_equal(gh_bytes_append(&text, "", 1, NULL), GH_OK);
	return (const char *)text.data;
}

static void test_table(void **state)
{
	const char *path = folder_place("det.csv");

	assert_int_equal(gh_det_write_csv(path, curves, 2, NULL), GH_OK);
	assert_string_equal(read_it(path),
		"curve,threshold,false_positive,false_negative,low,high\r\n"
		"\"one \"\"picture\"\" <&> more\",-1.000000,1,0,,\r\n"
		"\"one \"\"picture\"\" <&> more\",0.300000,0.01,0.02,,\r\n"
		"\"one \"\"picture\"\" <&> more\",0.400000,0.001,0.05,0.03,0.08\r\n"
		"\"one \"\"picture\"\" <&> more\",0.500000,0.0001,0.2,0,0.4\r\n"
		"\"two\",-1.000000,1,0,,\r\n"
		"\"two\",0.300000,0.01,0.02,,\r\n");
	gh_bytes_finish(&text);
}

static size_t count(const char *in, const char *what)
{
	size_t found = 0;

	for (; (in = strstr(in, what)) != NULL; in++)
		found++;
	return found;
}

static void test_drawing(void **state)
{
	const char *path = folder_place("det.svg");
	const char *drawn;

	assert_int_equal(gh_det_write_svg(path, &frame, curves, 2, NULL), GH_OK);
	drawn = read_it(path);
	assert_int_equal(count(drawn, "<svg "), 1);
	assert_int_equal(count(drawn, "</svg>"), 1);
	assert_int_equal(count(drawn, "class=\"band\""), 1);
	/* Each curve, and its sample in the legend. */
	assert_int_equal(count(drawn, "class=\"curve\""), 4);
	assert_non_null(strstr(drawn, "one \"picture\" &lt;&amp;> more"));
	assert_non_null(strstr(drawn, "note &amp; more"));
	assert_null(strstr(drawn, "nan"));
	assert_null(strstr(drawn, "inf"));
	assert_null(strstr(drawn, "script"));
	/* Four decades across, two up: the lowest FNMR above 0 is 0.02. */
	assert_int_equal(count(drawn, "class=\"rule\""), 5 + 3);
	/* FMR 1e-3 and FNMR 0.05 lie at a quarter across and, of two decades, 35 % up. */
	assert_non_null(strstr(drawn, "L254.0 376.1"));
	gh_bytes_finish(&text);
}

/* The drawing as another program reads it. */
static void test_drawing_is_xml(void **state)
{
	const char *path = folder_place("det.svg");
	char *const words[] = { "python3", "-c",
		"import sys, xml.dom.minidom as m; m.parse(sys.argv[1])", (char *)(uintptr_t)path,
		NULL };
	pid_t child;
	int code = -1;

	assert_int_equal(gh_det_write_svg(path, &frame, curves, 2, NULL), GH_OK);
	assert_int_equal(posix_spawnp(&child, "python3", NULL, NULL, words, environ), 0);
	assert_int_equal(waitpid(child, &code, 0), child);
	assert_int_equal(code, 0);
}

static void test_a_curve_without_errors_is_drawn(void **state)
{
	static const struct gh_det_point none[] = { { 1e-3, 0.0, 0.4f, true, { 0.0, 0.01 } } };
	const struct gh_det_curve curve[] = { { "none", none, 1 }, { "empty", none, 0 } };
	const char *path = folder_place("det.svg");

	assert_int_equal(gh_det_write_svg(path, &frame, curve, 2, NULL), GH_OK);
	assert_null(strstr(read_it(path), "nan"));
	gh_bytes_finish(&text);
}

static void test_too_many_are_refused(void **state)
{
	struct gh_det_curve many[GH_DET_CURVES_MAX + 1];
	const struct gh_det_curve long_one = { "long", points, GH_DET_POINTS_MAX + 1 };
	const char *path = folder_place("det.svg");

	for (size_t i = 0; i <= GH_DET_CURVES_MAX; i++)
		many[i] = curves[1];
	assert_int_equal(gh_det_write_svg(path, &frame, many, GH_DET_CURVES_MAX, NULL), GH_OK);
	assert_int_equal(
		gh_det_write_svg(path, &frame, many, GH_DET_CURVES_MAX + 1, NULL), GH_MALFORMED);
	assert_int_equal(gh_det_write_svg(path, &frame, many, 0, NULL), GH_MALFORMED);
	assert_int_equal(gh_det_write_csv(path, &long_one, 1, NULL), GH_MALFORMED);
	assert_int_equal(
		gh_det_write_csv(folder_place("none/det.csv"), curves, 2, NULL), GH_NOT_FOUND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_set_up, folder_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_table),
		TEST(test_drawing),
		TEST(test_drawing_is_xml),
		TEST(test_a_curve_without_errors_is_drawn),
		TEST(test_too_many_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
