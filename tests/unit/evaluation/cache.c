/* SPDX-License-Identifier: Apache-2.0 */
/* The file of templates: what is kept, what is cut off, and what is refused untouched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cache.h"
#include "gatehouse/base/file.h"
#include "support/folder.h"
#include "support/gallery/synthetic.h"

enum {
	HEAD_BYTES = 48,
	RECORD_BYTES = 2108,
	PICTURES = 1500
};

static const struct gh_model_chain chain = { { 1, 2, 3 } };
static char path[512];
static struct gh_cache *cache;

static int set_up(void **state)
{
	if (folder_set_up(state) != 0)
		return -1;
	snprintf(path, sizeof(path), "%s/templates", folder_path());
	return 0;
}

static struct gh_sha256 picture(uint32_t i)
{
	struct gh_sha256 hash;

	assert_int_equal(
		gh_sha256_of((struct gh_view){ (const uint8_t *)&i, sizeof(i) }, &hash, NULL),
		GH_OK);
	return hash;
}

static struct gh_enrolled outcome(uint32_t i)
{
	struct gh_enrolled made = { .status = GH_OK, .faces = i + 1 };
	uint64_t seed = i + 1;

	synthetic_template(&seed, &made.reference);
	if (i % 7 == 3)
		made = (struct gh_enrolled){ .status = i % 2 ? GH_NO_FACE : GH_MALFORMED };
	return made;
}

static void open_it(void)
{
	struct gh_error error = GH_ERROR_NONE;

	if (gh_cache_open(path, &chain, &cache, &error) != GH_OK)
		fail_msg("%s", error.text);
}

static void add(uint32_t i)
{
	struct gh_sha256 hash = picture(i);
	struct gh_enrolled made = outcome(i);

	assert_int_equal(gh_cache_add(cache, &hash, &made, NULL), GH_OK);
}

static bool holds(uint32_t i)
{
	struct gh_sha256 hash = picture(i);
	struct gh_enrolled wanted = outcome(i);
	struct gh_enrolled found = { .status = GH_INTERNAL };

	if (gh_cache_find(cache, &hash, &found, NULL) == GH_NOT_FOUND)
		return false;
	assert_int_equal(found.status, wanted.status);
	if (wanted.status != GH_OK)
		return true;
	assert_int_equal(found.faces, wanted.faces);
	assert_memory_equal(&found.reference, &wanted.reference, sizeof(found.reference));
	return true;
}

static void fill(uint32_t count)
{
	open_it();
	for (uint32_t i = 0; i < count; i++)
		add(i);
	gh_cache_close(cache);
}

static off_t size(void)
{
	struct stat about;

	assert_int_equal(stat(path, &about), 0);
	return about.st_size;
}

static void test_all_is_there_again(void **state)
{
	struct stat about;

	fill(PICTURES);
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
	assert_int_equal(about.st_size, HEAD_BYTES + PICTURES * RECORD_BYTES);
	open_it();
	assert_int_equal(gh_cache_count(cache), PICTURES);
	for (uint32_t i = 0; i < PICTURES; i++)
		assert_true(holds(i));
	assert_false(holds(PICTURES));
	/* Two files may show the same picture. */
	add(5);
	assert_int_equal(gh_cache_count(cache), PICTURES);
	gh_cache_close(cache);
	gh_cache_close(NULL);
}

/* Wherever a run was stopped in the writing, all whole records before are there. */
static void test_a_torn_file_goes_on(void **state)
{
	uint64_t seed = synthetic_seed(131);

	for (int trial = 0; trial < 40; trial++) {
		off_t cut;
		size_t whole;

		unlink(path);
		fill(5);
		cut = trial < 3 ? trial * 24 : (off_t)synthetic_below(&seed, (uint64_t)size() + 1);
		assert_int_equal(truncate(path, cut), 0);
		whole = cut < HEAD_BYTES ? 0 : (size_t)(cut - HEAD_BYTES) / RECORD_BYTES;
		open_it();
		assert_int_equal(gh_cache_count(cache), whole);
		for (uint32_t i = 0; i < 5; i++) {
			assert_int_equal(holds(i), i < whole);
			add(i);
		}
		gh_cache_close(cache);
		open_it();
		assert_int_equal(gh_cache_count(cache), 5);
		for (uint32_t i = 0; i < 5; i++)
			assert_true(holds(i));
		gh_cache_close(cache);
	}
}

static void flip(off_t at)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;

	assert_int_equal(gh_file_read(path, 1 << 24, &bytes, NULL), GH_OK);
	bytes.data[at] ^= 0x10;
	assert_int_equal(gh_file_replace(path, gh_bytes_view(&bytes), 0644, NULL), GH_OK);
	gh_bytes_finish(&bytes);
}

static void test_a_flipped_bit_is_never_a_template(void **state)
{
	uint64_t seed = synthetic_seed(132);

	for (int trial = 0; trial < 60; trial++) {
		off_t at = HEAD_BYTES + (off_t)synthetic_below(&seed, 5 * RECORD_BYTES);
		uint32_t record = (uint32_t)((at - HEAD_BYTES) / RECORD_BYTES);
		struct stat about;

		unlink(path);
		fill(5);
		flip(at);
		open_it();
		assert_int_equal(gh_cache_count(cache), record);
		for (uint32_t i = 0; i < 5; i++)
			assert_int_equal(holds(i), i < record);
		gh_cache_close(cache);
		/* And what somebody opened to others is closed again. */
		assert_int_equal(stat(path, &about), 0);
		assert_int_equal(about.st_mode & 0777, 0600);
	}
}

static void refused(enum gh_status expected, const struct gh_model_chain *with, const char *reason)
{
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(gh_cache_open(path, with, &cache, &error), expected);
	assert_null(cache);
	if (!strstr(error.text, reason))
		fail_msg("\"%s\" does not say \"%s\"", error.text, reason);
}

static void test_another_chain_is_refused_untouched(void **state)
{
	const struct gh_model_chain other = { { 9 } };
	off_t before;

	fill(3);
	before = size();
	refused(GH_CONFLICT, &other, "another chain");
	assert_int_equal(size(), before);
	open_it();
	assert_int_equal(gh_cache_count(cache), 3);
	gh_cache_close(cache);
}

static void test_other_files_are_refused_untouched(void **state)
{
	static const char *const texts[] = { "identity\tfile\n", "gh templates 2\n-", "x" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct gh_bytes bytes = GH_BYTES_EMPTY;

		assert_int_equal(
			gh_file_replace(path, gh_view_of_text(texts[i]), 0640, NULL), GH_OK);
		refused(GH_MALFORMED, &chain, "not a file of templates");
		assert_int_equal(gh_file_read(path, 100, &bytes, NULL), GH_OK);
		assert_true(gh_view_equal(gh_bytes_view(&bytes), gh_view_of_text(texts[i])));
		gh_bytes_finish(&bytes);
	}
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	refused(GH_MALFORMED, &chain, "not a file");
	unlink(path);
	assert_int_equal(symlink("/dev/null", path), 0);
	refused(GH_IO, &chain, path);
}

static void test_one_run_at_a_time(void **state)
{
	struct gh_cache *first;

	open_it();
	first = cache;
	refused(GH_BUSY, &chain, "another run");
	gh_cache_close(first);
	open_it();
	gh_cache_close(cache);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, folder_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_all_is_there_again),
		TEST(test_a_torn_file_goes_on),
		TEST(test_a_flipped_bit_is_never_a_template),
		TEST(test_another_chain_is_refused_untouched),
		TEST(test_other_files_are_refused_untouched),
		TEST(test_one_run_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
