/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of whole files on a real file system: limits, kinds, modes, and a disk without room. */
#include "gatehouse/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[PATH_MAX];

static const char *place(const char *name)
{
	static char path[2][PATH_MAX + 64];
	static int turn;

	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", folder, name);
	return path[turn];
}

static int make_folder(void **state)
{
	const char *parent = getenv("TMPDIR");

	snprintf(folder, sizeof(folder), "%s/gatehouse-file-XXXXXX", parent ? parent : "/tmp");
	return mkdtemp(folder) ? 0 : -1;
}

/* Every test takes away what it made, so that a temporary file left behind shows here. */
static int remove_folder(void **state)
{
	return rmdir(folder);
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void expect_content(const char *path, const char *text)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;

	assert_int_equal(gh_file_read(path, 1 << 20, &bytes, NULL), GH_OK);
	assert_true(gh_view_equal(gh_bytes_view(&bytes), gh_view_of_text(text)));
	gh_bytes_finish(&bytes);
}

static int entries(void)
{
	DIR *dir = opendir(folder);
	int count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count - 2;
}

static void reading_stays_under_the_limit(void **state)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	struct gh_error error = GH_ERROR_NONE;
	const char *path = place("f");

	write_file(path, "0123456789");
	assert_int_equal(gh_file_read(path, 10, &bytes, &error), GH_OK);
	assert_int_equal(bytes.length_bytes, 10);
	assert_int_equal(gh_file_read(path, 9, &bytes, &error), GH_TOO_LARGE);
	assert_int_equal(bytes.length_bytes, 0);
	assert_null(bytes.data);
	assert_non_null(strstr(error.text, path));
	write_file(path, "");
	assert_int_equal(gh_file_read(path, 0, &bytes, &error), GH_OK);
	assert_int_equal(bytes.length_bytes, 0);
	gh_bytes_finish(&bytes);
	unlink(path);
}

/* Files of /proc say they are empty and are not. */
static void files_without_a_size_are_read_to_the_end(void **state)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;

	if (access("/proc/self/status", R_OK) != 0)
		skip();
	assert_int_equal(gh_file_read("/proc/self/status", 65536, &bytes, NULL), GH_OK);
	assert_true(bytes.length_bytes > 100);
	assert_memory_equal(bytes.data, "Name:", 5);
	assert_int_equal(gh_file_read("/proc/self/status", 50, &bytes, NULL), GH_TOO_LARGE);
	gh_bytes_finish(&bytes);
}

static void what_is_no_file_is_refused(void **state)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(gh_file_read(place("none"), 10, &bytes, &error), GH_NOT_FOUND);
	assert_int_equal(gh_file_read(folder, 10, &bytes, &error), GH_UNSUPPORTED);
	assert_int_equal(gh_file_read("/dev/null", 10, &bytes, &error), GH_UNSUPPORTED);
	assert_int_equal(mkfifo(place("fifo"), 0600), 0);
	assert_int_equal(gh_file_read(place("fifo"), 10, &bytes, &error), GH_UNSUPPORTED);
	assert_null(bytes.data);
	unlink(place("fifo"));
}

static void replace_makes_and_replaces(void **state)
{
	const char *path = place("f");
	struct stat found;
	mode_t mask = umask(0077);

	assert_int_equal(gh_file_replace(path, gh_view_of_text("one"), 0600, NULL), GH_OK);
	expect_content(path, "one");
	assert_int_equal(gh_file_replace(path, gh_view_of_text("two"), 0644, NULL), GH_OK);
	expect_content(path, "two");
	assert_int_equal(stat(path, &found), 0);
	assert_int_equal(found.st_mode & 07777, 0644);
	assert_int_equal(gh_file_replace(path, gh_view_of_text(""), 0600, NULL), GH_OK);
	expect_content(path, "");
	assert_int_equal(entries(), 1);
	umask(mask);
	unlink(path);
}

static void replace_does_not_write_through_links(void **state)
{
	write_file(place("target"), "kept");
	assert_int_equal(symlink("target", place("link")), 0);
	assert_int_equal(gh_file_replace(place("link"), gh_view_of_text("new"), 0600, NULL), GH_OK);
	expect_content(place("target"), "kept");
	expect_content(place("link"), "new");
	unlink(place("target"));
	unlink(place("link"));
}

static void replace_refuses_what_cannot_be(void **state)
{
	struct gh_error error = GH_ERROR_NONE;
	struct gh_view data = gh_view_of_text("x");

	assert_int_equal(gh_file_replace(place("none/f"), data, 0600, &error), GH_NOT_FOUND);
	assert_int_equal(gh_file_replace("", data, 0600, &error), GH_NOT_FOUND);
	assert_int_equal(gh_file_replace(place(""), data, 0600, &error), GH_NOT_FOUND);
	assert_int_equal(mkdir(place("d"), 0700), 0);
	assert_int_equal(gh_file_replace(place("d"), data, 0600, &error), GH_IO);
	assert_int_equal(entries(), 1);
	rmdir(place("d"));
}

/* A disk that takes no more: the file is as it was and nothing is left beside it. */
static void a_file_too_large_for_the_disk_leaves_the_old_one(void **state)
{
	static uint8_t large[200000];
	struct gh_error error = GH_ERROR_NONE;
	struct rlimit before;
	struct rlimit small;
	const char *path = place("f");

	write_file(path, "old");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_IGN);
	small = (struct rlimit){ 100000, before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(
		gh_file_replace(path, (struct gh_view){ large, sizeof(large) }, 0600, &error),
		GH_IO);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_non_null(strstr(error.text, "write "));
	expect_content(path, "old");
	assert_int_equal(entries(), 1);
	unlink(path);
}

