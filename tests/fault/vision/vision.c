/* SPDX-License-Identifier: Apache-2.0 */
/* Every allocation of our own that fails while a session is made is told, and leaves nothing. */
#include "gatehouse/vision/vision.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "inject.h"
#include "support/vision/models.h"

static struct gh_vision_options options;
static bool ready;

static int setup(void **state)
{
	ready = models_options(&options);
	return 0;
}

static void run_out(const char *engine, enum inject_point point)
{
	if (!ready)
		skip();
	options.engine = engine;
	INJECT_EACH(point, n)
	{
		struct gh_vision *vision = (void *)1;
		struct gh_error error = GH_ERROR_NONE;
		enum gh_status status;

		status = gh_vision_create(&options, &vision, &error);
		inject_pause();
		if (inject_hit()) {
			assert_int_not_equal(status, GH_OK);
			if (point == INJECT_ALLOC)
				assert_int_equal(status, GH_NO_MEMORY);
			assert_int_equal(error.status, status);
			assert_null(vision);
		} else {
			assert_int_equal(status, GH_OK);
		}
		gh_vision_destroy(vision);
	}
}

static void onnxruntime_without_memory(void **state)
{
	run_out("onnxruntime", INJECT_ALLOC);
}

static void opencv_without_memory(void **state)
{
	run_out("opencv", INJECT_ALLOC);
}

static void files_that_cannot_be_opened(void **state)
{
	run_out("onnxruntime", INJECT_OPEN);
}

static void files_that_cannot_be_read(void **state)
{
	run_out("onnxruntime", INJECT_READ);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(onnxruntime_without_memory),
		cmocka_unit_test(opencv_without_memory),
		cmocka_unit_test(files_that_cannot_be_opened),
		cmocka_unit_test(files_that_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
