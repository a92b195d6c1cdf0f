/* SPDX-License-Identifier: Apache-2.0 */
/* Paths, methods, roles and headers of the API. */
#include "request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ID "10200000-0000-0000-0000-000000000001"

static void every_path_finds_its_endpoint(void **state)
{
	static const struct {
		enum method method;
		const char *path;
		enum endpoint endpoint;
		enum body_kind body;
		int roles;
	} cases[] = {
		{ METHOD_PUT, "/v1/encounters/" ID, ENDPOINT_ENCOUNTER_PUT, BODY_JSON, ROLE_LANE },
		{ METHOD_PUT, "/v1/encounters/" ID "/photo", ENDPOINT_PHOTO_PUT, BODY_PHOTO,
			ROLE_LANE },
		{ METHOD_HEAD, "/v1/encounters/" ID "/photo", ENDPOINT_PHOTO_HEAD, BODY_NONE,
			ROLE_LANE },
		{ METHOD_PATCH, "/v1/encounters/" ID "/photo", ENDPOINT_PHOTO_PATCH, BODY_PIECE,
			ROLE_LANE },
		{ METHOD_PUT, "/v1/addenda/" ID, ENDPOINT_ADDENDUM_PUT, BODY_JSON, ROLE_LANE },
		{ METHOD_GET, "/v1/voyages", ENDPOINT_VOYAGE_LIST, BODY_NONE,
			ROLE_LANE | ROLE_OPERATOR },
		{ METHOD_GET, "/v1/voyages/" ID, ENDPOINT_VOYAGE_GET, BODY_NONE,
			ROLE_LANE | ROLE_OPERATOR },
		{ METHOD_DELETE, "/v1/voyages/" ID, ENDPOINT_VOYAGE_DELETE, BODY_NONE,
			ROLE_OPERATOR },
		{ METHOD_PUT, "/v1/voyages/" ID "/versions/12", ENDPOINT_VOYAGE_PUT, BODY_BUNDLE,
			ROLE_OPERATOR },
		{ METHOD_GET, "/v1/voyages/" ID "/passages", ENDPOINT_PASSAGE_LIST, BODY_NONE,
			ROLE_LANE | ROLE_OPERATOR },
		{ METHOD_GET, "/v1/encounters", ENDPOINT_ENCOUNTER_LIST, BODY_NONE, ROLE_OPERATOR },
		{ METHOD_GET, "/v1/devices", ENDPOINT_DEVICE_LIST, BODY_NONE, ROLE_OPERATOR },
		{ METHOD_PUT, "/v1/devices/lane-1", ENDPOINT_DEVICE_PUT, BODY_JSON, ROLE_OPERATOR },
		{ METHOD_DELETE, "/v1/devices/lane-1", ENDPOINT_DEVICE_DELETE, BODY_NONE,
			ROLE_OPERATOR },
		{ METHOD_PUT, "/v1/witness/" ID, ENDPOINT_WITNESS_PUT, BODY_JSON, ROLE_LANE },
		{ METHOD_PUT, "/v1/devices/lane-1/token", ENDPOINT_TOKEN_PUT, BODY_JSON,
			ROLE_OPERATOR },
		{ METHOD_GET, "/v1/devices/lane-1/certificates", ENDPOINT_CERTIFICATE_LIST,
			BODY_NONE, ROLE_OPERATOR },
		{ METHOD_DELETE, "/v1/certificates/0af3", ENDPOINT_CERTIFICATE_DELETE, BODY_NONE,
			ROLE_OPERATOR },
		{ METHOD_GET, "/.well-known/est/cacerts", ENDPOINT_EST_CERTS, BODY_NONE,
			ROLE_LANE | ROLE_OPERATOR | ROLE_NEWCOMER },
		{ METHOD_POST, "/.well-known/est/simpleenroll", ENDPOINT_EST_ENROL, BODY_CSR,
			ROLE_NEWCOMER },
		{ METHOD_POST, "/.well-known/est/simplereenroll", ENDPOINT_EST_RENEW, BODY_CSR,
			ROLE_LANE },
		{ METHOD_GET, "/v1/health", ENDPOINT_HEALTH, BODY_NONE, ROLE_LANE | ROLE_OPERATOR },
		{ METHOD_PUT, "/v1/heartbeats/lane-1", ENDPOINT_HEARTBEAT_PUT, BODY_JSON,
			ROLE_LANE },
		{ METHOD_GET, "/v1/heartbeats/lane-1", ENDPOINT_HEARTBEAT_GET, BODY_NONE,
			ROLE_OPERATOR },
		{ METHOD_GET, "/v1/alarms", ENDPOINT_ALARM_LIST, BODY_NONE, ROLE_OPERATOR },
		{ METHOD_GET, "/metrics", ENDPOINT_METRICS, BODY_NONE, ROLE_MONITOR },
	};

	assert_int_equal(sizeof(cases) / sizeof(cases[0]), ENDPOINT_COUNT);
	for (size_t i = 0; i < ENDPOINT_COUNT; i++) {
		struct request request;
		struct refusal refusal;

		assert_true(request_parse(cases[i].method, cases[i].path, "", &request, &refusal));
		assert_int_equal(request.endpoint, cases[i].endpoint);
		assert_int_equal(request.body_kind, cases[i].body);
		for (int role = ROLE_NONE; role <= ROLE_NEWCOMER;
			role = role ? role * 2 : ROLE_LANE)
			assert_int_equal(request_permitted(&request, (enum role)role, &refusal),
				(cases[i].roles & role) != 0);
		if (cases[i].endpoint == ENDPOINT_VOYAGE_PUT)
			assert_int_equal(request.version, 12);
	}
}

