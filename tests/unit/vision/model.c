/* SPDX-License-Identifier: Apache-2.0 */
/* Checking sets of models: good ones pass, and each kind of spoiling is told where it is. */
#include "gatehouse/vision/model.h"

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

#include "support/vision/models.h"
#include "support/vision/shipped.h"

static struct gh_vision_options options;
static bool ready;

/* What was told. */
static struct told {
	uint32_t count, failed;
	char network[32], what[32], text[256]; /* of the first that failed */
	bool timed;
} told;

static void tell(void *ctx, const struct gh_model_check *check)
{
	assert_ptr_equal(ctx, &told);
	told.count++;
	told.timed = told.timed || check->time_us > 0;
	if (check->passed || told.failed++)
		return;
	snprintf(told.network, sizeof(told.network), "%s", check->network);
	snprintf(told.what, sizeof(told.what), "%s", check->what);
	snprintf(told.text, sizeof(told.text), "%s", check->text);
}

static enum gh_status check(const struct gh_vision_options *with, struct gh_model_verdict *verdict)
{
	struct gh_error error = GH_ERROR_NONE;

	memset(&told, 0, sizeof(told));
	return gh_model_check(with, tell, &told, verdict, &error);
}

static int setup(void **state)
{
	ready = models_options(&options);
	return 0;
}

#define NEED_MODELS() \
	do { \
		if (!ready) \
			skip(); \
	} while (0)

static void shipped_sets_pass(void **state)
{
	static const char *const sets[] = { "fr", "fr-centerface" };
	struct gh_model_chain chains[2];

	NEED_MODELS();
	for (size_t i = 0; i < 2; i++) {
		struct gh_model_verdict verdict;

		options.model_set = sets[i];
		assert_int_equal(check(&options, &verdict), GH_OK);
		if (verdict.failed)
			fail_msg("%s: %s %s: %s", sets[i], told.network, told.what, told.text);
		assert_int_equal(verdict.passed, told.count);
		assert_true(told.timed && verdict.has_chain);
		assert_int_equal(strncmp(verdict.engine, "onnxruntime ", 12), 0);
		chains[i] = verdict.chain;
	}
	assert_memory_not_equal(&chains[0], &chains[1], sizeof(chains[0]));
	options.model_set = "fr";
}

/* A copy of the descriptions, so that one of them can be spoilt. */
static void copy_file(const char *folder, const char *name)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	char from[4300], to[4300];

	snprintf(from, sizeof(from), "%s/%s", shipped_folder(), name);
	snprintf(to, sizeof(to), "%s/%s", folder, name);
	assert_int_equal(gh_file_read(from, 1u << 20, &text, NULL), GH_OK);
	assert_int_equal(gh_file_replace(to, gh_bytes_view(&text), 0644, NULL), GH_OK);
	gh_bytes_finish(&text);
}

static const char *const folders[] = { "sets", "sets/fr", "fr_detect", "fr_landmark", "fr_feature",
	"fr_pose", "fr_eye", "fr_liveness", "centerface" };
static const char *const files[] = { "MANIFEST", "sets/fr/set", "fr_detect/network",
	"fr_landmark/network", "fr_feature/network", "fr_pose/network", "fr_eye/network",
	"fr_liveness/network", "centerface/network" };

static void make_copy(const char *folder)
{
	char path[4300];

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, folders[i]);
		assert_int_equal(mkdir(path, 0755), 0);
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		copy_file(folder, files[i]);
}

static void remove_copy(const char *folder)
{
	char path[4300];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		unlink(path);
	}
	for (size_t i = sizeof(folders) / sizeof(folders[0]); i-- > 0;) {
		snprintf(path, sizeof(path), "%s/%s", folder, folders[i]);
		rmdir(path);
	}
	rmdir(folder);
}

/* Replace one piece of one file of the copy. */
static void spoil(const char *folder, const char *name, const char *from, const char *to)
{
	struct gh_bytes text = GH_BYTES_EMPTY, spoilt = GH_BYTES_EMPTY;
	char path[4300], *at;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(gh_file_read(path, 1u << 20, &text, NULL), GH_OK);
	assert_int_equal(gh_bytes_append(&text, "", 1, NULL), GH_OK);
	at = strstr((char *)text.data, from);
	assert_non_null(at);
	assert_int_equal(gh_bytes_print(&spoilt, NULL, "%.*s%s%s", (int)(at - (char *)text.data),
				 (char *)text.data, to, at + strlen(from)),
		GH_OK);
	assert_int_equal(gh_file_replace(path, gh_bytes_view(&spoilt), 0644, NULL), GH_OK);
	gh_bytes_finish(&text);
	gh_bytes_finish(&spoilt);
}

