/* SPDX-License-Identifier: Apache-2.0 */
/* A centre that stalls, lies, is away, or answers nonsense; and one that mends its ways. */
#include "gatehouse/uplink/uplink.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../support/uplink/rig.h"
#include "gatehouse/base/log.h"
#include "gatehouse/crypto/certificate.h"
#include "inject.h"

#define VOYAGE "76000000-0000-4000-8000-000000000001"
#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

/* How the fake centre is to behave towards deliveries; GETs get an empty list. */
struct script {
	struct fake_reply reply;
	bool right_id;      /* the body is the id asked for */
	uint32_t bad_first; /* so many deliveries are met badly, then all is well */
	uint32_t seen;
	char voyages[1024];
	char last_path[256];
	char last_etag[128];
};

static void list_or_empty(
	struct script *script, const struct fake_request *request, struct fake_reply *reply)
{
	const char *tag = strstr(request->headers, "If-None-Match: ");

	strcpy(script->last_path, request->path);
	snprintf(script->last_etag, sizeof(script->last_etag), "%.*s",
		tag ? (int)strcspn(tag, "\r\n") : 0, tag ? tag : "");
	if (strcmp(request->path, "/v1/voyages") == 0)
		snprintf(reply->body, sizeof(reply->body), "{\"voyages\":[%s]}", script->voyages);
	else if (strstr(request->path, "/passages"))
		strcpy(reply->body, "{\"next\":3,\"passages\":[\"" VOYAGE "\"]}");
	else
		strcpy(reply->body, "a bundle");
}

static void decide(void *ctx, const struct fake_request *request, struct fake_reply *reply)
{
	struct script *script = ctx;

	if (strcmp(request->method, "GET") == 0) {
		list_or_empty(script, request, reply);
		return;
	}
	if (script->seen++ < script->bad_first) {
		*reply = script->reply;
		if (script->right_id)
			fake_reply_id(request, reply);
		return;
	}
	reply->manner = FAKE_KEEPS;
	reply->status = 201;
	fake_reply_id(request, reply);
}

static void nap_ms(long ms)
{
	const struct timespec nap = { 0, ms * 1000000 };

	nanosleep(&nap, NULL);
}

static struct rig rig;
static struct script script;
static struct fake_centre *centre;

static int set_up(void **state)
{
	memset(&script, 0, sizeof(script));
	script.bad_first = UINT32_MAX;
	rig_make(&rig);
	centre = rig_centre(&rig, decide, &script);
	return 0;
}

static int tear_down(void **state)
{
	rig_stop(&rig);
	fake_centre_stop(centre);
	rig_remove(&rig);
	return 0;
}

/* Deliver one item to a centre that answers thus: its verdict and reason. */
static void expect(enum gh_verdict verdict, const char *reason)
{
	rig_put(&rig, 1);
	rig_start(&rig);
	assert_true(rig_wait(&rig, rig_all_judged));
	rig_stop(&rig);
	assert_string_equal(rig.items[0].reason, reason);
	assert_true(rig.items[0].verdicts[verdict] >= 1);
	for (int i = 0; i < 4; i++) {
		/* A stop in the middle of a second attempt is "later" as well. */
		if (i != (int)verdict && i != GH_VERDICT_LATER)
			assert_int_equal(rig.items[0].verdicts[i], 0);
	}
}

static void answer_with(int status, const char *headers, const char *body)
{
	script.reply.manner = FAKE_ANSWERS;
	script.reply.status = status;
	snprintf(script.reply.headers, sizeof(script.reply.headers), "%s", headers);
	snprintf(script.reply.body, sizeof(script.reply.body), "%s", body);
}

static void a_wrong_id_is_an_alarm_and_nothing_is_acknowledged(void **state)
{
	answer_with(200, "", "{\"id\":\"" VOYAGE "\"}");
	expect(GH_VERDICT_ALARM, "wrong_id");
	assert_in_range(rig.items[0].delay_ms, 500, 1000);
}

static void what_was_spoilt_on_the_way_is_sent_again(void **state)
{
	script.bad_first = 1;
	answer_with(400, "", "{\"error\":{\"status\":400,\"code\":\"digest_mismatch\"}}");
	expect(GH_VERDICT_LATER, "body_spoilt");
	assert_in_range(rig.items[0].delay_ms, 500, 1000);
	assert_string_equal(rig.items[0].detail, "digest_mismatch");
}