static int refusal_of(enum method method, const char *path, const char *query)
{
	struct request request;
	struct refusal refusal = { 0, NULL, NULL, NULL };

	return request_parse(method, path, query, &request, &refusal) ? 0 : refusal.status;
}

static void other_paths_are_not_found(void **state)
{
	static const char *const paths[] = { "", "/", "v1/health", "/v1", "/v1/", "//v1/health",
		"/v1//health", "/v1/health/", "/v1/Health", "/v1/voyages/" ID "/versions",
		"/v1/voyages/" ID "/versions/1/2", "/v1/encounters/" ID "/photo/x", "/v1/health ",
		"/v1/*", "/v1/encounters/" ID "/passages" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_int_equal(refusal_of(METHOD_GET, paths[i], ""), 404);
}

static void other_methods_are_told_which_there_are(void **state)
{
	struct request request;
	struct refusal refusal;

	assert_false(request_parse(METHOD_PUT, "/v1/voyages/" ID, "", &request, &refusal));
	assert_int_equal(refusal.status, 405);
	assert_string_equal(refusal.allow, "GET, DELETE");
	assert_false(request_parse(METHOD_OTHER, "/v1/addenda/" ID, "", &request, &refusal));
	assert_string_equal(refusal.allow, "PUT");
	assert_false(
		request_parse(METHOD_GET, "/v1/encounters/" ID "/photo", "", &request, &refusal));
	assert_string_equal(refusal.allow, "HEAD, PATCH, PUT");
	assert_false(request_parse(METHOD_GET, "/v1/devices/lane-1", "", &request, &refusal));
	assert_string_equal(refusal.allow, "PUT, DELETE");
	assert_false(request_parse(METHOD_DELETE, "/v1/health", "", &request, &refusal));
	assert_string_equal(refusal.allow, "GET");
}

/* Who has no certificate is told of nothing that he may not do. */
static void newcomers_see_little(void **state)
{
	struct request request;
	struct refusal refusal;

	assert_true(request_parse(METHOD_GET, "/v1/health", "", &request, &refusal));
	assert_false(request_permitted(&request, ROLE_NEWCOMER, &refusal));
	assert_int_equal(refusal.status, 404);
	assert_false(request_permitted(&request, ROLE_NONE, &refusal));
	assert_int_equal(refusal.status, 403);
	assert_false(
		request_parse(METHOD_GET, "/.well-known/est/simpleenroll", "", &request, &refusal));
	assert_string_equal(refusal.allow, "POST");
}

static void names_and_tokens_are_read_strictly(void **state)
{
	static const char *const bad[] = { "", "Basic", "Basic ", "Bearer bGFuZS0xOng=", "Basic !",
		"Basic bGFuZS0x" /* lane-1 */, "Basic bGFuZS0xOg==" /* lane-1: */,
		"Basic Ong=" /* :x */, "Basic bGEgbmU6eA==" /* la ne:x */,
		"Basic bGFuZS0xOngA" /* lane-1:x and a NUL */, "Basic bGFuZS0xOnggeA==" /* x x */ };
	struct request request;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		request_basic(bad[i], &request);
		if (request.claimed[0] != '\0')
			fail_msg("%s was taken", bad[i]);
	}
	request_basic("basic bGFuZS0xOng6eQ==", &request);
	assert_string_equal(request.claimed, "lane-1");
	assert_string_equal(request.token, "x:y");
}

