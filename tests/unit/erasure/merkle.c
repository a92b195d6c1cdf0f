/* SPDX-License-Identifier: Apache-2.0 */
/* The hash tree against values worked out from the definitions of RFC 9162, section 2.1. */
#include "merkle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Leaves are single bytes 00, 01, ... */
static const uint8_t bytes[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18 };
#define LEAVES (sizeof(bytes))

static struct gh_view first(size_t count)
{
	return (struct gh_view){ bytes, count };
}

static void roots_are_those_of_the_definition(void **state)
{
	static const char *const roots[] = {
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
		"a20bf9a7cc2dc8a08f5f415a71b19f6ac427bab54d24eec868b5d3103449953a",
		"3b6cccd7e3e023ff393006f030315ee7ad9eb111b022b41fba7e5b7a3973f688",
		"9bcd51240af4005168f033121ba85be5a6ed4f0e6a5fac262066729b8fbfdecb",
		"b855b42d6c30f5b087e05266783fbd6e394f7b926013ccaa67700a8b0c5a596f",
		"bb36e7d3d4cee5720cbd323d02fab15962e2ba1dadf5f8fc6eeef4fd6ad056a8",
		"3560191803028444b232018ac047fdb561c09c23a7a6876c85e08b5e4d48e9f3",
		"ef7f49b620f6c7ea9b963a214da34b5021c6ded8ed57734380a311ab726aa907",
	};

	(void)state;
	for (size_t n = 0; n < sizeof(roots) / sizeof(roots[0]); n++) {
		struct gh_sha256 root;
		char text[GH_SHA256_TEXT_BYTES];

		assert_int_equal(merkle_root(first(n), 1, &root, NULL), GH_OK);
		gh_sha256_format(&root, text);
		assert_string_equal(text, roots[n]);
	}
}

/* The example of section 2.1.5: seven leaves, the paths of numbers 0, 3, 4 and 6. */
static void paths_are_those_of_the_example(void **state)
{
	static const struct {
		size_t index;
		const char *begins[4];
	} paths[] = {
		{ 0, { "b413f47d13ee2fe6", "52c56b473e524693", "89c929834ed1459b" } },
		{ 3, { "fcf0a6c700dd13e2", "a20bf9a7cc2dc8a0", "89c929834ed1459b" } },
		{ 4, { "9f1afa4dc124cba7", "40d88127d4d31a38", "9bcd51240af40051" } },
		{ 6, { "4b8c129ed14cce2c", "9bcd51240af40051" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct merkle_path path;
		size_t depth = 0;

		assert_int_equal(merkle_path_of(first(7), 1, paths[i].index, &path, NULL), GH_OK);
		for (; paths[i].begins[depth]; depth++) {
			char text[GH_SHA256_TEXT_BYTES];

			assert_true(depth < path.count);
			gh_sha256_format(&path.hashes[depth], text);
			text[16] = '\0';
			assert_string_equal(text, paths[i].begins[depth]);
		}
		assert_int_equal(path.count, depth);
	}
}

static enum gh_status verify(
	uint8_t leaf, size_t index, size_t count, const struct merkle_path *path)
{
	struct gh_sha256 hash;
	struct gh_sha256 root;

	assert_int_equal(merkle_leaf((struct gh_view){ &leaf, 1 }, &hash, NULL), GH_OK);
	assert_int_equal(merkle_root(first(count), 1, &root, NULL), GH_OK);
	return merkle_verify(&hash, index, count, path, &root, NULL);
}

static void every_path_leads_to_its_root_and_to_no_other(void **state)
{
	(void)state;
	for (size_t count = 1; count <= LEAVES; count++)
		for (size_t i = 0; i < count; i++) {
			struct merkle_path path;

			assert_int_equal(merkle_path_of(first(count), 1, i, &path, NULL), GH_OK);
			assert_int_equal(verify(bytes[i], i, count, &path), GH_OK);
			assert_int_equal(
				verify((uint8_t)(bytes[i] + 1), i, count, &path), GH_INTEGRITY);
			for (size_t other = 0; other <= count; other++)
				if (other != i)
					assert_int_equal(verify(bytes[i], other, count, &path),
						GH_INTEGRITY);
			if (count > 1)
				assert_int_equal(
					verify(bytes[i], i, count - 1, &path), GH_INTEGRITY);
		}
}

static void a_path_with_one_bit_changed_or_one_hash_less_is_refused(void **state)
{
	struct merkle_path path;

	(void)state;
	assert_int_equal(merkle_path_of(first(11), 1, 5, &path, NULL), GH_OK);
	for (size_t i = 0; i < path.count; i++) {
		path.hashes[i].bytes[i] ^= 1;
		assert_int_equal(verify(bytes[5], 5, 11, &path), GH_INTEGRITY);
		path.hashes[i].bytes[i] ^= 1;
	}
	path.count--;
	assert_int_equal(verify(bytes[5], 5, 11, &path), GH_INTEGRITY);
	path.count += 2;
	assert_int_equal(verify(bytes[5], 5, 11, &path), GH_INTEGRITY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roots_are_those_of_the_definition),
		cmocka_unit_test(paths_are_those_of_the_example),
		cmocka_unit_test(every_path_leads_to_its_root_and_to_no_other),
		cmocka_unit_test(a_path_with_one_bit_changed_or_one_hash_less_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
