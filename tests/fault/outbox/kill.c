/* SPDX-License-Identifier: Apache-2.0 */
/* The process is killed, or the power fails, at every step: none lost, none doubled. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../support/outbox/box.h"
#include "gatehouse/outbox/list.h"
#include "../../support/outbox/fault_sqlite.h"
#include "gatehouse/base/log.h"

#define NUMBERS_MAX 20000
#define PHOTO_BYTES 2500

/* What the child says before and after each operation, in one write each. */
enum word {
	WILL_PUT,
	HAS_PUT,
	WILL_ACKNOWLEDGE,
	HAS_ACKNOWLEDGED,
};

struct said {
	uint32_t word;
	uint32_t kind;
	uint32_t n;
};

/* What is known of one item. */
struct known {
	bool may_be_put;
	bool put;
	bool may_be_gone;
	bool gone;
	unsigned found;
};

static struct known known[2][NUMBERS_MAX];
static uint32_t random_state;

static uint32_t next_random(void)
{
	random_state = random_state * 1664525u + 1013904223u;
	return random_state >> 8;
}

static void say(int pipe_end, enum word word, enum gh_item_kind kind, uint32_t n)
{
	struct said said = { word, kind, n };

	if (write(pipe_end, &said, sizeof(said)) != (ssize_t)sizeof(said))
		_exit(3);
}

static void child_put(struct box *box, int out, uint32_t n)
{
	bool photo = n % 3 != 0;

	say(out, WILL_PUT, GH_ITEM_ENCOUNTER, n);
	if (photo)
		say(out, WILL_PUT, GH_ITEM_PHOTO, n);
	if (box_put(box, n, photo ? PHOTO_BYTES : 0, NULL) != GH_OK)
		_exit(4);
	say(out, HAS_PUT, GH_ITEM_ENCOUNTER, n);
	if (photo)
		say(out, HAS_PUT, GH_ITEM_PHOTO, n);
}

static void child_take(struct box *box, int out)
{
	struct gh_item item;
	enum gh_status status = box_take(box, &item);

	if (status == GH_NOT_FOUND)
		return;
	if (status != GH_OK)
		_exit(5);
	if (next_random() % 4 == 0) {
		status = gh_outbox_retry(box->outbox, &item, 0, "http_503", NULL);
	} else {
		say(out, WILL_ACKNOWLEDGE, item.kind, box_number(&item.id));
		status = gh_outbox_acknowledge(box->outbox, &item, NULL, NULL);
		if (status == GH_OK)
			say(out, HAS_ACKNOWLEDGED, item.kind, box_number(&item.id));
	}
	if (status != GH_OK)
		_exit(6);
	gh_item_finish(&item);
}

/* Work on the outbox until killed or done. */
static void child_work(struct box *box, int out, uint32_t first, uint32_t operations)
{
	struct gh_error error;

	if (gh_outbox_open(&box->options, &box->outbox, &error) != GH_OK) {
		fprintf(stderr, "child: %s\n", error.text);
		_exit(2);
	}
	for (uint32_t i = 0; i < operations; i++) {
		if (next_random() % 5 < 3)
			child_put(box, out, first++);
		else
			child_take(box, out);
	}
	_exit(0);
}

static void learn(const struct said *said)
{
	assert_true(said->kind < 2 && said->n < NUMBERS_MAX);
	struct known *item = &known[said->kind][said->n];

	switch (said->word) {
	case WILL_PUT:
		item->may_be_put = true;
		break;
	case HAS_PUT:
		item->put = true;
		break;
	case WILL_ACKNOWLEDGE:
		item->may_be_gone = true;
		break;
	default:
		item->gone = true;
		break;
	}
}

static uint32_t listen_to(int in, uint32_t *next_number, pid_t child, uint32_t kill_after)
{
	struct said said;
	uint32_t count = 0;
	ssize_t length;

	while ((length = read(in, &said, sizeof(said))) == (ssize_t)sizeof(said)) {
		learn(&said);
		if (said.word == WILL_PUT && said.n >= *next_number)
			*next_number = said.n + 1;
		if (++count == kill_after)
			kill(child, SIGKILL);
	}
	assert_int_equal(length, 0);
	return count;
}

static void find_row(void *ctx, const struct gh_outbox_row *row)
{
	(void)ctx;
	assert_true(row->kind < 2);
	known[row->kind][box_number(&row->id)].found++;
	assert_string_not_equal(row->state, "sending");
}