static void a_piece_says_where_it_belongs(void **state)
{
	static const char digest[] = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";
	struct request request = { .endpoint = ENDPOINT_PHOTO_PATCH };
	struct refusal refusal;

	assert_true(request_read_piece(&request, "0", "?0", "", &refusal));
	assert_true(!request.upload_complete && request.upload_offset == 0 && !request.has_whole);
	assert_true(request_read_piece(&request, "190000", "?1", digest, &refusal));
	assert_true(request.upload_complete && request.upload_offset == 190000 &&
		request.has_whole && request.whole.bytes[0] == 0x44);
	assert_true(request_read_piece(&request, "1", "?1", "nonsense", &refusal));
	assert_false(request.has_whole);
	static const char *const wrong[][2] = { { "", "?1" }, { "-1", "?1" }, { "1.0", "?1" },
		{ "2147483648", "?1" }, { "1", "" }, { "1", "1" }, { "1", "?2" }, { "1", "?1 " } };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_false(request_read_piece(&request, wrong[i][0], wrong[i][1], "", &refusal));
		assert_int_equal(refusal.status, 400);
		assert_string_equal(refusal.code, "bad_upload");
	}
}

static void a_digest_is_given_missing_or_none(void **state)
{
	struct request request = { .endpoint = ENDPOINT_PHOTO_PUT };

	request_read_digest(&request, "");
	assert_int_equal(request.digest_state, DIGEST_NONE);
	request_read_digest(&request, "sha-512=:AAAA:");
	assert_int_equal(request.digest_state, DIGEST_NONE);
	request_read_digest(&request, "sha-256=:AAAA:");
	assert_int_equal(request.digest_state, DIGEST_MALFORMED);
	request_read_digest(&request, "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:");
	assert_int_equal(request.digest_state, DIGEST_GIVEN);
	assert_int_equal(request.digest.bytes[0], 0x44);
}

static void ids_and_numbers_are_read_strictly(void **state)
{
	assert_int_equal(refusal_of(METHOD_GET, "/v1/voyages/x", ""), 400);
	assert_int_equal(refusal_of(METHOD_GET, "/v1/voyages/" ID "0", ""), 400);
	assert_int_equal(
		refusal_of(METHOD_GET, "/v1/voyages/00000000-0000-0000-0000-000000000000", ""),
		400);
	static const char *const versions[] = { "0", "-1", "+1", "1.0", "x", "4294967296",
		"99999999999999999999999" };
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		char path[128] = "/v1/voyages/" ID "/versions/";

		strcat(path, versions[i]);
		assert_int_equal(refusal_of(METHOD_PUT, path, ""), 400);
	}
	assert_int_equal(refusal_of(METHOD_PUT, "/v1/voyages/" ID "/versions/4294967295", ""), 0);
}