static void what_is_spoilt_is_named(void **state)
{
	static const struct {
		const char *file, *from, *to;
		const char *network, *what;
	} cases[] = {
		/* A shape that the file does not have, and one that lies in a name. */
		{ "fr_pose/network", "3 224 224", "3 192 192", "fr_pose", "tensors" },
		{ "fr_liveness/network", "output output", "output verdict", "fr_liveness",
			"tensors" },
		{ "fr_eye/network", "24 24", "32 32", "fr_eye", "tensors" },
		/* A hash that is not the file's. */
		{ "MANIFEST", "352724386905", "352724386906", "fr_feature", "file" },
		{ "sets/fr/set", "embedder fr_feature", "embedder fr_eye", "set", "description" },
		{ "fr_detect/network", "kind boxes", "kind cells", "set", "description" },
		/* The right tensors, but points elsewhere: shown something else, nothing fits. */
		{ "fr_detect/network", "divisor 128", "divisor 100000", "set", "face" },
	};

	NEED_MODELS();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char folder[] = "/tmp/gatehouse-model-XXXXXX", list[4300];
		struct gh_vision_options changed = options;
		struct gh_model_verdict verdict;

		assert_non_null(mkdtemp(folder));
		make_copy(folder);
		spoil(folder, cases[i].file, cases[i].from, cases[i].to);
		snprintf(list, sizeof(list), "%s/MANIFEST", folder);
		changed.models_manifest = list;
		assert_int_equal(check(&changed, &verdict), GH_OK);
		remove_copy(folder);
		if (verdict.failed == 0)
			fail_msg("passed: %s with %s", cases[i].file, cases[i].to);
		assert_string_equal(told.network, cases[i].network);
		assert_string_equal(told.what, cases[i].what);
		printf("told: %s %s: %s\n", told.network, told.what, told.text);
	}
}

static void what_cannot_be_checked_at_all_is_a_status(void **state)
{
	struct gh_vision_options changed = options;
	struct gh_model_verdict verdict;

	NEED_MODELS();
	changed.engine = "abacus";
	assert_int_equal(check(&changed, &verdict), GH_UNSUPPORTED);
	changed = options;
	changed.models_manifest = "/nonexistent/MANIFEST";
	assert_int_equal(check(&changed, &verdict), GH_NOT_FOUND);
	changed.models_manifest = NULL;
	assert_int_equal(check(&changed, &verdict), GH_SETTINGS);
	assert_int_equal(told.count, 0);
}

/* Sets told, and whether the chosen one was among them. */
struct listed {
	uint32_t count, good, chosen;
};

static void list(void *ctx, const struct gh_model_listing *listing)
{
	struct listed *listed = ctx;

	listed->count++;
	listed->good += listing->status == GH_OK;
	assert_int_equal(listing->status == GH_OK, listing->reason_text[0] == '\0');
	if (listing->chosen) {
		listed->chosen++;
		assert_string_equal(listing->name, "fr");
		assert_string_equal(listing->models[0], "fr_detect");
		assert_string_equal(listing->role_names[0], "detector");
	}
}

static void sets_are_listed(void **state)
{
	struct gh_vision_options changed = options;
	struct listed listed = { 0 };

	NEED_MODELS();
	assert_int_equal(gh_model_list(&options, list, &listed, NULL), GH_OK);
	assert_true(listed.count >= 3 && listed.good >= 2);
	assert_int_equal(listed.chosen, 1);
	/* Files that are not there are told with the set, and stop nothing. */
	memset(&listed, 0, sizeof(listed));
	changed.models_directory = "/nonexistent";
	assert_int_equal(gh_model_list(&changed, list, &listed, NULL), GH_OK);
	assert_int_equal(listed.good, 0);
	changed.models_manifest = "/nonexistent/MANIFEST";
	assert_int_equal(gh_model_list(&changed, list, &listed, NULL), GH_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shipped_sets_pass),
		cmocka_unit_test(what_is_spoilt_is_named),
		cmocka_unit_test(what_cannot_be_checked_at_all_is_a_status),
		cmocka_unit_test(sets_are_listed),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