static void judge_item(enum gh_item_kind kind, uint32_t n)
{
	struct known *item = &known[kind][n];

	if (item->found > 1)
		fail_msg("%s %u is there %u times", gh_item_kind_name(kind), n, item->found);
	if (item->found == 1 && !item->may_be_put)
		fail_msg("%s %u was never put", gh_item_kind_name(kind), n);
	if (item->found == 1 && item->gone)
		fail_msg("%s %u came back", gh_item_kind_name(kind), n);
	if (item->found == 0 && item->put && !item->may_be_gone)
		fail_msg("%s %u is lost", gh_item_kind_name(kind), n);
	/* A verdict or a put that was cut off has been decided by now. */
	item->put = item->found == 1 || item->gone || item->may_be_gone;
	item->may_be_put = item->put;
	item->gone = item->put && item->found == 0;
	item->may_be_gone = item->gone;
	item->found = 0;
}

static void judge(struct box *box, uint32_t next_number)
{
	box_open(box);
	assert_int_equal(gh_outbox_list(box->outbox, find_row, NULL, NULL), GH_OK);
	for (uint32_t n = 0; n < next_number; n++) {
		/* A record and its photograph come and stay together. */
		if (n % 3 != 0 && known[0][n].found == 1)
			assert_int_equal(known[1][n].found, 1);
		judge_item(GH_ITEM_ENCOUNTER, n);
		judge_item(GH_ITEM_PHOTO, n);
	}
	box_close(box);
}

/* One child, killed by itself at a step or by us after so many words. Returns whether it was. */
static bool one_life(struct box *box, enum fault fault, unsigned long step, uint32_t kill_after,
	uint32_t *next_number, uint32_t operations)
{
	int ends[2];
	int result;
	uint32_t seed = next_random();

	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(ends[0]);
		random_state = seed;
		fault_arm(fault, step, seed);
		child_work(box, ends[1], *next_number, operations);
	}
	close(ends[1]);
	listen_to(ends[0], next_number, child, kill_after);
	close(ends[0]);
	assert_int_equal(waitpid(child, &result, 0), child);
	if (!WIFSIGNALED(result))
		assert_int_equal(WEXITSTATUS(result), 0);
	return WIFSIGNALED(result);
}

/*
 * A new folder for each step at which the child dies, until it lives through its work: every
 * step with full counts, else a seeded third of them.
 */
static void die_at_every_step(enum fault fault)
{
	unsigned long stride = box_long() ? 1 : 3;
	unsigned long step = 1 + box_seed(20261124) % stride;
	unsigned long deaths = 0;
	bool died = true;

	while (died) {
		struct box box;
		uint32_t next_number = 0;

		memset(known, 0, sizeof(known));
		random_state = 7;
		box_make(&box, NULL);
		died = one_life(&box, fault, step, UINT32_MAX, &next_number, 25);
		judge(&box, next_number);
		box_remove(&box);
		deaths += died;
		step += stride;
		assert_true(step < 100000);
	}
	printf("died at %lu steps\n", deaths);
	assert_true(deaths > 20);
}

static void killed_at_every_step(void **state)
{
	die_at_every_step(FAULT_KILL);
}

static void power_cut_at_every_step(void **state)
{
	die_at_every_step(FAULT_POWER);
}

/* One outbox lives through many deaths at random steps and random moments. */
static void killed_again_and_again(void **state)
{
	uint32_t lives = box_long() ? 1000 : 40;
	uint32_t next_number = 0;
	uint32_t deaths = 0;
	struct box box;

	random_state = box_seed(20261124);
	memset(known, 0, sizeof(known));
	box_make(&box, NULL);
	for (uint32_t i = 0; i < lives && next_number + 100 < NUMBERS_MAX; i++) {
		enum fault fault = (enum fault[]){ FAULT_NONE, FAULT_KILL, FAULT_POWER }[i % 3];
		uint32_t kill_after = fault == FAULT_NONE ? 1 + next_random() % 60 : UINT32_MAX;

		deaths += one_life(
			&box, fault, 1 + next_random() % 150, kill_after, &next_number, 60);
		judge(&box, next_number);
	}
	printf("%u lives, %u deaths, %u encounters\n", lives, deaths, next_number);
	assert_true(deaths > lives / 2);
	box_remove(&box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_at_every_step),
		cmocka_unit_test(power_cut_at_every_step),
		cmocka_unit_test(killed_again_and_again),
	};

	gh_log_set_level(GH_LOG_ERROR);
	fault_register();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
