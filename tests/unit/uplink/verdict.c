/* SPDX-License-Identifier: Apache-2.0 */
/* Every code of curl and every HTTP status has the verdict it should. */
#include "gatehouse/uplink/verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <curl/curl.h>

#include "../../support/folder.h"
#include "gatehouse/crypto/provider.h"
#include "verdict_table.h"

static void every_curl_code_is_listed(void **state)
{
	for (int code = 1; code < CURL_LAST; code++) {
		struct gh_judgement judgement = gh_verdict_of(code, 200);

		if (!verdict_lists(code))
			fail_msg("curl code %d (%s) has no row", code,
				curl_easy_strerror((CURLcode)code));
		/* Nothing that curl says means that the centre has it or refuses it for good. */
		assert_true(judgement.verdict == GH_VERDICT_LATER ||
			judgement.verdict == GH_VERDICT_ALARM);
		assert_true(strlen(judgement.reason.literal) > 0);
	}
	assert_false(verdict_lists(CURL_LAST));
	assert_int_equal(gh_verdict_of(CURL_LAST, 0).verdict, GH_VERDICT_LATER);
	assert_int_equal(gh_verdict_of(-1, 0).verdict, GH_VERDICT_LATER);
}

static void trouble_on_the_way_is_later_and_certificates_are_alarms(void **state)
{
	static const CURLcode later[] = { CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT,
		CURLE_OPERATION_TIMEDOUT, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR,
		CURLE_PARTIAL_FILE, CURLE_SSL_CONNECT_ERROR };
	static const CURLcode alarm[] = { CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
		CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CLIENTCERT, CURLE_SSL_ISSUER_ERROR };

	for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
		assert_int_equal(gh_verdict_of((int)later[i], 0).verdict, GH_VERDICT_LATER);
		assert_true(gh_verdict_of((int)later[i], 0).centre_wide);
	}
	for (size_t i = 0; i < sizeof(alarm) / sizeof(alarm[0]); i++) {
		assert_int_equal(gh_verdict_of((int)alarm[i], 0).verdict, GH_VERDICT_ALARM);
		assert_true(gh_verdict_of((int)alarm[i], 0).centre_wide);
	}
}

/* Written down a second time: D delivered, Q quarantine, L later, A alarm. */
static char expected(long status)
{
	switch (status) {
	case 200:
	case 201:
	case 204:
		return 'D';
	case 400:
	case 409:
	case 410:
	case 413:
	case 422:
	case 451:
		return 'Q';
	case 202:
	case 408:
	case 423:
	case 424:
	case 425:
	case 429:
		return 'L';
	case 501:
	case 505:
		return 'A';
	default:
		return status >= 500 ? 'L' : 'A';
	}
}

static void every_http_status_has_its_verdict(void **state)
{
	static const char letters[] = { [GH_VERDICT_DELIVERED] = 'D',
		[GH_VERDICT_LATER] = 'L',
		[GH_VERDICT_QUARANTINE] = 'Q',
		[GH_VERDICT_ALARM] = 'A' };

	for (long status = 100; status < 600; status++) {
		struct gh_judgement judgement = gh_verdict_of(CURLE_OK, status);

		if (letters[judgement.verdict] != expected(status))
			fail_msg("%ld is %s", status, gh_verdict_name(judgement.verdict));
		assert_memory_equal(judgement.reason.literal, "http_", 5);
		assert_int_equal(judgement.reason.literal[5], '0' + status / 100);
	}
	for (long status = -1; status < 1000; status += status == 99 ? 501 : 1)
		assert_int_equal(gh_verdict_of(CURLE_OK, status).verdict, GH_VERDICT_LATER);
}

static void only_the_centre_as_a_whole_pauses_all(void **state)
{
	static const long wide[] = { 429, 502, 503, 504, 507, 511 };
	static const long item[] = { 200, 201, 400, 403, 404, 409, 413, 422, 500 };

	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		assert_true(gh_verdict_of(CURLE_OK, wide[i]).centre_wide);
	for (size_t i = 0; i < sizeof(item) / sizeof(item[0]); i++)
		assert_false(gh_verdict_of(CURLE_OK, item[i]).centre_wide);
}

