/* SPDX-License-Identifier: Apache-2.0 */
/* A guarded process dies without a core dump, and is closed to its own user. */
#define _DEFAULT_SOURCE
#include "gatehouse/base/process.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* In a child: a sanitizer wants to look into this process at its end. */
static int run(void (*act)(void))
{
	int result = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		act();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &result, 0), child);
	return result;
}

static void guard(void)
{
	struct rlimit limit = { 1, 1 };
	struct rlimit large = { 1 << 20, RLIM_INFINITY };

	(void)setrlimit(RLIMIT_CORE, &large);
	if (gh_process_guard(NULL) != GH_OK || prctl(PR_GET_DUMPABLE) != 0)
		_exit(1);
	if (getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_cur != 0 || limit.rlim_max != 0)
		_exit(2);
}

static void guard_and_fall(void)
{
	guard();
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
}

static void nothing_can_be_dumped(void **state)
{
	int result = run(guard);

	(void)state;
	assert_true(WIFEXITED(result));
	assert_int_equal(WEXITSTATUS(result), 0);
}

static void a_fall_leaves_no_core(void **state)
{
	int result = run(guard_and_fall);

	(void)state;
	assert_true(WIFSIGNALED(result));
	assert_false(WCOREDUMP(result));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_can_be_dumped),
		cmocka_unit_test(a_fall_leaves_no_core),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