static void an_answer_without_an_id_is_an_alarm(void **state)
{
	answer_with(204, "", "");
	expect(GH_VERDICT_ALARM, "answer_malformed");
}

static void a_page_of_somebody_else_is_an_alarm(void **state)
{
	answer_with(200, "Content-Type: text/html\r\n", "<html>Please log in</html>");
	expect(GH_VERDICT_ALARM, "answer_malformed");
}

static void a_redirect_is_not_followed(void **state)
{
	answer_with(307, "Location: https://example.com/\r\n", "");
	expect(GH_VERDICT_ALARM, "http_3xx");
}

static void a_fault_of_the_centre_is_later(void **state)
{
	answer_with(500, "", "{\"error\":{\"code\":\"io\"}}");
	expect(GH_VERDICT_LATER, "http_500");
	assert_in_range(rig.items[0].delay_ms, 500, 1000);
	assert_string_equal(rig.items[0].detail, "io");
}

static void what_is_too_large_is_set_aside(void **state)
{
	answer_with(413, "", "{\"error\":{\"code\":\"too_large\"}}");
	expect(GH_VERDICT_QUARANTINE, "http_413");
	assert_string_equal(rig.items[0].detail, "too_large");
}

static void what_the_schema_refuses_is_set_aside(void **state)
{
	answer_with(422, "", "{\"error\":{\"code\":\"schema\",\"reason\":\"ERIKSSON\"}}");
	expect(GH_VERDICT_QUARANTINE, "http_422");
	assert_string_equal(rig.items[0].detail, "schema");
}

static void bytes_that_are_no_answer_are_an_alarm(void **state)
{
	script.reply.manner = FAKE_NOT_HTTP;
	expect(GH_VERDICT_ALARM, "unsupported_protocol");
}

/* Whether curl sees the answer's end or the connection's first is a matter of packets. */
static void half_an_answer_is_later(void **state)
{
	answer_with(200, "", "{\"id\":\"" VOYAGE "\"}");
	script.reply.manner = FAKE_HALF;
	rig_put(&rig, 1);
	rig_start(&rig);
	assert_true(rig_wait(&rig, rig_all_judged));
	rig_stop(&rig);
	assert_true(strcmp(rig.items[0].reason, "answer_cut_short") == 0 ||
		strcmp(rig.items[0].reason, "receive_failed") == 0);
	assert_int_equal(rig.items[0].verdicts[GH_VERDICT_LATER], (int)rig.items[0].attempts);
}

static void a_connection_closed_without_answer_is_later(void **state)
{
	script.reply.manner = FAKE_CLOSES;
	expect(GH_VERDICT_LATER, "no_answer");
}

static void a_centre_that_stalls_is_given_up(void **state)
{
	rig.options.transfer_timeout_ms = 300;
	script.reply.manner = FAKE_STALLS;
	expect(GH_VERDICT_LATER, "timed_out");
}

static void an_answer_without_end_is_cut_off(void **state)
{
	script.reply.manner = FAKE_ENDLESS;
	expect(GH_VERDICT_ALARM, "answer_too_large");
}

static void headers_without_end_are_cut_off(void **state)
{
	script.reply.manner = FAKE_ENDLESS_HEADERS;
	rig_put(&rig, 1);
	rig_start(&rig);
	assert_true(rig_wait(&rig, rig_all_judged));
	rig_stop(&rig);
	assert_int_equal(rig.items[0].verdicts[GH_VERDICT_DELIVERED], 0);
	assert_int_equal(rig.items[0].verdicts[GH_VERDICT_QUARANTINE], 0);
}

static uint64_t pause_after(const char *headers)
{
	answer_with(429, headers, "");
	rig_put(&rig, 1);
	rig_start(&rig);
	assert_true(rig_wait(&rig, rig_all_judged));
	uint64_t pause_ms = gh_uplink_state(rig.uplink).backoff_ms;
	assert_false(gh_uplink_state(rig.uplink).online);
	rig_stop(&rig);
	assert_string_equal(rig.items[0].reason, "http_429");
	assert_int_equal(rig.items[0].delay_ms, 0);
	return pause_ms;
}