static const char *reason_of(long status, const char *answer, enum gh_verdict *verdict)
{
	struct gh_id id = { { 0x10, 0x20 } };
	struct gh_judgement judgement =
		gh_verdict_of_answer(CURLE_OK, status, &id, gh_view_of_text(answer));

	*verdict = judgement.verdict;
	return judgement.reason.literal;
}

static void delivered_is_only_what_is_answered_by_its_id(void **state)
{
	static const struct {
		long status;
		const char *answer;
		enum gh_verdict verdict;
		const char *reason;
	} cases[] = {
		{ 200, "{\"id\":\"10200000-0000-0000-0000-000000000000\"}", GH_VERDICT_DELIVERED,
			"http_200" },
		{ 201, "{\"stored\":true,\"id\":\"10200000-0000-0000-0000-000000000000\"}",
			GH_VERDICT_DELIVERED, "http_201" },
		{ 204, "{\"id\":\"10200000-0000-0000-0000-000000000000\"}", GH_VERDICT_DELIVERED,
			"http_204" },
		{ 200, "{\"id\":\"10200000-0000-0000-0000-000000000001\"}", GH_VERDICT_ALARM,
			"wrong_id" },
		{ 204, "", GH_VERDICT_ALARM, "answer_malformed" },
		{ 200, "<html>welcome</html>", GH_VERDICT_ALARM, "answer_malformed" },
		{ 200, "[]", GH_VERDICT_ALARM, "answer_malformed" },
		{ 200, "{\"id\":5}", GH_VERDICT_ALARM, "answer_malformed" },
		{ 200, "{\"id\":\"00000000-0000-0000-0000-000000000000\"}", GH_VERDICT_ALARM,
			"answer_malformed" },
		{ 422, "{\"id\":\"10200000-0000-0000-0000-000000000000\"}", GH_VERDICT_QUARANTINE,
			"http_422" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum gh_verdict verdict;
		const char *reason = reason_of(cases[i].status, cases[i].answer, &verdict);

		assert_int_equal(verdict, cases[i].verdict);
		assert_string_equal(reason, cases[i].reason);
	}
}

static void what_was_spoilt_on_the_way_comes_again(void **state)
{
	static const struct {
		long status;
		const char *answer;
		enum gh_verdict verdict;
		const char *reason;
	} cases[] = {
		{ 400, "{\"error\":{\"code\":\"digest_mismatch\"}}", GH_VERDICT_LATER,
			"body_spoilt" },
		{ 400, "{\"error\":{\"code\":\"digest_malformed\"}}", GH_VERDICT_LATER,
			"body_spoilt" },
		{ 400, "{\"error\":{\"code\":\"bad_id\"}}", GH_VERDICT_QUARANTINE, "http_400" },
		{ 422, "{\"error\":{\"code\":\"digest_mismatch\"}}", GH_VERDICT_QUARANTINE,
			"http_422" },
		{ 400, "spoilt too", GH_VERDICT_QUARANTINE, "http_400" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum gh_verdict verdict;
		const char *reason = reason_of(cases[i].status, cases[i].answer, &verdict);

		assert_int_equal(verdict, cases[i].verdict);
		assert_string_equal(reason, cases[i].reason);
	}
}

static void what_a_proxy_says_concerns_the_way(void **state)
{
	static const struct {
		struct gh_proxy_trouble trouble;
		enum gh_verdict verdict;
		const char *reason;
	} cases[] = {
		{ { .connect_status = 407 }, GH_VERDICT_ALARM, "proxy_credentials" },
		{ { .connect_status = 403 }, GH_VERDICT_ALARM, "proxy_denied" },
		{ { .connect_status = 405 }, GH_VERDICT_ALARM, "proxy_refused" },
		{ { .connect_status = 302 }, GH_VERDICT_ALARM, "proxy_refused" },
		{ { .connect_status = 429 }, GH_VERDICT_LATER, "proxy_unavailable" },
		{ { .connect_status = 502 }, GH_VERDICT_LATER, "proxy_unavailable" },
		{ { .connect_status = 504 }, GH_VERDICT_LATER, "proxy_unavailable" },
		{ { .connect_status = 501 }, GH_VERDICT_ALARM, "proxy_refused" },
		{ { .certificate = true }, GH_VERDICT_ALARM, "proxy_certificate" },
		{ { .not_connected = true }, GH_VERDICT_LATER, "proxy_not_connected" },
		{ { .socks_code = CURLPX_USER_REJECTED }, GH_VERDICT_ALARM, "proxy_credentials" },
		{ { .socks_code = CURLPX_NO_AUTH }, GH_VERDICT_ALARM, "proxy_credentials" },
		{ { .socks_code = CURLPX_REPLY_NOT_ALLOWED }, GH_VERDICT_ALARM, "proxy_denied" },
		{ { .socks_code = CURLPX_REPLY_HOST_UNREACHABLE }, GH_VERDICT_LATER,
			"proxy_unavailable" },
		{ { .socks_code = CURLPX_CLOSED }, GH_VERDICT_LATER, "proxy_unavailable" },
		{ { .socks_code = CURLPX_BAD_VERSION }, GH_VERDICT_ALARM, "proxy" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct gh_judgement judgement = gh_verdict_of_proxy(&cases[i].trouble);

		assert_string_equal(judgement.reason.literal, cases[i].reason);
		assert_int_equal(judgement.verdict, cases[i].verdict);
		assert_true(judgement.centre_wide);
	}
	/* Whatever it says, nothing counts as delivered or as refused for good. */
	for (int status = 300; status < 600; status++) {
		enum gh_verdict verdict =
			gh_verdict_of_proxy(&(struct gh_proxy_trouble){ .connect_status = status })
				.verdict;

		assert_true(verdict == GH_VERDICT_LATER || verdict == GH_VERDICT_ALARM);
	}
	for (int code = CURLPX_OK; code <= CURLPX_LAST; code++) {
		enum gh_verdict verdict =
			gh_verdict_of_proxy(&(struct gh_proxy_trouble){ .socks_code = code })
				.verdict;

		assert_true(verdict == GH_VERDICT_LATER || verdict == GH_VERDICT_ALARM);
	}
}

static struct gh_provider *provider;

/* What the centre is held to by a lane that knows its key. */
static struct gh_expected expected_by(bool key_known)
{
	struct gh_expected expected = { .id = { { 0x10, 0x20 } },
		.kind = GH_RECEIPT_PHOTO,
		.hash = { { 0xaa } },
		.receipts = true,
		.key_known = key_known };

	gh_provider_public_key(provider, expected.public_key);
	return expected;
}

/* A good answer with what change() did to the receipt, signed again where that is asked for. */
static const char *judge_changed(
	const struct gh_expected *expected, void (*change)(struct gh_receipt *receipt), bool sign)
{
	struct gh_receipt receipt = { .kind = GH_RECEIPT_PHOTO,
		.id = { { 0x10, 0x20 } },
		.hash = { { 0xaa } },
		.received_ms = INT64_C(1764000000000) };
	struct gh_receipt read;
	struct gh_bytes json = GH_BYTES_EMPTY;
	struct gh_judgement judgement;
	char answer[2048];
	bool given;

	assert_int_equal(gh_receipt_sign(provider, &receipt, NULL), GH_OK);
	if (change)
		change(&receipt);
	if (sign)
		assert_int_equal(gh_receipt_sign(provider, &receipt, NULL), GH_OK);
	assert_int_equal(gh_receipt_encode(&receipt, &json, NULL), GH_OK);
	snprintf(answer, sizeof(answer), "{\"receipt\":%.*s}", (int)json.length_bytes,
		(const char *)json.data);
	gh_bytes_finish(&json);
	judgement = gh_verdict_of_receipt(expected, gh_view_of_text(answer), &read, &given);
	assert_false(judgement.centre_wide);
	assert_int_equal(given, judgement.verdict == GH_VERDICT_DELIVERED);
	return judgement.reason.literal;
}

static void another_id(struct gh_receipt *receipt)
{
	receipt->id.bytes[0]++;
}

static void another_kind(struct gh_receipt *receipt)
{
	receipt->kind = GH_RECEIPT_ENCOUNTER;
}

static void another_hash(struct gh_receipt *receipt)
{
	receipt->hash.bytes[7]++;
}

static void another_time(struct gh_receipt *receipt)
{
	receipt->received_ms++;
}

static void another_key(struct gh_receipt *receipt)
{
	receipt->public_key[0]++;
}

static void a_receipt_is_for_this_content_by_this_key(void **state)
{
	struct gh_expected known = expected_by(true);
	struct gh_expected unknown = expected_by(false);

	assert_string_equal(judge_changed(&known, NULL, false), "delivered");
	assert_string_equal(judge_changed(&unknown, NULL, false), "delivered");
	/* Old receipts played back are good ones, of something else. */
	assert_string_equal(judge_changed(&known, another_id, true), "receipt_other");
	assert_string_equal(judge_changed(&known, another_kind, true), "receipt_other");
	assert_string_equal(judge_changed(&known, another_hash, true), "receipt_other");
	assert_string_equal(judge_changed(&known, another_time, false), "receipt_forged");
	assert_string_equal(judge_changed(&unknown, another_time, false), "receipt_forged");
	assert_string_equal(judge_changed(&known, another_key, false), "receipt_key");
	assert_string_equal(judge_changed(&unknown, another_key, false), "receipt_forged");
	known.public_key[5]++;
	assert_string_equal(judge_changed(&known, NULL, false), "receipt_key");
}

static const char *judge_answer(const struct gh_expected *expected, const char *answer)
{
	struct gh_receipt receipt;
	bool given = true;
	struct gh_judgement judgement =
		gh_verdict_of_receipt(expected, gh_view_of_text(answer), &receipt, &given);

	assert_false(given);
	assert_int_equal(judgement.verdict,
		strcmp(judgement.reason.literal, "delivered") == 0 ? GH_VERDICT_DELIVERED
								   : GH_VERDICT_ALARM);
	return judgement.reason.literal;
}

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static void an_older_centre_is_taken_until_a_receipt_has_come(void **state)
{
	struct gh_expected known = expected_by(true);
	struct gh_expected unknown = expected_by(false);

	assert_string_equal(judge_answer(&unknown, "{}"), "delivered");
	assert_string_equal(judge_answer(&known, "{}"), "receipt_missing");
	assert_string_equal(judge_answer(&unknown, "{\"receipt\":5}"), "receipt_malformed");
	assert_string_equal(judge_answer(&unknown, "{\"receipt\":{}}"), "receipt_malformed");
	assert_string_equal(
		judge_answer(&unknown, "{\"receipt\":{\"format\":2}}"), "receipt_format");
	assert_string_equal(judge_answer(&unknown, "{\"sha256\":\"" ZEROS "\"}"), "other_digest");
	assert_string_equal(judge_answer(&unknown, "{\"sha256\":0}"), "answer_malformed");
	known.receipts = false;
	assert_string_equal(judge_answer(&known, "{\"receipt\":5}"), "delivered");
	assert_string_equal(judge_answer(&known, "{\"sha256\":\"" ZEROS "\"}"), "other_digest");
}

static int open_provider(void **state)
{
	if (folder_set_up(state) != 0)
		return -1;
	return gh_provider_open("file", folder_place("keys"), &provider, NULL) == GH_OK ? 0 : -1;
}

static int close_provider(void **state)
{
	gh_provider_close(provider);
	return folder_tear_down(state);
}

static void verdicts_have_words(void **state)
{
	assert_string_equal(gh_verdict_name(GH_VERDICT_DELIVERED), "delivered");
	assert_string_equal(gh_verdict_name(GH_VERDICT_LATER), "later");
	assert_string_equal(gh_verdict_name(GH_VERDICT_QUARANTINE), "quarantine");
	assert_string_equal(gh_verdict_name(GH_VERDICT_ALARM), "alarm");
	assert_string_equal(gh_verdict_name((enum gh_verdict)9), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_curl_code_is_listed),
		cmocka_unit_test(trouble_on_the_way_is_later_and_certificates_are_alarms),
		cmocka_unit_test(every_http_status_has_its_verdict),
		cmocka_unit_test(only_the_centre_as_a_whole_pauses_all),
		cmocka_unit_test(delivered_is_only_what_is_answered_by_its_id),
		cmocka_unit_test(what_was_spoilt_on_the_way_comes_again),
		cmocka_unit_test(what_a_proxy_says_concerns_the_way),
		cmocka_unit_test(a_receipt_is_for_this_content_by_this_key),
		cmocka_unit_test(an_older_centre_is_taken_until_a_receipt_has_come),
		cmocka_unit_test(verdicts_have_words),
	};

	return cmocka_run_group_tests(tests, open_provider, close_provider);
}