static void names_are_read_strictly(void **state)
{
	static const char *const names[] = { "a b", "a'b", "a\"b", "a;--", "%2e%2e", "l\xc3\xa4ne",
		"0123456789012345678901234567890123456789012345678901234567890123456789" };
	struct request request;
	struct refusal refusal;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[128] = "/v1/devices/";

		strcat(path, names[i]);
		assert_int_equal(refusal_of(METHOD_PUT, path, ""), 400);
	}
	assert_true(request_parse(METHOD_PUT, "/v1/devices/Lane_1.a-b", "", &request, &refusal));
	assert_string_equal(request.name, "Lane_1.a-b");
	assert_string_equal(request_action(&request), "putDevice");
}

static void parameters_are_read_strictly(void **state)
{
	struct request request;
	struct refusal refusal;
	static const char *const bad[] = { "since", "since=", "since=x", "since=-1", "since=1&",
		"limit=0", "limit=1001", "other=1", "since=9223372036854775808", "=", "&" };

	assert_true(request_parse(METHOD_GET, "/v1/encounters",
		"since=9223372036854775807&limit=1000", &request, &refusal));
	assert_true(request.since == INT64_MAX);
	assert_int_equal(request.limit, 1000);
	assert_true(request_parse(METHOD_GET, "/v1/encounters", "", &request, &refusal));
	assert_int_equal(request.since, 0);
	assert_int_equal(request.limit, REQUEST_LIMIT_MAX);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		/* An & at the end has nothing behind it, which is fine. */
		int wanted = strcmp(bad[i], "since=1&") == 0 ? 0 : 400;

		assert_int_equal(refusal_of(METHOD_GET, "/v1/encounters", bad[i]), wanted);
	}
	assert_int_equal(refusal_of(METHOD_GET, "/v1/voyages", "since=1"), 400);
}

static void content_types_must_suit(void **state)
{
	struct request request;
	struct refusal refusal;

	assert_true(request_parse(METHOD_PUT, "/v1/addenda/" ID, "", &request, &refusal));
	assert_true(request_content_suits(&request, "application/json", &refusal));
	assert_true(request_content_suits(&request, "Application/JSON; charset=utf-8", &refusal));
	assert_false(request_content_suits(&request, "application/jsonp", &refusal));
	assert_int_equal(refusal.status, 415);
	assert_false(request_content_suits(&request, "", &refusal));
	assert_true(request_parse(METHOD_GET, "/v1/health", "", &request, &refusal));
	assert_true(request_content_suits(&request, "text/plain", &refusal));
}

static void roles_and_tags_are_read(void **state)
{
	assert_int_equal(request_role("lane"), ROLE_LANE);
	assert_int_equal(request_role("operator"), ROLE_OPERATOR);
	assert_int_equal(request_role("monitor"), ROLE_MONITOR);
	assert_int_equal(request_role("Lane"), ROLE_NONE);
	assert_int_equal(request_role("central"), ROLE_NONE);
	assert_int_equal(request_role(""), ROLE_NONE);
	assert_true(request_etag_matches("\"abc\"", "abc"));
	assert_true(request_etag_matches("W/\"x\", \"abc\"", "abc"));
	assert_true(request_etag_matches("*", "abc"));
	assert_false(request_etag_matches("", "abc"));
	assert_false(request_etag_matches("abc", "abc"));
	assert_false(request_etag_matches("\"abcd\"", "abc"));
	assert_false(request_etag_matches("\"xabc\"", "abc"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_path_finds_its_endpoint),
		cmocka_unit_test(other_paths_are_not_found),
		cmocka_unit_test(other_methods_are_told_which_there_are),
		cmocka_unit_test(newcomers_see_little),
		cmocka_unit_test(names_and_tokens_are_read_strictly),
		cmocka_unit_test(ids_and_numbers_are_read_strictly),
		cmocka_unit_test(a_piece_says_where_it_belongs),
		cmocka_unit_test(a_digest_is_given_missing_or_none),
		cmocka_unit_test(names_are_read_strictly),
		cmocka_unit_test(parameters_are_read_strictly),
		cmocka_unit_test(content_types_must_suit),
		cmocka_unit_test(roles_and_tags_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