static void retry_after_is_obeyed(void **state)
{
	assert_int_equal(pause_after("Retry-After: 77\r\n"), 77000);
}

static void retry_after_that_is_nonsense_is_not(void **state)
{
	assert_in_range(pause_after("Retry-After: soon\r\n"), 500, 1000);
}

static void another_certificate_is_an_alarm(void **state)
{
	char other[200];

	/* The same names, signed by another authority. */
	snprintf(other, sizeof(other), "%s/other", rig.folder);
	assert_int_equal(gh_demo_certificates_make(other, NULL, NULL, 0, NULL), GH_OK);
	fake_centre_stop(centre);
	centre = fake_centre_start(rig_key(&rig, "other/central.pem"),
		rig_key(&rig, "other/central.key"), rig_key(&rig, "ca.pem"), decide, &script);
	snprintf(rig.url, sizeof(rig.url), "https://localhost:%u", fake_centre_port(centre));
	expect(GH_VERDICT_ALARM, "peer_certificate");
	assert_int_equal(script.seen, 0);
	for (int i = 0; i < 4; i++)
		unlink(rig_key(&rig,
			(const char *[]){ "other/ca.pem", "other/ca.key", "other/central.pem",
				"other/central.key" }[i]));
	rmdir(other);
}

static void a_certificate_for_another_name_is_an_alarm(void **state)
{
	/* A lane's certificate is signed well, but is not localhost's. */
	fake_centre_stop(centre);
	centre = fake_centre_start(rig_key(&rig, "lane-1.pem"), rig_key(&rig, "lane-1.key"),
		rig_key(&rig, "ca.pem"), decide, &script);
	snprintf(rig.url, sizeof(rig.url), "https://localhost:%u", fake_centre_port(centre));
	expect(GH_VERDICT_ALARM, "peer_certificate");
	assert_int_equal(script.seen, 0);
}

static void own_keys_that_are_missing_are_an_alarm(void **state)
{
	rig.options.key_file = "/nonexistent.key";
	expect(GH_VERDICT_ALARM, "own_certificate");
}

static void several_go_at_once_within_the_bound(void **state)
{
	script.bad_first = 0;
	rig_put(&rig, 300);
	rig_start(&rig);
	assert_true(rig_wait(&rig, rig_all_delivered));
	struct gh_uplink_state now = gh_uplink_state(rig.uplink);
	rig_stop(&rig);
	assert_int_equal(now.delivered, 300);
	assert_true(now.online);
	assert_in_range(rig.out_most, 2, 4);
	for (size_t i = 0; i < rig.item_count; i++)
		assert_int_equal(rig.items[i].verdicts[GH_VERDICT_DELIVERED], 1);
}

static bool backing_off(struct rig *r)
{
	return gh_uplink_state(r->uplink).backoff_ms > 0;
}

static uint32_t most_attempts(void)
{
	uint32_t most = 0;

	pthread_mutex_lock(&rig.lock);
	for (size_t i = 0; i < rig.item_count; i++) {
		if (rig.items[i].attempts > most)
			most = rig.items[i].attempts;
	}
	pthread_mutex_unlock(&rig.lock);
	return most;
}

static uint64_t attempts_in_all(void)
{
	uint64_t sum = 0;

	pthread_mutex_lock(&rig.lock);
	for (size_t i = 0; i < rig.item_count; i++)
		sum += rig.items[i].attempts;
	pthread_mutex_unlock(&rig.lock);
	return sum;
}

static uint64_t attempts_before;

static bool one_more_attempt(struct rig *r)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < r->item_count; i++)
		sum += r->items[i].attempts;
	return sum > attempts_before;
}

