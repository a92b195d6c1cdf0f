/* SPDX-License-Identifier: Apache-2.0 */
/* Calling systemd-creds, where programs stand in for it that do what it should not. */
#include "creds.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"
#include "support/folder.h"

/* Time runs out at the next wait. */
static bool time_is_up;

int __real_poll(struct pollfd *files, nfds_t count, int timeout_ms);
int __wrap_poll(struct pollfd *files, nfds_t count, int timeout_ms);

int __wrap_poll(struct pollfd *files, nfds_t count, int timeout_ms)
{
	return time_is_up ? 0 : __real_poll(files, count, timeout_ms);
}

static enum gh_status call(
	const char *verb, const char *script, struct gh_bytes *output, struct gh_error *error)
{
	struct gh_creds_call call = { .program = folder_place("program"),
		.verb = verb,
		.key = "host",
		.name = "master.cred" };

	assert_int_equal(gh_file_replace(call.program, gh_view_of_text(script), 0700, NULL), GH_OK);
	return gh_creds_run(&call, gh_view_of_text("a key"), output, error);
}

static void expect(enum gh_status expected, const char *script, const char *words)
{
	struct gh_bytes output = GH_BYTES_EMPTY;
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(call("encrypt", script, &output, &error), expected);
	assert_int_equal(output.length_bytes, 0);
	assert_non_null(strstr(error.text, words));
	gh_bytes_finish(&output);
}

static void expect_output(const char *verb, const char *script, const char *expected)
{
	struct gh_bytes output = GH_BYTES_EMPTY;

	assert_int_equal(call(verb, script, &output, NULL), GH_OK);
	assert_true(gh_view_equal(gh_bytes_view(&output), gh_view_of_text(expected)));
	gh_bytes_finish(&output);
}

static void arguments_and_input_arrive(void **state)
{
	(void)state;
	expect_output("encrypt", "#!/bin/sh\necho \"$@\"; exec cat\n",
		"encrypt --with-key=host --name=master.cred - -\na key");
	expect_output("decrypt", "#!/bin/sh\necho \"$@\"\n", "decrypt --name=master.cred - -\n");
}

static void a_refusal_gives_nothing(void **state)
{
	(void)state;
	expect(GH_DENIED, "#!/bin/sh\necho half; exit 1\n", "--with-key=host: refused");
	expect(GH_DENIED, "#!/bin/sh\nkill -9 $$\n", "refused");
}

static void output_is_bounded(void **state)
{
	(void)state;
	expect(GH_TOO_LARGE, "#!/bin/sh\nexec yes\n", "no end");
}

static void it_is_ended_in_time(void **state)
{
	(void)state;
	time_is_up = true;
	expect(GH_TIMEOUT, "#!/bin/sh\nexec sleep 100000\n", "30 s");
	time_is_up = false;
}

static void a_program_that_is_not_there(void **state)
{
	struct gh_creds_call call = {
		.program = folder_place("none"), .verb = "decrypt", .name = "x"
	};
	struct gh_bytes output = GH_BYTES_EMPTY;
	struct gh_error error = GH_ERROR_NONE;

	(void)state;
	assert_int_equal(gh_creds_run(&call, gh_view_of_text(""), &output, &error), GH_UNSUPPORTED);
	assert_non_null(strstr(error.text, "is not there"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_set_up, folder_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(arguments_and_input_arrive),
		TEST(a_refusal_gives_nothing),
		TEST(output_is_bounded),
		TEST(it_is_ended_in_time),
		TEST(a_program_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
