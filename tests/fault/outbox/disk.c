/* SPDX-License-Identifier: Apache-2.0 */
/* A real disk that is small, or may only be read; and a queue of 100,000. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../support/outbox/box.h"
#include "gatehouse/base/log.h"

#define SMALL_DISK_BYTES (12 << 20)

/* A small file system of our own, or a skip where we may not mount. */
static void mount_small(char folder[64])
{
	char options[32];

	strcpy(folder, "/tmp/outbox-disk-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(options, sizeof(options), "size=%d", SMALL_DISK_BYTES);
	if (mount("tmpfs", folder, "tmpfs", 0, options) == 0)
		return;
	printf("skipped: no right to mount a small file system\n");
	rmdir(folder);
	skip();
}

static void unmount(const char *folder)
{
	assert_int_equal(umount2(folder, MNT_DETACH), 0);
	rmdir(folder);
}

static void fill_disk(const char *folder)
{
	char path[96];
	static char block[4096];

	snprintf(path, sizeof(path), "%s/filler", folder);
	FILE *filler = fopen(path, "w");
	assert_non_null(filler);
	setvbuf(filler, NULL, _IONBF, 0);
	memset(block, 1, sizeof(block));
	while (fwrite(block, sizeof(block), 1, filler) == 1)
		;
	fclose(filler);
}

static void the_outbox_is_full_before_the_disk(void **state)
{
	char folder[64];
	struct box box;
	struct gh_error error;
	uint32_t n = 0;

	mount_small(folder);
	box_make(&box, folder);
	box.options.free_disk_min_bytes = 2 << 20;
	box_open(&box);
	while (box_put(&box, n, 40000, &error) == GH_OK)
		n++;
	assert_int_equal(error.status, GH_FULL);
	assert_true(n > 20);
	assert_int_equal(box_state(&box).waiting, 2 * (uint64_t)n);
	/* There is room to deliver all of it, and then to put again. */
	for (uint32_t i = 0; i < 2 * n; i++) {
		struct gh_item item;
		assert_int_equal(box_take(&box, &item), GH_OK);
		assert_int_equal(gh_outbox_acknowledge(box.outbox, &item, NULL, NULL), GH_OK);
		gh_item_finish(&item);
	}
	assert_int_equal(box_put(&box, n, 40000, NULL), GH_OK);
	box_remove(&box);
	unmount(folder);
}

static void a_disk_filled_by_others_loses_nothing(void **state)
{
	char folder[64];
	struct box box;
	struct gh_error error;
	uint32_t n = 0;

	mount_small(folder);
	box_make(&box, folder);
	box_open(&box);
	for (; n < 20; n++)
		assert_int_equal(box_put(&box, n, 10000, NULL), GH_OK);
	fill_disk(folder);
	while (n < 1000 && box_put(&box, n, 10000, &error) == GH_OK)
		n++;
	assert_int_equal(error.status, GH_FULL);
	char filler[96];
	snprintf(filler, sizeof(filler), "%s/filler", folder);
	/* Even a start on the full disk finds all; whether it can write is another matter. */
	box_close(&box);
	enum gh_status status = gh_outbox_open(&box.options, &box.outbox, &error);
	assert_true(status == GH_OK || status == GH_FULL);
	assert_int_equal(unlink(filler), 0);
	if (status != GH_OK)
		box_open(&box);
	assert_int_equal(box_state(&box).waiting, 2 * (uint64_t)n);
	assert_int_equal(box_put(&box, n, 10000, NULL), GH_OK);
	box_remove(&box);
	unmount(folder);
}

/* Whether opening as somebody who may not write says what it must. */
static int open_as_nobody(struct box *box)
{
	if (setgid(65534) != 0 || setuid(65534) != 0)
		return 9;
	return gh_outbox_open(&box->options, &box->outbox, NULL) == GH_DENIED ? 0 : 1;
}

static int in_child(struct box *box)
{
	int result;
	pid_t child = fork();

	if (child == 0)
		_exit(open_as_nobody(box));
	assert_int_equal(waitpid(child, &result, 0), child);
	return result;
}

static void a_folder_that_may_only_be_read_is_told(void **state)
{
	struct box box;

	if (geteuid() != 0) {
		printf("skipped: needs root to become somebody else\n");
		skip();
	}
	box_make(&box, NULL);
	assert_int_equal(chmod(box.folder, 0755), 0);
	assert_int_equal(in_child(&box), 0);
	box_open(&box);
	assert_int_equal(box_put(&box, 1, 0, NULL), GH_OK);
	box_close(&box);
	assert_int_equal(in_child(&box), 0);
	/* Also where the lock may be taken but the database only read. */
	assert_int_equal(chmod(box.folder, 0777), 0);
	assert_int_equal(chmod(box_path(&box, "outbox.lock"), 0666), 0);
	assert_int_equal(chmod(box_path(&box, "outbox.db"), 0444), 0);
	assert_int_equal(in_child(&box), 0);
	box_remove(&box);
}

static void a_read_only_disk_is_told(void **state)
{
	char folder[64];
	struct box box;

	mount_small(folder);
	box_make(&box, folder);
	box_open(&box);
	assert_int_equal(box_put(&box, 1, 0, NULL), GH_OK);
	box_close(&box);
	assert_int_equal(mount("tmpfs", folder, "tmpfs", MS_REMOUNT | MS_RDONLY, ""), 0);
	assert_int_equal(gh_outbox_open(&box.options, &box.outbox, NULL), GH_DENIED);
	assert_int_equal(mount("tmpfs", folder, "tmpfs", MS_REMOUNT, ""), 0);
	box_open(&box);
	assert_int_equal(box_state(&box).waiting, 1);
	box_remove(&box);
	unmount(folder);
}

/* Drain with several out at once, some put off, one restart in the middle. */
static void a_long_queue_is_drained_once_each(void **state)
{
	uint32_t count = box_long() ? 100000 : 5000;
	uint8_t *seen = calloc(count, 1);
	uint32_t delivered = 0;
	struct box box;

	box_make(&box, NULL);
	box_open(&box);
	uint32_t random_state = box_seed(3);
	for (uint32_t n = 0; n < count; n++)
		assert_int_equal(box_put(&box, n, n % 50 == 0 ? 500 : 0, NULL), GH_OK);
	while (box_state(&box).waiting > 0) {
		struct gh_item items[8];
		int out = 0;

		while (out < 8 && box_take(&box, &items[out]) == GH_OK)
			out++;
		for (int i = 0; i < out; i++) {
			random_state = random_state * 1664525u + 1013904223u;
			if (random_state >> 29 == 0) {
				assert_int_equal(
					gh_outbox_retry(box.outbox, &items[i], 1, "http_503", NULL),
					GH_OK);
			} else {
				assert_int_equal(
					gh_outbox_acknowledge(box.outbox, &items[i], NULL, NULL),
					GH_OK);
				if (items[i].kind == GH_ITEM_ENCOUNTER)
					assert_int_equal(seen[box_number(&items[i].id)]++, 0);
				delivered++;
			}
			gh_item_finish(&items[i]);
		}
		gh_clock_manual_advance(&box.clock, 1000);
		if (delivered >= count / 2 && delivered < count / 2 + 8)
			box_reopen(&box);
	}
	for (uint32_t n = 0; n < count; n++)
		assert_int_equal(seen[n], 1);
	assert_int_equal(delivered, count + count / 50);
	assert_int_equal(box_state(&box).acknowledged, delivered);
	printf("%u encounters drained\n", count);
	free(seen);
	box_remove(&box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_outbox_is_full_before_the_disk),
		cmocka_unit_test(a_disk_filled_by_others_loses_nothing),
		cmocka_unit_test(a_folder_that_may_only_be_read_is_told),
		cmocka_unit_test(a_read_only_disk_is_told),
		cmocka_unit_test(a_long_queue_is_drained_once_each),
	};

	gh_log_set_level(GH_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