static void a_read_only_folder_is_denied(void **state)
{
	struct gh_error error = GH_ERROR_NONE;

	if (geteuid() == 0) {
		print_message("root may write anywhere: skipped\n");
		skip();
	}
	assert_int_equal(chmod(folder, 0500), 0);
	assert_int_equal(
		gh_file_replace(place("f"), gh_view_of_text("x"), 0600, &error), GH_DENIED);
	assert_int_equal(gh_folder_make(place("d"), &error), GH_DENIED);
	assert_int_equal(chmod(folder, 0700), 0);
}

static void folders_are_made_with_those_above(void **state)
{
	struct stat found;
	mode_t mask = umask(0);

	assert_int_equal(gh_folder_make(place("a//b/c/"), NULL), GH_OK);
	assert_int_equal(gh_folder_make(place("a/b/c"), NULL), GH_OK);
	umask(mask);
	assert_int_equal(stat(place("a/b"), &found), 0);
	assert_int_equal(found.st_mode & 07777, 0700);
	write_file(place("a/f"), "");
	assert_int_equal(gh_folder_make(place("a/f"), NULL), GH_IO);
	assert_int_equal(gh_folder_make(place("a/f/g"), NULL), GH_IO);
	assert_int_equal(gh_folder_make("", NULL), GH_NOT_FOUND);
	assert_int_equal(gh_folder_make("/", NULL), GH_OK);
	unlink(place("a/f"));
	rmdir(place("a/b/c"));
	rmdir(place("a/b"));
	rmdir(place("a"));
}

static void only_a_folder_is_synced_as_one(void **state)
{
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(gh_folder_sync(place("."), NULL), GH_OK);
	assert_int_equal(gh_folder_sync(place("none"), &error), GH_NOT_FOUND);
	assert_non_null(strstr(error.text, "none"));
	write_file(place("f"), "");
	assert_int_not_equal(gh_folder_sync(place("f"), NULL), GH_OK);
	unlink(place("f"));
}

static void a_folder_that_others_may_write_to_is_not_ones_own(void **state)
{
	static const struct {
		mode_t mode;
		enum gh_status wanted;
	} modes[] = { { 0700, GH_OK }, { 0755, GH_OK }, { 0500, GH_OK }, { 0770, GH_DENIED },
		{ 0702, GH_DENIED }, { 01777, GH_DENIED } };
	struct gh_error error;
	char words[16];

	assert_int_equal(gh_folder_check_own(place("w"), &error), GH_NOT_FOUND);
	assert_int_equal(gh_folder_make(place("w"), NULL), GH_OK);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		assert_int_equal(chmod(place("w"), modes[i].mode), 0);
		assert_int_equal(gh_folder_check_own(place("w"), &error), modes[i].wanted);
		if (modes[i].wanted == GH_OK)
			continue;
		snprintf(words, sizeof(words), "mode %04o", (unsigned)modes[i].mode);
		assert_non_null(strstr(error.text, words));
		assert_non_null(strstr(error.text, place("w")));
	}
	/* Somebody else's, where this user may give it away. */
	assert_int_equal(chmod(place("w"), 0700), 0);
	if (chown(place("w"), 65534, (gid_t)-1) == 0)
		assert_int_equal(gh_folder_check_own(place("w"), &error), GH_DENIED);
	assert_int_equal(rmdir(place("w")), 0);
}

static void paths_are_joined_with_one_slash(void **state)
{
	char path[8];

	assert_int_equal(gh_path_join("/a", "b", path, sizeof(path), NULL), GH_OK);
	assert_string_equal(path, "/a/b");
	assert_int_equal(gh_path_join("/a//", "b", path, sizeof(path), NULL), GH_OK);
	assert_string_equal(path, "/a/b");
	assert_int_equal(gh_path_join("/", "b", path, sizeof(path), NULL), GH_OK);
	assert_string_equal(path, "/b");
	assert_int_equal(gh_path_join("/abc", "de", path, sizeof(path), NULL), GH_OK);
	assert_string_equal(path, "/abc/de");
	assert_int_equal(gh_path_join("/abc", "def", path, sizeof(path), NULL), GH_TOO_LARGE);
	assert_string_equal(path, "");
}

static void paths_beyond_the_system_s_limit(void **state)
{
	char *path = malloc(PATH_MAX + 100);

	assert_non_null(path);
	memset(path, 'p', PATH_MAX + 99);
	path[PATH_MAX + 99] = '\0';
	assert_int_equal(gh_folder_make(path, NULL), GH_TOO_LARGE);
	path[PATH_MAX + 50] = '/';
	assert_int_equal(gh_file_replace(path, gh_view_of_text("x"), 0600, NULL), GH_TOO_LARGE);
	free(path);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading_stays_under_the_limit),
		cmocka_unit_test(files_without_a_size_are_read_to_the_end),
		cmocka_unit_test(what_is_no_file_is_refused),
		cmocka_unit_test(replace_makes_and_replaces),
		cmocka_unit_test(replace_does_not_write_through_links),
		cmocka_unit_test(replace_refuses_what_cannot_be),
		cmocka_unit_test(a_file_too_large_for_the_disk_leaves_the_old_one),
		cmocka_unit_test(a_read_only_folder_is_denied),
		cmocka_unit_test(folders_are_made_with_those_above),
		cmocka_unit_test(only_a_folder_is_synced_as_one),
		cmocka_unit_test(a_folder_that_others_may_write_to_is_not_ones_own),
		cmocka_unit_test(paths_are_joined_with_one_slash),
		cmocka_unit_test(paths_beyond_the_system_s_limit),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
