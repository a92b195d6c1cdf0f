/* SPDX-License-Identifier: Apache-2.0 */
/* The list of models: its format, and files that are not the listed ones. */
#include "models.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"

/* SHA-256 of "abc" (FIPS 180-4 example). */
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static struct gh_models models;
static char folder[] = "/tmp/gatehouse-models-XXXXXX";

static enum gh_status parse(const char *text, struct gh_error *error)
{
	return gh_models_parse(gh_view_of_text(text), &models, error);
}

static int setup(void **state)
{
	return mkdtemp(folder) == NULL;
}

static int teardown(void **state)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/abc.onnx", folder);
	unlink(path);
	return rmdir(folder);
}

static void write_file(const char *name, const char *text, char path[128])
{
	snprintf(path, 128, "%s/%s", folder, name);
	assert_int_equal(gh_file_replace(path, gh_view_of_text(text), 0644, NULL), GH_OK);
}

static void a_list_is_read(void **state)
{
	const struct gh_model *model;

	assert_int_equal(
		parse("# comment\n\nabc\tmodels/original/abc.onnx\toriginal\tnpm:x\t1\t" ABC
		      "\t3\tMIT\tfor a test\n"
		      "abc\tmodels/abc.onnx\tprepared\tnpm:x\t1\t" ABC
		      "\t3\tMIT\twith blanks in it",
			NULL),
		GH_OK);
	assert_int_equal(models.count, 2);
	model = gh_models_find(&models, "abc", MODEL_PREPARED);
	assert_non_null(model);
	assert_string_equal(model->file, "abc.onnx");
	assert_int_equal(model->length_bytes, 3);
	assert_null(gh_models_find(&models, "abc", MODEL_ENGINE));
	assert_null(gh_models_find(&models, "ab", MODEL_PREPARED));
}

static void every_broken_line_is_refused_by_number(void **state)
{
	static const char *const lines[] = {
		"abc\tabc.onnx\tprepared\tnpm:x\t1\t" ABC "\t3\tMIT", /* eight fields */
		"abc\tabc.onnx\tprepared\tnpm:x\t1\t" ABC "\t3\tMIT\tx\ty",
		"abc\tabc.onnx\tprepared\tnpm:x\t1\t" ABC "\t3\t\tx",
		"abc\tabc.onnx\tprepared\tnpm:x\t1\t" ABC "\t3\tMIT\t",
		"a bc\tabc.onnx\tprepared\tnpm:x\t1\t" ABC "\t3\tMIT\tx",
		"abcdefghijklmnopqrstuvwxyz0123456789\ta\tprepared\tn\t1\t" ABC "\t3\tMIT\tx",
		"abc\t/etc/passwd\tprepared\tnpm:x\t1\t" ABC "\t3\tMIT\tx",
		"abc\t../abc.onnx\tprepared\tnpm:x\t1\t" ABC "\t3\tMIT\tx",
		"abc\tmodels/\tprepared\tnpm:x\t1\t" ABC "\t3\tMIT\tx",
		"abc\tabc.onnx\tother\tnpm:x\t1\t" ABC "\t3\tMIT\tx",
		"abc\tabc.onnx\tprepared\tnpm:x\t1\tba78\t3\tMIT\tx",
		"abc\tabc.onnx\tprepared\tnpm:x\t1\t" ABC "0\t3\tMIT\tx",
		"abc\tabc.onnx\tprepared\tnpm:x\t1\t" ABC "\t0\tMIT\tx",
		"abc\tabc.onnx\tprepared\tnpm:x\t1\t" ABC "\t-3\tMIT\tx",
		"abc\tabc.onnx\tprepared\tnpm:x\t1\t" ABC "\t99999999999\tMIT\tx",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct gh_error error = GH_ERROR_NONE;
		char text[512];

		snprintf(text, sizeof(text), "# head\n%s\n", lines[i]);
		assert_int_equal(parse(text, &error), GH_MALFORMED);
		assert_non_null(strstr(error.text, "line 2"));
	}
}

static void a_name_stands_once_in_a_role(void **state)
{
	assert_int_equal(parse("a\ta\tprepared\tn\t1\t" ABC "\t3\tMIT\tx\n"
			       "a\tb\tprepared\tn\t1\t" ABC "\t3\tMIT\tx\n",
				 NULL),
		GH_MALFORMED);
}

