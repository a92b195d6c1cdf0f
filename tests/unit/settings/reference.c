/* SPDX-License-Identifier: Apache-2.0 */
/* Tests that config/gatehouse.conf is what the table says, and that every key explains itself. */
#include "gatehouse/settings/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"

static void reference_path(char path[4096])
{
	const char *source = getenv("GATEHOUSE_SOURCE_DIR");

	if (!source)
		fail_msg("run by ctest, which sets GATEHOUSE_SOURCE_DIR");
	assert_int_equal(gh_path_join(source, "config/gatehouse.conf", path, 4096, NULL), GH_OK);
}

/*
 * Byte by byte, so that no key, default or range can drift. After a change of the table, run
 * this test once with GATEHOUSE_WRITE=1 to write the file anew.
 */
static void the_reference_file_is_the_table(void **state)
{
	struct gh_bytes made = GH_BYTES_EMPTY;
	struct gh_bytes kept = GH_BYTES_EMPTY;
	char path[4096];
	size_t line = 1;

	reference_path(path);
	assert_int_equal(gh_settings_reference(&made, NULL), GH_OK);
	if (getenv("GATEHOUSE_WRITE"))
		assert_int_equal(gh_file_replace(path, gh_bytes_view(&made), 0644, NULL), GH_OK);
	assert_int_equal(gh_file_read(path, 1 << 20, &kept, NULL), GH_OK);
	for (size_t i = 0; i < made.length_bytes && i < kept.length_bytes; i++) {
		if (made.data[i] != kept.data[i])
			fail_msg("%s:%zu differs from the table (GATEHOUSE_WRITE=1 mends it)", path,
				line);
		line += made.data[i] == '\n';
	}
	assert_int_equal(made.length_bytes, kept.length_bytes);
	gh_bytes_finish(&made);
	gh_bytes_finish(&kept);
}

static void it_loads_as_the_defaults(void **state)
{
	struct gh_settings defaults;
	struct gh_settings settings;
	struct gh_error error = GH_ERROR_NONE;
	char path[4096];

	reference_path(path);
	if (gh_settings_load(path, &settings, &error) != GH_OK)
		fail_msg("%s", error.text);
	gh_settings_default(&defaults);
	assert_memory_equal(&settings, &defaults, sizeof(settings));
}

static void every_line_can_be_read_by_people(void **state)
{
	struct gh_bytes made = GH_BYTES_EMPTY;
	size_t column = 0;

	assert_int_equal(gh_settings_reference(&made, NULL), GH_OK);
	for (size_t i = 0; i < made.length_bytes; i++) {
		assert_true(made.data[i] == '\n' || (made.data[i] >= ' ' && made.data[i] < 0x7F));
		column = made.data[i] == '\n' ? 0 : column + 1;
		assert_true(column <= 100);
	}
	gh_bytes_finish(&made);
}

struct tally {
	struct gh_view reference;
	size_t keys;
};

static bool contains(struct gh_view text, const char *piece)
{
	size_t length = strlen(piece);

	for (size_t i = 0; i + length <= text.length_bytes; i++)
		if (memcmp(text.data + i, piece, length) == 0)
			return true;
	return false;
}

/* A sentence, a range and a default that stand in the reference file too. */
static void look_at(void *ctx, const struct gh_setting *setting)
{
	struct tally *tally = ctx;
	char line[512];
	size_t length = strlen(setting->about);

	tally->keys++;
	assert_true(length > 10);
	assert_true(setting->about[0] >= 'A' || setting->about[0] == '(');
	assert_int_equal(setting->about[length - 1], '.');
	snprintf(line, sizeof(line), "# Range: %s. Default: %s.\n%s =%s%s\n", setting->range,
		setting->default_value[0] ? setting->default_value : "empty", setting->key,
		setting->default_value[0] ? " " : "", setting->default_value);
	if (!contains(tally->reference, line))
		fail_msg("[%s] %s is not in the reference as described", setting->section,
			setting->key);
}

static void every_key_explains_itself(void **state)
{
	struct gh_bytes made = GH_BYTES_EMPTY;
	struct tally tally = { .keys = 0 };
	size_t lines = 0;

	assert_int_equal(gh_settings_reference(&made, NULL), GH_OK);
	tally.reference = gh_bytes_view(&made);
	gh_settings_describe(look_at, &tally);
	/* As many "# Range: " as keys. */
	for (size_t i = 0; i + 9 < made.length_bytes; i++)
		lines += memcmp(made.data + i, "# Range: ", 9) == 0;
	assert_int_equal(lines, tally.keys);
	assert_true(tally.keys > 80);
	gh_bytes_finish(&made);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_reference_file_is_the_table),
		cmocka_unit_test(it_loads_as_the_defaults),
		cmocka_unit_test(every_line_can_be_read_by_people),
		cmocka_unit_test(every_key_explains_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
