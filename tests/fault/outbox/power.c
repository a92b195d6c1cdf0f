/* SPDX-License-Identifier: Apache-2.0 */
/* The power fails at every write, cut and sync of every operation; then it is done once more. */
#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "../../support/outbox/box.h"
#include "../../support/outbox/fault_sqlite.h"
#include "gatehouse/base/file.h"
#include "gatehouse/base/log.h"

#define PHOTO_BYTES 9000
#define RECORDS 6
#define STEPS_MAX 10000

/*
 * An operation of the outbox. Done again after it was cut off, it must end where an uncut one
 * ends: that no step is lost and none is taken twice is all in this.
 */
struct operation {
	const char *name;
	void (*act)(struct box *box);
	bool durable; /* what was reported as done stands after a cut */
};

static void must(enum gh_status status, const char *what)
{
	if (status == GH_OK)
		return;
	fprintf(stderr, "%s: %s\n", what, gh_status_name(status));
	_exit(9);
}

static void put(struct box *box)
{
	enum gh_status status = box_put(box, 50, PHOTO_BYTES, NULL);

	if (status != GH_EXISTS)
		must(status, "put");
}

static void put_with_all(struct box *box)
{
	struct gh_passage passage = { box_id('v', 1), box_id('p', 1) };
	struct gh_awaited_word word = {
		.may_proceed = true,
		.until_ms = INT64_C(1764000100000),
	};
	struct gh_outbox_put put = {
		.id = box_id('e', 51),
		.json = box_json(51),
		.passage = &passage,
		.expects_passage = true,
		.awaits = &word,
		.clock_in_doubt = true,
		.clock_base_ms = 1,
	};
	enum gh_status status = gh_outbox_put(box->outbox, &put, NULL);

	if (status != GH_EXISTS)
		must(status, "put");
}

/* With a record whose clock was in doubt. */
static void tell_clock(struct box *box)
{
	struct gh_id id = box_id('a', 2);
	struct gh_id encounter = box_id('e', 51);
	enum gh_status status;

	put_with_all(box);
	status = gh_outbox_put_addendum(
		box->outbox, &id, &encounter, box_json(2), GH_SETTLES_CLOCK, NULL);
	if (status != GH_EXISTS)
		must(status, "tell_clock");
}

/* With a passage that is open and a word that is awaited. */
static void settle(struct box *box)
{
	struct gh_id id = box_id('a', 1);
	struct gh_id encounter = box_id('e', 0);
	enum gh_status status = gh_outbox_put_addendum(
		box->outbox, &id, &encounter, box_json(1), GH_SETTLES_PASSAGE, NULL);

	if (status != GH_EXISTS)
		must(status, "addendum");
}

/* Take the first that is due; nothing if it went in the life before. */
static bool take_first(struct box *box, struct gh_item *item)
{
	struct gh_id first = box_id('e', 0);
	enum gh_status status = box_take(box, item);

	if (status == GH_OK && !gh_id_equal(&item->id, &first)) {
		must(gh_outbox_retry(box->outbox, item, 0, NULL, NULL), "put back");
		gh_item_finish(item);
		return false;
	}
	must(status, "take");
	return true;
}

static void acknowledge(struct box *box)
{
	struct gh_item item;

	if (!take_first(box, &item))
		return;
	must(gh_outbox_acknowledge(box->outbox, &item, NULL, NULL), "acknowledge");
	gh_item_finish(&item);
}

/* Acknowledged exactly when the centre's receipt stands: what is wanted has both, or neither. */
static void acknowledge_with_receipt(struct box *box)
{
	struct gh_item item;
	struct gh_receipt receipt;

	if (!take_first(box, &item))
		return;
	receipt = box_receipt(&item, 7, INT64_C(1764000000000));
	must(gh_outbox_acknowledge(box->outbox, &item, &receipt, NULL), "receipt");
	gh_item_finish(&item);
}

static void quarantine(struct box *box)
{
	struct gh_item item;

	if (!take_first(box, &item))
		return;
	must(gh_outbox_quarantine(box->outbox, &item, "http_422", NULL), "quarantine");
	gh_item_finish(&item);
}

static void quarantine_and_release(struct box *box)
{
	struct gh_id first = box_id('e', 0);

	quarantine(box);
	must(gh_outbox_release(box->outbox, &first, NULL), "release");
}

static void tell_erased(void *ctx, const struct gh_id *encounter)
{
	struct box *box = ctx;
	struct gh_id id = box_id('x', box_number(encounter));

	must(gh_outbox_put_addendum(
		     box->outbox, &id, encounter, box_json(7), GH_SETTLES_NOTHING, NULL),
		"photo_erased");
}

