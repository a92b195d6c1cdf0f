/* SPDX-License-Identifier: Apache-2.0 */
/* A lane's side of enrolment: what it sends, and what it makes of answers. */
#include "gatehouse/uplink/est.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/uplink/rig.h"
#include "gatehouse/base/file.h"
#include "gatehouse/crypto/base64.h"
#include "gatehouse/crypto/csr.h"

/* What the centre answers, and what it was asked. */
struct centre {
	int status;
	char body[8192];
	char method[8];
	char path[256];
	char headers[4096];
	uint8_t received[4096];
	size_t received_bytes;
};

static struct rig rig;
static struct centre centre;
static struct fake_centre *server;

static void decide(void *ctx, const struct fake_request *request, struct fake_reply *reply)
{
	(void)ctx;
	reply->status = centre.status;
	snprintf(reply->body, sizeof(reply->body), "%s", centre.body);
	strcpy(centre.method, request->method);
	strcpy(centre.path, request->path);
	strcpy(centre.headers, request->headers);
	centre.received_bytes = request->body_bytes;
	if (request->body_bytes <= sizeof(centre.received) && request->body_bytes > 0)
		memcpy(centre.received, request->body, request->body_bytes);
}

static int set_up(void **state)
{
	(void)state;
	memset(&centre, 0, sizeof(centre));
	centre.status = 200;
	rig_make(&rig);
	atomic_store(&rig.clock.runs, true);
	server = rig_centre(&rig, decide, NULL);
	rig.options.url = rig.url;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fake_centre_stop(server);
	rig_remove(&rig);
	return 0;
}

/* A message of certificates that the rig has anyway. */
static void answer_with(const char *const *names, size_t count)
{
	struct gh_certs certs = { .count = 0 };
	struct gh_bytes text = GH_BYTES_EMPTY;

	for (size_t i = 0; i < count; i++) {
		struct gh_bytes pem = GH_BYTES_EMPTY;

		assert_int_equal(gh_file_read(rig_key(&rig, names[i]), 65536, &pem, NULL), GH_OK);
		assert_int_equal(gh_certs_add_pem(&certs, gh_bytes_view(&pem), NULL), GH_OK);
		gh_bytes_finish(&pem);
	}
	assert_int_equal(gh_certs_only_encode(&certs, &text, NULL), GH_OK);
	assert_true(text.length_bytes < sizeof(centre.body));
	memcpy(centre.body, text.data, text.length_bytes);
	centre.body[text.length_bytes] = '\0';
	gh_certs_finish(&certs);
	gh_bytes_finish(&text);
}

static void a_renewal_posts_the_request(void **state)
{
	static const char *const names[] = { "ca.pem" };
	struct gh_bytes der = GH_BYTES_EMPTY;
	struct gh_bytes sent = GH_BYTES_EMPTY;

	(void)state;
	answer_with(names, 1);
	assert_int_equal(
		gh_est_certify(&rig.options, gh_view_of_text("a request"), &der, NULL), GH_OK);
	assert_string_equal(centre.method, "POST");
	assert_string_equal(centre.path, "/.well-known/est/simplereenroll");
	assert_non_null(strstr(centre.headers, "application/pkcs10"));
	assert_null(strstr(centre.headers, "Authorization"));
	assert_int_equal(
		gh_base64_decode((struct gh_view){ centre.received, centre.received_bytes }, 1000,
			&sent, NULL),
		GH_OK);
	assert_true(gh_view_equal(gh_bytes_view(&sent), gh_view_of_text("a request")));
	assert_int_not_equal(der.length_bytes, 0);
	gh_bytes_finish(&der);
	gh_bytes_finish(&sent);
}

static void answers_are_told_apart(void **state)
{
	static const struct {
		int status;
		enum gh_status expected;
	} cases[] = { { 200, GH_MALFORMED }, { 202, GH_REFUSED }, { 204, GH_REFUSED },
		{ 302, GH_REFUSED }, { 400, GH_REFUSED }, { 401, GH_DENIED }, { 403, GH_DENIED },
		{ 404, GH_NOT_FOUND }, { 409, GH_REFUSED }, { 413, GH_REFUSED },
		{ 429, GH_OFFLINE }, { 500, GH_OFFLINE }, { 503, GH_OFFLINE } };
	struct gh_bytes der = GH_BYTES_EMPTY;
	struct gh_certs certs = { .count = 0 };
	struct gh_error error;

	(void)state;
	strcpy(centre.body, "{\"error\":{\"code\":\"token_used\",\"reason\":\"x\"}}");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fake_centre_hold(server);
		centre.status = cases[i].status;
		fake_centre_release(server);
		if (gh_est_certify(&rig.options, gh_view_of_text("x"), &der, &error) !=
			cases[i].expected)
			fail_msg("%d: %s", cases[i].status, error.text);
		assert_null(der.data);
		if (cases[i].status >= 400)
			assert_non_null(strstr(error.text, "token_used"));
		assert_int_equal(gh_est_authorities(&rig.options, &certs, NULL), cases[i].expected);
		assert_int_equal(certs.count, 0);
	}
}

static void one_certificate_is_one(void **state)
{
	static const char *const names[] = { "ca.pem", "central.pem" };
	struct gh_bytes der = GH_BYTES_EMPTY;
	struct gh_certs certs = { .count = 0 };

	(void)state;
	answer_with(names, 2);
	assert_int_equal(
		gh_est_certify(&rig.options, gh_view_of_text("x"), &der, NULL), GH_MALFORMED);
	assert_int_equal(gh_est_authorities(&rig.options, &certs, NULL), GH_OK);
	assert_int_equal(certs.count, 2);
	assert_string_equal(centre.path, "/.well-known/est/cacerts");
	gh_certs_finish(&certs);
}

static bool is_online(struct rig *one)
{
	return gh_uplink_state(one->uplink).online;
}

/* The pair that is used from now on may be one of another authority: then the centre refuses it. */
static void another_pair_is_used_from_now_on(void **state)
{
	struct gh_bytes certificate = GH_BYTES_EMPTY;
	struct gh_bytes key = GH_BYTES_EMPTY;
	struct gh_uplink_certificate noted = { .not_after_ms = 5, .state = GH_WORD("fine") };

	(void)state;
	strcpy(centre.body, "{\"voyages\":[]}");
	/* The files are gone: only what is in memory can be used. */
	assert_int_equal(
		gh_file_read(rig.options.certificate_file, 65536, &certificate, NULL), GH_OK);
	assert_int_equal(gh_file_read(rig.options.key_file, 65536, &key, NULL), GH_OK);
	assert_int_equal(remove(rig.options.certificate_file), 0);
	assert_int_equal(remove(rig.options.key_file), 0);
	rig_start(&rig);
	assert_int_equal(gh_uplink_use(rig.uplink, gh_bytes_view(&certificate), gh_bytes_view(&key),
				 20000, NULL),
		GH_OK);
	assert_true(rig_wait(&rig, is_online));
	gh_uplink_note_certificate(rig.uplink, &noted);
	assert_int_equal(gh_uplink_state(rig.uplink).certificate.not_after_ms, 5);
	rig_stop(&rig);
	gh_bytes_finish(&certificate);
	gh_bytes_finish(&key);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_renewal_posts_the_request),
		TEST(answers_are_told_apart),
		TEST(one_certificate_is_one),
		TEST(another_pair_is_used_from_now_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
