/* SPDX-License-Identifier: Apache-2.0 */
/* Both engines: what they refuse, and that they keep to themselves. */
#include "engine.h"

#include <dirent.h>
#include <math.h>
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

#include "models.h"
#include "networks.h"
#include "support/vision/models.h"
#include "support/vision/shipped.h"

static struct gh_vision_options options;
static bool ready;
static struct gh_bytes landmark = GH_BYTES_EMPTY;
static const struct gh_engine_kind *const kinds[] = { &gh_engine_onnxruntime, &gh_engine_opencv };

/* An empty home, so that anything an engine writes there is seen. */
static char home[] = "/tmp/gatehouse-home-XXXXXX";

static int setup(void **state)
{
	char path[4096];

	ready = models_options(&options);
	if (!ready)
		return 0;
	models_cache_path("models/fr_landmark.onnx", path);
	return !mkdtemp(home) || setenv("HOME", home, 1) || unsetenv("XDG_CACHE_HOME") ||
		unsetenv("CI") || gh_file_read(path, MODEL_BYTES_MAX, &landmark, NULL) != GH_OK;
}

static int teardown(void **state)
{
	gh_bytes_finish(&landmark);
	return ready ? rmdir(home) : 0;
}

#define NEED_MODELS() \
	do { \
		if (!ready) \
			skip(); \
	} while (0)

static void start(const struct gh_engine_kind *kind, char version[32])
{
	struct gh_error error = GH_ERROR_NONE;

	if (kind->init(options.engine_library, version, &error) != GH_OK)
		fail_msg("%s", error.text);
}

static void names_lead_to_engines(void **state)
{
	const struct gh_engine_kind *kind;
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(gh_engine_find("onnxruntime", &kind, NULL), GH_OK);
	assert_ptr_equal(kind, &gh_engine_onnxruntime);
	assert_int_equal(gh_engine_find("opencv", &kind, NULL), GH_OK);
	assert_ptr_equal(kind, &gh_engine_opencv);
	assert_int_equal(gh_engine_find("openvino", &kind, &error), GH_UNSUPPORTED);
	assert_non_null(strstr(error.text, "onnxruntime"));
	assert_int_equal(gh_engine_find(NULL, &kind, NULL), GH_UNSUPPORTED);
}

static void the_library_has_to_be_the_engine(void **state)
{
	char version[32] = "";

	assert_int_equal(gh_engine_onnxruntime.init("", version, NULL), GH_NOT_FOUND);
	assert_int_equal(gh_engine_onnxruntime.init(NULL, version, NULL), GH_NOT_FOUND);
	assert_int_equal(
		gh_engine_onnxruntime.init("/nonexistent.so", version, NULL), GH_NOT_FOUND);
}

static void a_network_runs_and_repeats(void **state)
{
	NEED_MODELS();
	for (size_t k = 0; k < 2; k++) {
		float first[2 * ALL_POINTS];
		struct gh_network *network;
		char version[32] = "";

		start(kinds[k], version);
		printf("%s %s\n", kinds[k]->name, version);
		assert_true(strlen(version) >= 5);
		assert_int_equal(kinds[k]->open(shipped("fr_landmark"), gh_bytes_view(&landmark),
					 &network, NULL),
			GH_OK);
		for (int i = 0; i < 64 * 64; i++)
			network->input[i] = 0.5f + 0.4f * sinf((float)i / 50.0f);
		assert_int_equal(gh_network_run(network, NULL), GH_OK);
		memcpy(first, network->outputs[0], sizeof(first));
		memset(network->outputs[0], 0, sizeof(first));
		assert_int_equal(gh_network_run(network, NULL), GH_OK);
		assert_memory_equal(first, network->outputs[0], sizeof(first));
		network->input[100] += 0.3f;
		assert_int_equal(gh_network_run(network, NULL), GH_OK);
		assert_memory_not_equal(first, network->outputs[0], sizeof(first));
		gh_network_close(network);
		kinds[k]->finish();
	}
	gh_network_close(NULL);
}

static void expect_refusal(const struct gh_engine_kind *kind,
	const struct gh_network_contract *contract, struct gh_view bytes)
{
	struct gh_network *network = (void *)1;
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(kind->open(contract, bytes, &network, &error), GH_INTEGRITY);
	assert_null(network);
	assert_true(strlen(error.text) > 10);
}

/* The right file, and a chain that needs something else of it. */
static void other_tensors_are_refused(void **state)
{
	NEED_MODELS();
	for (size_t k = 0; k < 2; k++) {
		struct gh_network_contract wrong;
		char version[32];

		start(kinds[k], version);
		wrong = *shipped("fr_landmark");
		wrong.input.name = "picture";
		expect_refusal(kinds[k], &wrong, gh_bytes_view(&landmark));
		wrong = *shipped("fr_landmark");
		wrong.input.sizes[3] = 32;
		expect_refusal(kinds[k], &wrong, gh_bytes_view(&landmark));
		wrong = *shipped("fr_landmark");
		wrong.input.sizes[1] = 3;
		expect_refusal(kinds[k], &wrong, gh_bytes_view(&landmark));
		wrong = *shipped("fr_landmark");
		wrong.outputs[0].name = "points";
		expect_refusal(kinds[k], &wrong, gh_bytes_view(&landmark));
		wrong = *shipped("fr_landmark");
		wrong.outputs[0].sizes[1] = 10;
		expect_refusal(kinds[k], &wrong, gh_bytes_view(&landmark));
		wrong = *shipped("fr_landmark");
		wrong.outputs[0].rank = 3;
		wrong.outputs[0].sizes[2] = 1;
		expect_refusal(kinds[k], &wrong, gh_bytes_view(&landmark));
		wrong = *shipped("fr_landmark");
		wrong.output_count = 2;
		wrong.outputs[1] = (struct gh_tensor){ "more", 2, { 1, 2 } };
		expect_refusal(kinds[k], &wrong, gh_bytes_view(&landmark));
		kinds[k]->finish();
	}
}

