/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of models: the shipped ones, and those whose networks do not go together. */
#include "set.h"

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

#include "support/vision/shipped.h"

static struct gh_model_set set;

static void the_shipped_sets_are_good(void **state)
{
	static const char *const names[] = { "fr", "fr-centerface", "dlib" };

	for (size_t i = 0; i < 3; i++) {
		struct gh_error error = GH_ERROR_NONE;

		if (gh_model_set_read(shipped_folder(), names[i], &set, &error) != GH_OK)
			fail_msg("%s: %s", names[i], error.text);
		assert_string_equal(set.name, names[i]);
		assert_true(set.has[GH_ROLE_EMBEDDER]);
	}
	assert_string_equal(set.forms[GH_ROLE_EMBEDDER].contract.model, "dlib_resnet");
	assert_int_equal(set.forms[GH_ROLE_LANDMARKS].contract.kind, GH_NETWORK_DLIB_FIVE);
	assert_false(set.has[GH_ROLE_EYES]);
}

static void names_that_lead_elsewhere_are_refused(void **state)
{
	static const char *const names[] = { "", ".", "..", "../sets/fr", "fr/set", ".fr",
		"a-name-that-is-far-too-long-for-a-set" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(
			gh_model_set_read(shipped_folder(), names[i], &set, NULL), GH_SETTINGS);
	assert_int_equal(gh_model_set_read(shipped_folder(), NULL, &set, NULL), GH_SETTINGS);
	assert_int_equal(gh_model_set_read(shipped_folder(), "none", &set, NULL), GH_NOT_FOUND);
}

static void lines_of_a_set_are_read_strictly(void **state)
{
	static const struct {
		const char *text;
		enum gh_status status;
	} texts[] = {
		{ "gatehouse-model-set 1\nset x\ndetector a\nembedder b\nend\n", GH_OK },
		{ "gatehouse-model-set 1\nset x\ndetector a\nembedder b\n", GH_TRUNCATED },
		{ "gatehouse-model-set 2\nset x\ndetector a\nembedder b\nend\n", GH_MALFORMED },
		{ "gatehouse-model-set 1\ndetector a\nembedder b\nend\n", GH_MALFORMED },
		{ "gatehouse-model-set 1\nset x\ndetector a\nend\n", GH_MALFORMED },
		{ "gatehouse-model-set 1\nset x\nembedder a\nend\n", GH_MALFORMED },
		{ "gatehouse-model-set 1\nset x\ndetector a\ndetector a\nembedder b\nend\n",
			GH_MALFORMED },
		{ "gatehouse-model-set 1\nset x\ndetector a b\nembedder b\nend\n", GH_MALFORMED },
		{ "gatehouse-model-set 1\nset x\ndetector a\nembedder b\nage c\nend\n",
			GH_MALFORMED },
		{ "gatehouse-model-set 1\nset x\ndetector a\nembedder b\nend\nmore\n",
			GH_MALFORMED },
		{ "", GH_TRUNCATED },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(gh_model_set_parse(gh_view_of_text(texts[i].text), &set, NULL),
			texts[i].status);
}

/* A folder of sets whose networks are the shipped ones. */
static enum gh_status read_set_of(const char *roles, struct gh_error *error)
{
	char folder[] = "/tmp/gatehouse-set-XXXXXX", path[256], text[512], to[4200];
	static const char *const models[] = { "fr_detect", "centerface", "fr_landmark",
		"fr_feature", "dlib_resnet", "dlib_five", "fr_eye" };
	const size_t count = sizeof(models) / sizeof(models[0]);
	enum gh_status status;

	assert_non_null(mkdtemp(folder));
	for (size_t i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, models[i]);
		snprintf(to, sizeof(to), "%s/%s", shipped_folder(), models[i]);
		assert_int_equal(symlink(to, path), 0);
	}
	snprintf(path, sizeof(path), "%s/sets", folder);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/sets/x", folder);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/sets/x/set", folder);
	snprintf(text, sizeof(text), "gatehouse-model-set 1\nset x\n%send\n", roles);
	assert_int_equal(gh_file_replace(path, gh_view_of_text(text), 0644, NULL), GH_OK);
	status = gh_model_set_read(folder, "x", &set, error);
	remove(path);
	snprintf(path, sizeof(path), "%s/sets/x", folder);
	remove(path);
	snprintf(path, sizeof(path), "%s/sets", folder);
	remove(path);
	for (size_t i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, models[i]);
		remove(path);
	}
	remove(folder);
	return status;
}

static void networks_have_to_go_together(void **state)
{
	static const struct {
		const char *roles;
		const char *said; /* NULL: they do */
	} sets[] = {
		{ "detector centerface\nembedder fr_feature\n", NULL },
		{ "detector centerface\nlandmarks fr_landmark\nembedder dlib_resnet\n", NULL },
		{ "detector fr_detect\nembedder fr_feature\n", "landmarks" },
		{ "detector centerface\nembedder dlib_resnet\n", "corners" },
		{ "detector fr_landmark\nembedder fr_feature\n", "no detector" },
		{ "detector fr_detect\nlandmarks dlib_five\nembedder centerface\n", "no embedder" },
		{ "detector fr_detect\nlandmarks dlib_five\nembedder fr_feature\neyes fr_eye\n",
			"68" },
		{ "detector fr_detect\nlandmarks dlib_five\nembedder none\n", "none" },
	};

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		struct gh_error error = GH_ERROR_NONE;
		enum gh_status status = read_set_of(sets[i].roles, &error);

		if (!sets[i].said) {
			assert_int_equal(status, GH_OK);
			continue;
		}
		assert_int_not_equal(status, GH_OK);
		if (!strstr(error.text, sets[i].said))
			fail_msg("%s: %s", sets[i].roles, error.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shipped_sets_are_good),
		cmocka_unit_test(names_that_lead_elsewhere_are_refused),
		cmocka_unit_test(lines_of_a_set_are_read_strictly),
		cmocka_unit_test(networks_have_to_go_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