static void expire(struct box *box)
{
	must(gh_outbox_expire_photos(
		     box->outbox, box->clock.real_ms + 7200000, tell_erased, box, NULL),
		"expire");
}

static void forget_voyage(struct box *box)
{
	struct gh_id voyage = box_id('v', 9);

	must(gh_outbox_forget_voyage(box->outbox, &voyage, NULL), "forget");
}

static void learn_passage(struct box *box)
{
	struct gh_passage passage = { box_id('v', 2), box_id('p', 2) };

	must(gh_outbox_learn_passage(box->outbox, &passage, NULL), "learn");
}

/* What opening and closing do by themselves: the check, the WAL's way into the file. */
static void nothing(struct box *box)
{
}

static const struct operation operations[] = {
	{ "put", put, true },
	{ "put_with_all", put_with_all, true },
	{ "tell_clock", tell_clock, true },
	{ "settle", settle, true },
	{ "acknowledge", acknowledge, true },
	{ "receipt", acknowledge_with_receipt, true },
	{ "quarantine", quarantine, true },
	{ "release", quarantine_and_release, true },
	{ "expire", expire, true },
	{ "forget_voyage", forget_voyage, true },
	{ "learn_passage", learn_passage, true },
	{ "open_and_close", nothing, true },
};

/* The start: records with photographs, one passage open, a voyage that is over. */
static void fill(struct box *box)
{
	for (uint32_t n = 0; n < RECORDS; n++) {
		struct gh_passage passage = { box_id('v', 9), box_id('p', n) };
		struct gh_outbox_put put = {
			.id = box_id('e', n),
			.json = box_json(n),
			.passage = &passage,
			.expects_passage = n == 0,
		};

		if (n % 2 == 1) {
			put.photo = box_photo(n, PHOTO_BYTES);
			put.destroy_by_ms = box->clock.real_ms + 3600000;
		}
		must(gh_outbox_put(box->outbox, &put, NULL), "fill");
	}
}

/* Everything that the next life goes by, as text. Attempts count lives, so they are left out. */
static const char *const looks[] = {
	"SELECT 'item', kind, hex(id), CASE state WHEN 1 THEN 0 ELSE state END, hex(hash),"
	" body_bytes, ifnull(destroy_by_ms, 0),"
	" (SELECT length(sealed) FROM body b WHERE b.number = item.number)"
	" FROM item ORDER BY hex(id), kind",
	"SELECT 'passage', hex(voyage), hex(person) FROM passage ORDER BY 2, 3",
	"SELECT 'unsettled', hex(encounter) FROM unsettled ORDER BY 2",
	"SELECT 'awaited', hex(encounter), may_proceed, until_ms FROM awaited ORDER BY 2",
	"SELECT 'erased', hex(encounter) FROM erased ORDER BY 2",
	"SELECT 'receipt', hex(id), kind, hex(hash) FROM receipt ORDER BY 2, 3",
	"SELECT 'centre', hex(id), r.kind, hex(hash), received_ms, hex(public_key), hex(signature)"
	" FROM centre_receipt r JOIN centre_key k ON k.number = r.key ORDER BY 2, 3",
	"SELECT 'centre key', value FROM counter WHERE name = 'centre_key'",
	"SELECT 'acknowledged', value FROM counter WHERE name = 'acknowledged'",
	"SELECT 'orphan', number FROM body WHERE number NOT IN (SELECT number FROM item)",
	"SELECT 'check', quick_check FROM pragma_quick_check",
	"SELECT 'reference', \"table\" FROM pragma_foreign_key_check",
};

static void append_row(struct gh_bytes *text, sqlite3_stmt *row)
{
	for (int i = 0; i < sqlite3_column_count(row); i++) {
		const char *value = (const char *)sqlite3_column_text(row, i);

		value = value ? value : "NULL";
		must(gh_bytes_append(text, value, strlen(value), NULL), "text");
		must(gh_bytes_append(text, i + 1 < sqlite3_column_count(row) ? " " : "\n", 1, NULL),
			"text");
	}
}

static char *picture_of(struct box *box)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	sqlite3 *handle;

	assert_int_equal(sqlite3_open(box_path(box, "outbox.db"), &handle), SQLITE_OK);
	/* The failing file system has no shared memory, which a WAL of one owner does without. */
	assert_int_equal(sqlite3_exec(handle, "PRAGMA locking_mode = EXCLUSIVE", NULL, NULL, NULL),
		SQLITE_OK);
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		sqlite3_stmt *row;

		if (sqlite3_prepare_v2(handle, looks[i], -1, &row, NULL) != SQLITE_OK)
			fail_msg("%s: %s", looks[i], sqlite3_errmsg(handle));
		while (sqlite3_step(row) == SQLITE_ROW)
			append_row(&text, row);
		sqlite3_finalize(row);
	}
	sqlite3_close(handle);
	must(gh_bytes_append(&text, "", 1, NULL), "text");
	return (char *)text.data;
}

