/* SPDX-License-Identifier: Apache-2.0 */
/* An engine that gives what the test tells it to, to see what is read from a network. */
#ifndef GATEHOUSE_TESTS_SUPPORT_VISION_TOLD_H
#define GATEHOUSE_TESTS_SUPPORT_VISION_TOLD_H

#include "engine.h"

/* Runs since told_open(), what each writes to the outputs, and the status of the next. */
static int told_runs;
static void (*told_answer)(struct gh_network *network);
static enum gh_status told_status;

static enum gh_status told_run(struct gh_network *network, struct gh_error *error)
{
	told_runs++;
	if (told_status != GH_OK)
		return gh_error_set(error, told_status, "the engine gave up");
	told_answer(network);
	return GH_OK;
}

static const struct gh_engine_kind told_engine = { .name = "told", .run = told_run };

/* End with gh_network_drop_tensors(). */
static struct gh_network told_open(const struct gh_network_contract *contract)
{
	struct gh_network network = { .contract = contract, .kind = &told_engine };

	assert_int_equal(gh_network_take_tensors(&network, NULL), GH_OK);
	told_runs = 0;
	told_status = GH_OK;
	return network;
}

#endif
