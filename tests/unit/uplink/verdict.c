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
		cmocka_unit_test(verdicts_have_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