/* The picture after what opening itself repairs. */
static char *picture_after_open(struct box *box)
{
	box_open(box);
	box_close(box);
	return picture_of(box);
}

static void copy_file(const char *from, const char *to)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;

	must(gh_file_read(from, 1u << 26, &bytes, NULL), from);
	must(gh_file_replace(to, gh_bytes_view(&bytes), 0600, NULL), to);
	gh_bytes_finish(&bytes);
}

static void empty(struct box *box)
{
	DIR *folder = opendir(box->folder);
	struct dirent *entry;

	assert_non_null(folder);
	while ((entry = readdir(folder)))
		unlink(box_path(box, entry->d_name));
	closedir(folder);
}

static void copy_box(struct box *from, struct box *to)
{
	empty(to);
	copy_file(box_path(from, "outbox.db"), box_path(to, "outbox.db"));
}

struct trial {
	struct box base;
	struct box box;
	char *wanted; /* what an uncut life ends with */
	bool done;    /* the last life said that it had done its work */
	uint32_t seed;
};

static void work(struct box *box, const struct operation *operation, int out)
{
	box_open(box);
	operation->act(box);
	if (write(out, "d", 1) != 1)
		_exit(8);
	box_close(box);
	_exit(0);
}

/* One life in a process of its own; whether the power failed in it. */
static bool live(
	struct trial *trial, const struct operation *operation, unsigned long step, uint32_t seed)
{
	char word;
	int ends[2];
	int result;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		fault_arm(step > 0 ? FAULT_POWER : FAULT_NONE, step, seed);
		work(&trial->box, operation, ends[1]);
	}
	close(ends[1]);
	trial->done = read(ends[0], &word, 1) == 1;
	close(ends[0]);
	assert_int_equal(waitpid(child, &result, 0), child);
	if (WIFEXITED(result))
		assert_int_equal(WEXITSTATUS(result), 0);
	else
		assert_int_equal(WTERMSIG(result), SIGKILL);
	return WIFSIGNALED(result);
}

static void judge(struct trial *trial, const struct operation *operation, unsigned long step)
{
	char *found = picture_after_open(&trial->box);

	if (trial->done && operation->durable && strcmp(found, trial->wanted) != 0)
		fail_msg("%s, cut at step %lu: done, and then:\n%s\nwanted:\n%s", operation->name,
			step, found, trial->wanted);
	free(found);
	box_open(&trial->box);
	operation->act(&trial->box);
	box_close(&trial->box);
	found = picture_of(&trial->box);
	if (strcmp(found, trial->wanted) != 0)
		fail_msg("%s, cut at step %lu and done again:\n%s\nwanted:\n%s", operation->name,
			step, found, trial->wanted);
	free(found);
}

/* Cut at each step, under several fates of what was not synced, until nothing is left to cut. */
static unsigned long cut_everywhere(struct trial *trial, const struct operation *operation)
{
	unsigned long fates = box_long() ? 40 : 3;
	unsigned long cuts = 0;
	bool cut = true;

	copy_box(&trial->base, &trial->box);
	assert_false(live(trial, operation, 0, 0));
	trial->wanted = picture_after_open(&trial->box);
	for (unsigned long step = 1; cut; step++) {
		assert_true(step < STEPS_MAX);
		for (unsigned long fate = 0; fate < fates; fate++) {
			copy_box(&trial->base, &trial->box);
			cut = live(trial, operation, step,
				trial->seed + (uint32_t)(step * 8191 + fate * 131));
			judge(trial, operation, step);
			cuts += cut;
		}
	}
	free(trial->wanted);
	printf("%s: %lu cuts\n", operation->name, cuts);
	/* Opening alone writes; an operation that has no step of its own was not tried. */
	assert_true(cuts >= fates * 3);
	return cuts;
}

static void nothing_is_lost_and_nothing_doubled(void **state)
{
	unsigned long cuts = 0;
	struct trial trial;

	memset(&trial, 0, sizeof(trial));
	trial.seed = box_seed(20261130);
	box_make(&trial.base, NULL);
	box_make(&trial.box, NULL);
	box_open(&trial.base);
	fill(&trial.base);
	box_close(&trial.base);
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		cuts += cut_everywhere(&trial, &operations[i]);
	printf("%lu cuts, all of them mended\n", cuts);
	box_remove(&trial.base);
	box_remove(&trial.box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_lost_and_nothing_doubled),
	};

	gh_log_set_level(GH_LOG_ERROR);
	fault_register();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