static void what_is_no_network_is_refused(void **state)
{
	NEED_MODELS();
	for (size_t k = 0; k < 2; k++) {
		struct gh_bytes noise = GH_BYTES_EMPTY;
		char version[32];

		start(kinds[k], version);
		expect_refusal(kinds[k], shipped("fr_landmark"), gh_view_of_text("no network"));
		expect_refusal(kinds[k], shipped("fr_landmark"),
			(struct gh_view){ landmark.data, landmark.length_bytes / 2 });
		assert_int_equal(gh_bytes_append(&noise, landmark.data, 4096, NULL), GH_OK);
		for (size_t i = 0; i < 4096; i++)
			noise.data[i] = (uint8_t)(i * 197 >> 3);
		expect_refusal(kinds[k], shipped("fr_landmark"), gh_bytes_view(&noise));
		gh_bytes_finish(&noise);
		kinds[k]->finish();
	}
}

static void values_that_are_not_finite_are_an_error(void **state)
{
	NEED_MODELS();
	for (size_t k = 0; k < 2; k++) {
		struct gh_network *network;
		char version[32];

		start(kinds[k], version);
		assert_int_equal(kinds[k]->open(shipped("fr_landmark"), gh_bytes_view(&landmark),
					 &network, NULL),
			GH_OK);
		for (int i = 0; i < 64 * 64; i++)
			network->input[i] = NAN;
		/* An engine may clamp what is not a number; what it may not do is hand it on. */
		if (gh_network_run(network, NULL) == GH_OK)
			for (int i = 0; i < 2 * ALL_POINTS; i++)
				assert_true(isfinite(network->outputs[0][i]));
		gh_network_close(network);
		kinds[k]->finish();
	}
}

static int entries_of(const char *folder, const char *kind)
{
	DIR *dir = opendir(folder);
	int count = 0;

	assert_non_null(dir);
	for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
		char path[512], target[512] = "";

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (kind && readlink(path, target, sizeof(target) - 1) < 0)
			continue;
		count += !kind || strstr(target, kind) != NULL;
	}
	closedir(dir);
	return count;
}

/* Open, run and close: no descriptor, thread, socket or file is left or was made. */
static void an_engine_keeps_to_itself(void **state)
{
	NEED_MODELS();
	for (size_t k = 0; k < 2; k++) {
		int descriptors = entries_of("/proc/self/fd", NULL);
		int threads = entries_of("/proc/self/task", NULL);
		struct gh_network *network;
		char version[32];

		start(kinds[k], version);
		assert_int_equal(kinds[k]->open(shipped("fr_landmark"), gh_bytes_view(&landmark),
					 &network, NULL),
			GH_OK);
		assert_int_equal(gh_network_run(network, NULL), GH_OK);
		assert_int_equal(entries_of("/proc/self/fd", "socket:"), 0);
		assert_int_equal(entries_of("/proc/self/fd", NULL), descriptors);
		assert_int_equal(entries_of("/proc/self/task", NULL), threads);
		assert_int_equal(entries_of(home, NULL), 0);
		gh_network_close(network);
		kinds[k]->finish();
		assert_int_equal(entries_of("/proc/self/fd", NULL), descriptors);
		assert_int_equal(entries_of(home, NULL), 0);
	}
	assert_string_equal(getenv("ORT_DISABLE_TELEMETRY"), "1");
}

static void an_engine_comes_back_after_its_last_user(void **state)
{
	NEED_MODELS();
	for (int round = 0; round < 3; round++) {
		struct gh_network *network;
		char version[32];

		start(&gh_engine_onnxruntime, version);
		start(&gh_engine_onnxruntime, version);
		gh_engine_onnxruntime.finish();
		assert_int_equal(gh_engine_onnxruntime.open(shipped("fr_landmark"),
					 gh_bytes_view(&landmark), &network, NULL),
			GH_OK);
		assert_int_equal(gh_network_run(network, NULL), GH_OK);
		gh_network_close(network);
		gh_engine_onnxruntime.finish();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_lead_to_engines),
		cmocka_unit_test(the_library_has_to_be_the_engine),
		cmocka_unit_test(a_network_runs_and_repeats),
		cmocka_unit_test(other_tensors_are_refused),
		cmocka_unit_test(what_is_no_network_is_refused),
		cmocka_unit_test(values_that_are_not_finite_are_an_error),
		cmocka_unit_test(an_engine_keeps_to_itself),
		cmocka_unit_test(an_engine_comes_back_after_its_last_user),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
