/* SPDX-License-Identifier: Apache-2.0 */
/* A refusal of the lane's own certificate is told from a broken line, in OpenSSL's own words. */
#include "transfer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "gatehouse/base/bytes.h"

/* RFC 8446, 6.2: what a server says of the client's certificate, and of other things. */
static const struct alert {
	int reason; /* the one under which OpenSSL reports it to the client */
	bool of_certificate;
} alerts[] = {
	{ SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, true },
	{ SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE, true },
	{ SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, true },
	{ SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED, true },
	{ SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, true },
	{ SSL_R_TLSV1_ALERT_UNKNOWN_CA, true },
	{ SSL_R_TLSV1_ALERT_ACCESS_DENIED, true },
	{ SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, true },
	{ SSL_R_SSLV3_ALERT_UNEXPECTED_MESSAGE, false },
	{ SSL_R_SSLV3_ALERT_BAD_RECORD_MAC, false },
	{ SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE, false },
	{ SSL_R_SSLV3_ALERT_ILLEGAL_PARAMETER, false },
	{ SSL_R_TLSV1_ALERT_DECODE_ERROR, false },
	{ SSL_R_TLSV1_ALERT_INTERNAL_ERROR, false },
	{ SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, false },
	{ SSL_R_TLSV1_ALERT_NO_RENEGOTIATION, false },
};

#define ALERTS (sizeof(alerts) / sizeof(alerts[0]))

static CURLcode result(CURLcode code, const char *words)
{
	static struct transfer transfer;

	memset(&transfer, 0, sizeof(transfer));
	gh_text_copy(transfer.curl_text, sizeof(transfer.curl_text), words);
	return transfer_result(&transfer, code);
}

/* As libcurl words the failure of a read and of a write on a session. */
static void every_alert_is_judged(void **unused)
{
	static const struct {
		CURLcode code;
		const char *before;
	} forms[] = {
		{ CURLE_RECV_ERROR, "OpenSSL SSL_read: " },
		{ CURLE_SEND_ERROR, "SSL_write() error: " },
	};
	char error[256];
	char words[256];

	(void)unused;
	assert_int_equal(OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS, NULL), 1);
	for (size_t i = 0; i < ALERTS; i++) {
		ERR_error_string_n(
			ERR_PACK(ERR_LIB_SSL, 0, alerts[i].reason), error, sizeof(error));
		for (size_t k = 0; k < sizeof(forms) / sizeof(forms[0]); k++) {
			CURLcode expected =
				alerts[i].of_certificate ? CURLE_SSL_CERTPROBLEM : forms[k].code;

			snprintf(words, sizeof(words), "%s%.160s, errno 0", forms[k].before, error);
			if (result(forms[k].code, words) != expected)
				fail_msg("%s", words);
		}
	}
}

/* Words that only look alike, or stand under another code, change nothing. */
static void other_failures_stay_what_they_are(void **unused)
{
	static const CURLcode codes[] = { CURLE_OK, CURLE_COULDNT_CONNECT, CURLE_GOT_NOTHING,
		CURLE_PEER_FAILED_VERIFICATION, CURLE_OPERATION_TIMEDOUT, CURLE_SSL_CONNECT_ERROR };
	static const char *const words[] = { "", "Connection reset by peer",
		"OpenSSL SSL_read: SSL_ERROR_SYSCALL, errno 104", "unknown ca", "alert",
		"bad certificate" };

	(void)unused;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		assert_int_equal(result(codes[i], "tlsv1 alert unknown ca"), codes[i]);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		assert_int_equal(result(CURLE_RECV_ERROR, words[i]), CURLE_RECV_ERROR);
}

/* What it is for: an alarm instead of waiting in silence. */
static void a_refused_certificate_is_an_alarm(void **unused)
{
	CURLcode code = result(CURLE_RECV_ERROR, "tlsv1 alert unknown ca");

	(void)unused;
	assert_int_equal(gh_verdict_of(code, 0).verdict, GH_VERDICT_ALARM);
	assert_int_equal(gh_verdict_of(CURLE_RECV_ERROR, 0).verdict, GH_VERDICT_LATER);
}

/* What is read behind the first failure counts as well. */
static void an_alert_behind_another_failure_counts(void **unused)
{
	struct transfer transfer = { .refused = true };

	(void)unused;
	gh_text_copy(transfer.curl_text, sizeof(transfer.curl_text),
		"getpeername() failed with errno 107: Transport endpoint is not connected");
	assert_int_equal(transfer_result(&transfer, CURLE_RECV_ERROR), CURLE_SSL_CERTPROBLEM);
	assert_false(transfer_broke_off(&transfer, CURLE_RECV_ERROR));
	assert_int_equal(transfer_result(&transfer, CURLE_COULDNT_CONNECT), CURLE_COULDNT_CONNECT);
	transfer.refused = false;
	assert_int_equal(transfer_result(&transfer, CURLE_RECV_ERROR), CURLE_RECV_ERROR);
	assert_true(transfer_broke_off(&transfer, CURLE_RECV_ERROR));
	assert_true(transfer_broke_off(&transfer, CURLE_SEND_ERROR));
	assert_false(transfer_broke_off(&transfer, CURLE_OK));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_alert_is_judged),
		cmocka_unit_test(other_failures_stay_what_they_are),
		cmocka_unit_test(a_refused_certificate_is_an_alarm),
		cmocka_unit_test(an_alert_behind_another_failure_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
