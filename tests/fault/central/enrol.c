/* SPDX-License-Identifier: Apache-2.0 */
/* Every step of an enrolment fails once: the certificate that was handed out is the one kept. */
#include "desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/central/counter.h"
#include "../../support/outbox/fault_sqlite.h"
#include "gatehouse/base/file.h"
#include "gatehouse/base/log.h"
#include "gatehouse/crypto/base64.h"
#include "inject.h"
#include "support/folder.h"

/* A desk that issues, a registered lane with a token, and two requests of different keys. */
struct scene {
	struct counter counter;
	char token[64];
	struct gh_bytes requests[2];
};

static char authority[256];
static struct gh_bytes authority_key;

static int set_up(void **state)
{
	if (folder_set_up(state) ||
		gh_demo_certificates_make(folder_place("demo"), NULL, NULL, 0, NULL) != GH_OK)
		return -1;
	strcpy(authority, folder_place("demo/ca.pem"));
	return gh_file_read(folder_place("demo/ca.key"), 65536, &authority_key, NULL) == GH_OK ? 0
											       : -1;
}

static int tear_down(void **state)
{
	gh_bytes_finish(&authority_key);
	return folder_tear_down(state);
}

static int ask(struct counter *counter, struct request *request, struct gh_bytes *body)
{
	struct answer answer;
	struct deposit deposit;
	struct deposit *const deposits[] = { &deposit };
	int status;

	answer_init(&answer);
	deposit_begin(&deposit, request, &answer);
	if (desk_admit(&counter->desk, request, &answer))
		desk_decide(&counter->desk, &deposit);
	desk_note(&counter->desk, &deposit);
	desk_settle(&counter->desk, deposits, 1);
	deposit_finish(&deposit);
	status = answer.status;
	gh_bytes_finish(body);
	*body = answer.body;
	answer.body = (struct gh_bytes)GH_BYTES_EMPTY;
	answer_finish(&answer);
	return status;
}

static void make_token(struct scene *scene)
{
	struct request request = { .endpoint = ENDPOINT_TOKEN_PUT,
		.role = ROLE_OPERATOR,
		.name = "lane-1",
		.peer = "operator",
		.body = gh_view_of_text("{\"hours\":1}") };
	struct gh_bytes body = GH_BYTES_EMPTY;
	json_t *root;

	assert_int_equal(ask(&scene->counter, &request, &body), 201);
	root = json_loadb((const char *)body.data, body.length_bytes, 0, NULL);
	strcpy(scene->token, json_string_value(json_object_get(root, "token")));
	json_decref(root);
	gh_bytes_finish(&body);
}

static void make_scene(struct scene *scene)
{
	const struct store_device device = { .name = "lane-1", .port = "UTZ", .added_ms = 5 };
	struct counter *counter = &scene->counter;

	memset(scene, 0, sizeof(*scene));
	counter_make(counter, GH_PURPOSE_DEMO);
	counter->clock.real_ms = gh_clock_system()->real_ms(gh_clock_system());
	counter->desk.issue = (struct gh_issue){
		.organisation = "", .role = GH_ROLE_LANE, .domain = "localhost", .life_ms = 3600000
	};
	assert_int_equal(gh_issuer_open(authority, gh_bytes_view(&authority_key), authority,
				 counter->clock.real_ms, &counter->desk.issuer, NULL),
		GH_OK);
	assert_int_equal(store_put_device(counter->desk.store, &device, NULL), GH_OK);
	make_token(scene);
	for (size_t i = 0; i < 2; i++) {
		struct gh_bytes key = GH_BYTES_EMPTY;
		struct gh_bytes der = GH_BYTES_EMPTY;

		assert_int_equal(gh_csr_new_key(&key, NULL), GH_OK);
		assert_int_equal(
			gh_csr_make("lane-1", GH_ROLE_LANE, gh_bytes_view(&key), &der, NULL),
			GH_OK);
		assert_int_equal(
			gh_base64_encode(gh_bytes_view(&der), &scene->requests[i], NULL), GH_OK);
		gh_bytes_finish(&key);
		gh_bytes_finish(&der);
	}
}

static void end_scene(struct scene *scene)
{
	for (size_t i = 0; i < 2; i++)
		gh_bytes_finish(&scene->requests[i]);
	gh_issuer_close(scene->counter.desk.issuer);
	counter_remove(&scene->counter);
}

static int enrol(struct scene *scene, size_t number, struct gh_bytes *body)
{
	struct request request = { .endpoint = ENDPOINT_EST_ENROL,
		.role = ROLE_NEWCOMER,
		.claimed = "lane-1",
		.body = gh_bytes_view(&scene->requests[number]) };

	strcpy(request.token, scene->token);
	return ask(&scene->counter, &request, body);
}

/* After whatever failed: the same key gets a certificate, the one it had been told of, no other. */
static void judge(struct scene *scene, int status, const struct gh_bytes *body)
{
	struct gh_bytes again = GH_BYTES_EMPTY;

	if (status != 200 && status != 500 && status != 503)
		fail_msg("answered %d", status);
	assert_int_equal(enrol(scene, 0, &again), 200);
	if (status == 200)
		assert_true(gh_view_equal(gh_bytes_view(body), gh_bytes_view(&again)));
	assert_int_equal(enrol(scene, 1, &again), 401);
	gh_bytes_finish(&again);
}

static bool round_with(enum fault fault, unsigned long n)
{
	struct scene scene;
	struct gh_bytes body = GH_BYTES_EMPTY;
	int status;
	bool fell;

	make_scene(&scene);
	fault_arm(fault, n, 1);
	status = enrol(&scene, 0, &body);
	fell = fault_disarm();
	counter_reopen(&scene.counter);
	judge(&scene, status, &body);
	gh_bytes_finish(&body);
	end_scene(&scene);
	return fell;
}

static void every_write_fails(void **state)
{
	(void)state;
	assert_true(fault_each(FAULT_IO, round_with) > 2);
}

static void the_disk_is_full_at_every_write(void **state)
{
	(void)state;
	assert_true(fault_each(FAULT_FULL, round_with) > 2);
}

static void every_allocation_of_ours_fails(void **state)
{
	(void)state;
	INJECT_EACH(INJECT_ALLOC, n)
	{
		struct scene scene;
		struct gh_bytes body = GH_BYTES_EMPTY;
		int status;

		inject_pause();
		make_scene(&scene);
		inject_arm(INJECT_ALLOC, n);
		status = enrol(&scene, 0, &body);
		inject_pause();
		if (!inject_hit())
			assert_int_equal(status, 200);
		judge(&scene, status, &body);
		gh_bytes_finish(&body);
		end_scene(&scene);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_write_fails),
		TEST(the_disk_is_full_at_every_write),
		TEST(every_allocation_of_ours_fails),
	};

	gh_log_set_level((enum gh_log_level)0);
	fault_register();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