/* Three days without a centre, in minutes of the clock; then it is back. */
static void three_days_offline_are_normal(void **state)
{
	const uint64_t end_ms = UINT64_C(72) * 3600 * 1000;
	uint64_t passed_ms = 0;
	uint64_t attempts;

	/* Lists are asked for as well; here only deliveries are to count. */
	rig.options.voyages_interval_ms = UINT32_MAX;
	script.bad_first = 0;
	fake_centre_listen(centre, false);
	rig_put(&rig, 400);
	rig_start(&rig);
	assert_true(rig_wait(&rig, backing_off));
	while (passed_ms < end_ms) {
		uint32_t pause_ms = gh_uplink_state(rig.uplink).backoff_ms;

		attempts_before = attempts_in_all();
		assert_in_range(pause_ms, 1, 300000);
		rig_advance(&rig, pause_ms + 1);
		passed_ms += pause_ms + 1;
		assert_true(rig_wait(&rig, one_more_attempt));
	}
	attempts = attempts_in_all();
	/* At most one attempt for each half of the longest pause, and one transfer at a time. */
	assert_true(attempts <= end_ms / 150000 + 20);
	assert_true(attempts >= end_ms / 300000);
	assert_in_range(rig.out_most, 1, 4);
	printf("%llu attempts in 72 h, at most %u of one item\n", (unsigned long long)attempts,
		most_attempts());

	fake_centre_listen(centre, true);
	rig_advance(&rig, 300001);
	assert_true(rig_wait(&rig, rig_all_delivered));
	rig_stop(&rig);
	for (size_t i = 0; i < rig.item_count; i++) {
		assert_int_equal(rig.items[i].verdicts[GH_VERDICT_DELIVERED], 1);
		assert_int_equal(rig.items[i].verdicts[GH_VERDICT_QUARANTINE], 0);
	}
	assert_int_equal(script.seen, 400);
}

static void one_bad_item_does_not_hold_up_the_rest(void **state)
{
	/* The first delivery meets a fault each time it comes within the clock's standstill. */
	answer_with(500, "", "");
	script.bad_first = 1;
	rig_put(&rig, 50);
	rig_start(&rig);
	for (int i = 0; i < 3; i++) {
		rig_wait(&rig, rig_all_judged);
		rig_advance(&rig, 1001);
	}
	assert_true(rig_wait(&rig, rig_all_delivered));
	rig_stop(&rig);
	assert_int_equal(script.seen, 51);
}

static void a_source_that_fails_is_asked_again_but_not_in_a_circle(void **state)
{
	script.bad_first = 0;
	rig.refuses = true;
	rig_put(&rig, 3);
	rig_start(&rig);
	nap_ms(300);
	pthread_mutex_lock(&rig.lock);
	uint64_t takes = rig.takes;
	rig.refuses = false;
	pthread_mutex_unlock(&rig.lock);
	assert_in_range(takes, 1, 50);
	gh_uplink_wake(rig.uplink);
	assert_true(rig_wait(&rig, rig_all_delivered));
}

static bool delivery_was_seen(struct rig *r)
{
	bool seen;

	fake_centre_hold(centre);
	seen = script.seen > 0;
	fake_centre_release(centre);
	return seen;
}

static void a_stop_gives_back_what_is_under_way(void **state)
{
	script.reply.manner = FAKE_STALLS;
	rig_put(&rig, 1);
	rig_start(&rig);
	assert_true(rig_wait(&rig, delivery_was_seen));
	rig_stop(&rig);
	assert_int_equal(rig.items[0].verdicts[GH_VERDICT_LATER], 1);
	assert_string_equal(rig.items[0].reason, "stopped");
	assert_false(rig.items[0].out);
}

static bool has_bundle(struct rig *r)
{
	return r->bundle_count > 0;
}

static bool has_person(struct rig *r)
{
	return r->person_count > 0;
}

static bool has_withdrawn(struct rig *r)
{
	return r->withdrawn_count > 0;
}