static void a_list_that_never_ends_is_refused(void **state)
{
	struct gh_bytes text = GH_BYTES_EMPTY;

	for (int i = 0; i <= MODELS_MAX; i++)
		assert_int_equal(gh_bytes_print(&text, NULL,
					 "m%d\ta\tprepared\tn\t1\t" ABC "\t3\tMIT\tx\n", i),
			GH_OK);
	assert_int_equal(gh_models_parse(gh_bytes_view(&text), &models, NULL), GH_TOO_LARGE);
	gh_bytes_finish(&text);
}

static void list_of_abc(const char *size)
{
	char text[256];

	snprintf(text, sizeof(text), "abc\tmodels/abc.onnx\tprepared\tn\t1\t" ABC "\t%s\tMIT\tx\n",
		size);
	assert_int_equal(parse(text, NULL), GH_OK);
}

static void the_listed_file_is_loaded(void **state)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	char path[128];

	list_of_abc("3");
	write_file("abc.onnx", "abc", path);
	assert_int_equal(gh_models_load(&models, folder, "abc", &bytes, NULL), GH_OK);
	assert_int_equal(bytes.length_bytes, 3);
	assert_memory_equal(bytes.data, "abc", 3);
	gh_bytes_finish(&bytes);
}

static void a_replaced_file_is_refused(void **state)
{
	static const struct {
		const char *size, *content;
	} cases[] = { { "3", "abd" }, { "3", "abcd" }, { "4", "abc" }, { "3", "" } };

	for (size_t i = 0; i < 4; i++) {
		struct gh_bytes bytes = GH_BYTES_EMPTY;
		struct gh_error error = GH_ERROR_NONE;
		char path[128];

		list_of_abc(cases[i].size);
		write_file("abc.onnx", cases[i].content, path);
		assert_int_equal(
			gh_models_load(&models, folder, "abc", &bytes, &error), GH_INTEGRITY);
		assert_int_equal(bytes.length_bytes, 0);
		assert_non_null(strstr(error.text, "abc.onnx"));
	}
}

static void a_missing_file_or_entry_is_not_found(void **state)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	char path[128];

	list_of_abc("3");
	write_file("abc.onnx", "abc", path);
	unlink(path);
	assert_int_equal(gh_models_load(&models, folder, "abc", &bytes, NULL), GH_NOT_FOUND);
	assert_int_equal(gh_models_load(&models, folder, "xyz", &bytes, NULL), GH_NOT_FOUND);
	assert_int_equal(gh_models_read("/nonexistent/list", &models, NULL), GH_NOT_FOUND);
}

static enum gh_status open_library(const char *path, struct gh_error *error)
{
	char loadable[64];
	int descriptor = -2;
	enum gh_status status = gh_models_open_library(&models, path, loadable, &descriptor, error);

	assert_true((status == GH_OK) == (descriptor >= 0));
	if (descriptor >= 0) {
		char content[4] = "";
		int again;

		/* What was checked is what the loader is sent to, whatever lies at path now. */
		unlink(path);
		again = open(loadable, O_RDONLY | O_CLOEXEC);
		assert_int_equal(read(again, content, 3), 3);
		assert_string_equal(content, "abc");
		close(again);
		close(descriptor);
	}
	return status;
}

static void a_library_has_to_be_the_listed_one(void **state)
{
	char path[128];

	assert_int_equal(
		parse("lib\tengine/abc.onnx\tengine\tn\t1\t" ABC "\t3\tMIT\tx\n", NULL), GH_OK);
	write_file("abc.onnx", "abc", path);
	assert_int_equal(open_library(path, NULL), GH_OK);
	write_file("abc.onnx", "abd", path);
	assert_int_equal(open_library(path, NULL), GH_INTEGRITY);
	assert_int_equal(parse("", NULL), GH_OK);
	write_file("abc.onnx", "abc", path);
	assert_int_equal(open_library(path, NULL), GH_INTEGRITY);
	unlink(path);
	assert_int_equal(open_library(path, NULL), GH_NOT_FOUND);
	assert_int_equal(open_library("", NULL), GH_NOT_FOUND);
	assert_int_equal(open_library(NULL, NULL), GH_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_is_read),
		cmocka_unit_test(every_broken_line_is_refused_by_number),
		cmocka_unit_test(a_name_stands_once_in_a_role),
		cmocka_unit_test(a_list_that_never_ends_is_refused),
		cmocka_unit_test(the_listed_file_is_loaded),
		cmocka_unit_test(a_replaced_file_is_refused),
		cmocka_unit_test(a_missing_file_or_entry_is_not_found),
		cmocka_unit_test(a_library_has_to_be_the_listed_one),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