static void voyages_come_and_go(void **state)
{
	struct gh_id voyage;

	assert_int_equal(gh_id_parse(VOYAGE, &voyage, NULL), GH_OK);
	strcpy(script.voyages, "{\"id\":\"" VOYAGE "\",\"etag\":\"" HASH "\"}");
	/* One that is held from before the start and is on the list no more. */
	rig.held[0] = (struct gh_id){ { 9 } };
	rig.held_count = 1;
	rig_start(&rig);
	assert_true(rig_wait(&rig, has_bundle));
	assert_true(gh_id_equal(&rig.bundles[0], &voyage));
	assert_string_equal(rig.bundle_text, "a bundle");
	assert_true(rig_wait(&rig, has_withdrawn));
	assert_true(gh_id_equal(&rig.withdrawn[0], &rig.held[0]));
	assert_true(rig_wait(&rig, has_person));
	assert_true(gh_id_equal(&rig.persons[0], &voyage));

	/* What is held is not fetched again; what leaves the list is withdrawn. */
	pthread_mutex_lock(&rig.lock);
	strcpy(rig.etag, HASH);
	rig.withdrawn_count = 0;
	pthread_mutex_unlock(&rig.lock);
	rig_advance(&rig, 61000);
	nap_ms(200);
	fake_centre_hold(centre);
	strcpy(script.voyages, "");
	fake_centre_release(centre);
	rig_advance(&rig, 61000);
	assert_true(rig_wait(&rig, has_withdrawn));
	assert_true(gh_id_equal(&rig.withdrawn[0], &voyage));
	rig_stop(&rig);
	assert_int_equal(rig.bundle_count, 1);
	assert_int_not_equal(access(rig_key(&rig, VOYAGE ".part"), F_OK), 0);
}

static size_t bundles_so_far(void)
{
	size_t count;

	pthread_mutex_lock(&rig.lock);
	count = rig.bundle_count;
	pthread_mutex_unlock(&rig.lock);
	return count;
}

static bool has_three_bundles(struct rig *r)
{
	return r->bundle_count > 2;
}

/* The list comes every minute; nothing of a bundle that nobody takes does. */
static void a_refused_bundle_is_not_fetched_with_every_list(void **state)
{
	strcpy(script.voyages, "{\"id\":\"" VOYAGE "\",\"etag\":\"" HASH "\"}");
	rig_start(&rig);
	assert_true(rig_wait(&rig, has_bundle));
	rig_advance(&rig, 61000);
	nap_ms(200);
	assert_int_equal(bundles_so_far(), 1);
	/* Two minutes after it was refused, and four after the second time. */
	for (int i = 0; i < 600 && bundles_so_far() < 2; i++) {
		rig_advance(&rig, 61000);
		nap_ms(100);
	}
	assert_int_equal(bundles_so_far(), 2);
	for (int i = 0; i < 3; i++) {
		rig_advance(&rig, 61000);
		nap_ms(200);
	}
	assert_int_equal(bundles_so_far(), 2);
	/* Other content is fetched at once. */
	fake_centre_hold(centre);
	strcpy(strstr(script.voyages, HASH), "ff" HASH);
	strcpy(strstr(script.voyages, HASH) + strlen(HASH) - 2, "\"}");
	fake_centre_release(centre);
	for (int i = 0; i < 2 && bundles_so_far() < 3; i++) {
		rig_advance(&rig, 61000);
		nap_ms(200);
	}
	assert_true(rig_wait(&rig, has_three_bundles));
	rig_stop(&rig);
}

static bool checked_since_1s(struct rig *r)
{
	return gh_uplink_state(r->uplink).passages_checked_us > 1000000;
}

static void passages_are_asked_from_where_they_ended(void **state)
{
	strcpy(script.voyages, "{\"id\":\"" VOYAGE "\",\"etag\":\"" HASH "\"}");
	strcpy(rig.etag, HASH);
	rig_start(&rig);
	assert_true(rig_wait(&rig, has_person));
	rig_advance(&rig, 5001);
	assert_true(rig_wait(&rig, checked_since_1s));
	rig_stop(&rig);
	assert_string_equal(script.last_path, "/v1/voyages/" VOYAGE "/passages?since=3");
}

static bool list_was_asked(struct rig *r)
{
	bool asked;

	fake_centre_hold(centre);
	asked = script.last_path[0] != '\0';
	fake_centre_release(centre);
	return asked;
}

static void a_list_that_is_garbage_changes_nothing(void **state)
{
	strcpy(script.voyages, "{\"id\":5}");
	rig.held[0] = (struct gh_id){ { 9 } };
	rig.held_count = 1;
	rig_start(&rig);
	assert_true(rig_wait(&rig, list_was_asked));
	nap_ms(200);
	rig_stop(&rig);
	assert_int_equal(rig.withdrawn_count, 0);
	assert_int_equal(rig.bundle_count, 0);
}

static struct gh_request request_to(const char *method, const char *path)
{
	return (struct gh_request){ .method = method, .path = path, .answer_max_bytes = 4096 };
}

static void a_single_request_tells_what_came(void **state)
{
	struct gh_request request = request_to("GET", "/v1/voyages");
	struct gh_bytes answer = GH_BYTES_EMPTY;
	struct gh_error error;
	long http_status;

	assert_int_equal(
		gh_uplink_request(&rig.options, &request, &http_status, &answer, &error), GH_OK);
	assert_int_equal(http_status, 200);
	assert_true(gh_view_equal(gh_bytes_view(&answer), gh_view_of_text("{\"voyages\":[]}")));
	request.answer_max_bytes = 5;
	assert_int_equal(gh_uplink_request(&rig.options, &request, &http_status, &answer, &error),
		GH_TOO_LARGE);
	answer_with(422, "", "{}");
	request = request_to("DELETE", "/v1/voyages/x");
	assert_int_equal(
		gh_uplink_request(&rig.options, &request, &http_status, &answer, &error), GH_OK);
	assert_int_equal(http_status, 422);
	request.file = "/nonexistent";
	assert_int_equal(gh_uplink_request(&rig.options, &request, &http_status, &answer, &error),
		GH_NOT_FOUND);
	fake_centre_listen(centre, false);
	request = request_to("GET", "/v1/voyages");
	assert_int_equal(gh_uplink_request(&rig.options, &request, &http_status, &answer, &error),
		GH_OFFLINE);
	assert_int_equal(http_status, 0);
	gh_bytes_finish(&answer);
}

/* Without a centre: allocations are counted over all threads of the process. */
static void every_allocation_of_ours_fails(void **state)
{
	struct gh_uplink_source source = { .ctx = NULL };

	fake_centre_listen(centre, false);
	INJECT_EACH(INJECT_ALLOC, n)
	{
		struct gh_request request = request_to("GET", "/v1/voyages");
		struct gh_bytes answer = GH_BYTES_EMPTY;
		struct gh_uplink *uplink = NULL;
		long http_status;
		enum gh_status created = gh_uplink_create(&rig.options, &source, &uplink, NULL);
		enum gh_status asked =
			gh_uplink_request(&rig.options, &request, &http_status, &answer, NULL);

		inject_pause();
		assert_int_equal(created, inject_hit() ? GH_NO_MEMORY : GH_OK);
		assert_int_equal(asked, GH_OFFLINE);
		assert_true((uplink != NULL) == (created == GH_OK));
		gh_uplink_destroy(uplink);
		gh_bytes_finish(&answer);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_wrong_id_is_an_alarm_and_nothing_is_acknowledged),
		TEST(what_was_spoilt_on_the_way_is_sent_again),
		TEST(an_answer_without_an_id_is_an_alarm),
		TEST(a_page_of_somebody_else_is_an_alarm),
		TEST(a_redirect_is_not_followed),
		TEST(a_fault_of_the_centre_is_later),
		TEST(what_is_too_large_is_set_aside),
		TEST(what_the_schema_refuses_is_set_aside),
		TEST(bytes_that_are_no_answer_are_an_alarm),
		TEST(half_an_answer_is_later),
		TEST(a_connection_closed_without_answer_is_later),
		TEST(a_centre_that_stalls_is_given_up),
		TEST(an_answer_without_end_is_cut_off),
		TEST(headers_without_end_are_cut_off),
		TEST(retry_after_is_obeyed),
		TEST(retry_after_that_is_nonsense_is_not),
		TEST(another_certificate_is_an_alarm),
		TEST(a_certificate_for_another_name_is_an_alarm),
		TEST(own_keys_that_are_missing_are_an_alarm),
		TEST(several_go_at_once_within_the_bound),
		TEST(three_days_offline_are_normal),
		TEST(one_bad_item_does_not_hold_up_the_rest),
		TEST(a_source_that_fails_is_asked_again_but_not_in_a_circle),
		TEST(a_stop_gives_back_what_is_under_way),
		TEST(voyages_come_and_go),
		TEST(a_refused_bundle_is_not_fetched_with_every_list),
		TEST(passages_are_asked_from_where_they_ended),
		TEST(a_list_that_is_garbage_changes_nothing),
		TEST(a_single_request_tells_what_came),
		TEST(every_allocation_of_ours_fails),
	};

	gh_log_set_level((enum gh_log_level)0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
