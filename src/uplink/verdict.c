/* SPDX-License-Identifier: Apache-2.0 */
/* One table over curl codes and HTTP statuses. */
#include "gatehouse/uplink/verdict.h"

#include <stddef.h>
#include <string.h>
#include <curl/curl.h>

#include "answer.h"
#include "verdict_table.h"

const char *gh_verdict_name(enum gh_verdict verdict)
{
	switch (verdict) {
	case GH_VERDICT_DELIVERED:
		return "delivered";
	case GH_VERDICT_LATER:
		return "later";
	case GH_VERDICT_QUARANTINE:
		return "quarantine";
	case GH_VERDICT_ALARM:
		return "alarm";
	}
	return "unknown";
}

struct row {
	int first;
	int last;
	enum gh_verdict verdict;
	bool centre_wide;
	struct gh_word reason;
};

#define LATER(code, word) \
	{ \
		code, code, GH_VERDICT_LATER, true, \
		{ \
			word \
		} \
	}
#define ALARM(code, word) \
	{ \
		code, code, GH_VERDICT_ALARM, true, \
		{ \
			word \
		} \
	}
#define OURS(code, word) \
	{ \
		code, code, GH_VERDICT_ALARM, false, \
		{ \
			word \
		} \
	}

/*
 * Every code of curl 7.88. LATER: the network or the centre's machine, which mends itself. ALARM:
 * certificates, settings and files, which a technician mends. OURS: a fault of this program or of
 * its build; the items are kept, and the technician is told.
 */
/* clang-format off */
static const struct row curl_rows[] = {
	OURS(CURLE_UNSUPPORTED_PROTOCOL, "unsupported_protocol"),
	LATER(CURLE_FAILED_INIT, "failed_init"),
	ALARM(CURLE_URL_MALFORMAT, "url_malformed"),
	OURS(CURLE_NOT_BUILT_IN, "not_built_in"),
	LATER(CURLE_COULDNT_RESOLVE_PROXY, "proxy_not_resolved"),
	LATER(CURLE_COULDNT_RESOLVE_HOST, "host_not_resolved"),
	LATER(CURLE_COULDNT_CONNECT, "not_connected"),
	OURS(CURLE_WEIRD_SERVER_REPLY, "weird_answer"),
	ALARM(CURLE_REMOTE_ACCESS_DENIED, "access_denied"),
	OURS(CURLE_FTP_ACCEPT_FAILED, "other_protocol"),
	OURS(CURLE_FTP_WEIRD_PASS_REPLY, "other_protocol"),
	OURS(CURLE_FTP_ACCEPT_TIMEOUT, "other_protocol"),
	OURS(CURLE_FTP_WEIRD_PASV_REPLY, "other_protocol"),
	OURS(CURLE_FTP_WEIRD_227_FORMAT, "other_protocol"),
	OURS(CURLE_FTP_CANT_GET_HOST, "other_protocol"),
	LATER(CURLE_HTTP2, "http2"),
	OURS(CURLE_FTP_COULDNT_SET_TYPE, "other_protocol"),
	LATER(CURLE_PARTIAL_FILE, "answer_cut_short"),
	OURS(CURLE_FTP_COULDNT_RETR_FILE, "other_protocol"),
	OURS(CURLE_OBSOLETE20, "obsolete_code"),
	OURS(CURLE_QUOTE_ERROR, "other_protocol"),
	OURS(CURLE_HTTP_RETURNED_ERROR, "http_error"),
	LATER(CURLE_WRITE_ERROR, "answer_not_taken"),
	OURS(CURLE_OBSOLETE24, "obsolete_code"),
	LATER(CURLE_UPLOAD_FAILED, "upload_failed"),
	OURS(CURLE_READ_ERROR, "body_not_read"),
	LATER(CURLE_OUT_OF_MEMORY, "no_memory"),
	LATER(CURLE_OPERATION_TIMEDOUT, "timed_out"),
	OURS(CURLE_OBSOLETE29, "obsolete_code"),
	OURS(CURLE_FTP_PORT_FAILED, "other_protocol"),
	OURS(CURLE_FTP_COULDNT_USE_REST, "other_protocol"),
	OURS(CURLE_OBSOLETE32, "obsolete_code"),
	OURS(CURLE_RANGE_ERROR, "range_error"),
	OURS(CURLE_HTTP_POST_ERROR, "post_error"),
	LATER(CURLE_SSL_CONNECT_ERROR, "tls_not_connected"),
	OURS(CURLE_BAD_DOWNLOAD_RESUME, "other_protocol"),
	OURS(CURLE_FILE_COULDNT_READ_FILE, "other_protocol"),
	OURS(CURLE_LDAP_CANNOT_BIND, "other_protocol"),
	OURS(CURLE_LDAP_SEARCH_FAILED, "other_protocol"),
	OURS(CURLE_OBSOLETE40, "obsolete_code"),
	OURS(CURLE_FUNCTION_NOT_FOUND, "function_missing"),
	LATER(CURLE_ABORTED_BY_CALLBACK, "stopped"),
	OURS(CURLE_BAD_FUNCTION_ARGUMENT, "bad_argument"),
	OURS(CURLE_OBSOLETE44, "obsolete_code"),
	LATER(CURLE_INTERFACE_FAILED, "interface_failed"),
	OURS(CURLE_OBSOLETE46, "obsolete_code"),
	OURS(CURLE_TOO_MANY_REDIRECTS, "redirected"),
	OURS(CURLE_UNKNOWN_OPTION, "unknown_option"),
	OURS(CURLE_SETOPT_OPTION_SYNTAX, "option_syntax"),
	OURS(CURLE_OBSOLETE50, "obsolete_code"),
	OURS(CURLE_OBSOLETE51, "obsolete_code"),
	LATER(CURLE_GOT_NOTHING, "no_answer"),
	ALARM(CURLE_SSL_ENGINE_NOTFOUND, "tls_engine"),
	ALARM(CURLE_SSL_ENGINE_SETFAILED, "tls_engine"),
	LATER(CURLE_SEND_ERROR, "send_failed"),
	LATER(CURLE_RECV_ERROR, "receive_failed"),
	OURS(CURLE_OBSOLETE57, "obsolete_code"),
	ALARM(CURLE_SSL_CERTPROBLEM, "own_certificate"),
	ALARM(CURLE_SSL_CIPHER, "tls_cipher"),
	ALARM(CURLE_PEER_FAILED_VERIFICATION, "peer_certificate"),
	OURS(CURLE_BAD_CONTENT_ENCODING, "content_encoding"),
	OURS(CURLE_OBSOLETE62, "obsolete_code"),
	OURS(CURLE_FILESIZE_EXCEEDED, "answer_too_large"),
	ALARM(CURLE_USE_SSL_FAILED, "tls_missing"),
	LATER(CURLE_SEND_FAIL_REWIND, "not_rewound"),
	ALARM(CURLE_SSL_ENGINE_INITFAILED, "tls_engine"),
	ALARM(CURLE_LOGIN_DENIED, "login_denied"),
	OURS(CURLE_TFTP_NOTFOUND, "other_protocol"),
	OURS(CURLE_TFTP_PERM, "other_protocol"),
	ALARM(CURLE_REMOTE_DISK_FULL, "remote_disk_full"),
	OURS(CURLE_TFTP_ILLEGAL, "other_protocol"),
	OURS(CURLE_TFTP_UNKNOWNID, "other_protocol"),
	OURS(CURLE_REMOTE_FILE_EXISTS, "other_protocol"),
	OURS(CURLE_TFTP_NOSUCHUSER, "other_protocol"),
	OURS(CURLE_CONV_FAILED, "obsolete_code"),
	OURS(CURLE_OBSOLETE76, "obsolete_code"),
	ALARM(CURLE_SSL_CACERT_BADFILE, "ca_file"),
	OURS(CURLE_REMOTE_FILE_NOT_FOUND, "other_protocol"),
	OURS(CURLE_SSH, "other_protocol"),
	LATER(CURLE_SSL_SHUTDOWN_FAILED, "tls_shutdown"),
	LATER(CURLE_AGAIN, "again"),
	ALARM(CURLE_SSL_CRL_BADFILE, "crl_file"),
	ALARM(CURLE_SSL_ISSUER_ERROR, "peer_issuer"),
	OURS(CURLE_FTP_PRET_FAILED, "other_protocol"),
	OURS(CURLE_RTSP_CSEQ_ERROR, "other_protocol"),
	OURS(CURLE_RTSP_SESSION_ERROR, "other_protocol"),
	OURS(CURLE_FTP_BAD_FILE_LIST, "other_protocol"),
	OURS(CURLE_CHUNK_FAILED, "other_protocol"),
	LATER(CURLE_NO_CONNECTION_AVAILABLE, "no_connection"),
	ALARM(CURLE_SSL_PINNEDPUBKEYNOTMATCH, "peer_key"),
	ALARM(CURLE_SSL_INVALIDCERTSTATUS, "peer_status"),
	LATER(CURLE_HTTP2_STREAM, "http2"),
	OURS(CURLE_RECURSIVE_API_CALL, "recursive_call"),
	OURS(CURLE_AUTH_ERROR, "authentication"),
	LATER(CURLE_HTTP3, "http3"),
	LATER(CURLE_QUIC_CONNECT_ERROR, "http3"),
	ALARM(CURLE_PROXY, "proxy"),
	ALARM(CURLE_SSL_CLIENTCERT, "own_certificate_wanted"),
	LATER(CURLE_UNRECOVERABLE_POLL, "poll_failed"),
};

#define HTTP(status, verdict, wide)                                                                \
	{ status, status, GH_VERDICT_##verdict, wide, { "http_" #status } }

/*
 * Statuses one by one, then what is left of each class. The centre refuses for good what it will
 * never take in this form (400, 409, 410, 413, 422, 451): set aside. What a wrong role, path or
 * build would cause (401, 403, 404 ...) is kept for the technician.
 */
static const struct row http_rows[] = {
	HTTP(200, DELIVERED, false), HTTP(201, DELIVERED, false), HTTP(204, DELIVERED, false),
	HTTP(202, LATER, false),
	HTTP(400, QUARANTINE, false), HTTP(401, ALARM, true), HTTP(403, ALARM, false),
	HTTP(404, ALARM, false), HTTP(407, ALARM, true), HTTP(408, LATER, false),
	HTTP(409, QUARANTINE, false), HTTP(410, QUARANTINE, false), HTTP(413, QUARANTINE, false),
	HTTP(421, ALARM, true), HTTP(422, QUARANTINE, false), HTTP(423, LATER, false),
	HTTP(424, LATER, false), HTTP(425, LATER, false), HTTP(429, LATER, true),
	HTTP(451, QUARANTINE, false),
	HTTP(500, LATER, false), HTTP(501, ALARM, false), HTTP(502, LATER, true),
	HTTP(503, LATER, true), HTTP(504, LATER, true), HTTP(505, ALARM, true),
	HTTP(507, LATER, true), HTTP(511, LATER, true),
	{ 100, 199, GH_VERDICT_ALARM, false, { "http_1xx" } },
	{ 200, 299, GH_VERDICT_ALARM, false, { "http_2xx" } },
	{ 300, 399, GH_VERDICT_ALARM, false, { "http_3xx" } },
	{ 400, 499, GH_VERDICT_ALARM, false, { "http_4xx" } },
	{ 500, 599, GH_VERDICT_LATER, false, { "http_5xx" } },
};
/* clang-format on */

#define PROXY(first, last, verdict, word) \
	{ \
		first, last, GH_VERDICT_##verdict, true, \
		{ \
			word \
		} \
	}

/* Answers of a proxy to CONNECT: what its own settings forbid, and what is out of its reach now. */
static const struct row proxy_rows[] = {
	PROXY(300, 399, ALARM, "proxy_refused"),
	PROXY(403, 403, ALARM, "proxy_denied"),
	PROXY(407, 407, ALARM, "proxy_credentials"),
	PROXY(408, 408, LATER, "proxy_unavailable"),
	PROXY(429, 429, LATER, "proxy_unavailable"),
	PROXY(400, 499, ALARM, "proxy_refused"),
	PROXY(501, 501, ALARM, "proxy_refused"),
	PROXY(500, 599, LATER, "proxy_unavailable"),
};

/* The same by SOCKS 5 (RFC 1928, 6; RFC 1929). */
static const struct row socks_rows[] = {
	PROXY(CURLPX_NO_AUTH, CURLPX_NO_AUTH, ALARM, "proxy_credentials"),
	PROXY(CURLPX_USER_REJECTED, CURLPX_USER_REJECTED, ALARM, "proxy_credentials"),
	PROXY(CURLPX_REPLY_NOT_ALLOWED, CURLPX_REPLY_NOT_ALLOWED, ALARM, "proxy_denied"),
	PROXY(CURLPX_REPLY_CONNECTION_REFUSED, CURLPX_REPLY_NETWORK_UNREACHABLE, LATER,
		"proxy_unavailable"),
	PROXY(CURLPX_REPLY_TTL_EXPIRED, CURLPX_REPLY_TTL_EXPIRED, LATER, "proxy_unavailable"),
	PROXY(CURLPX_CLOSED, CURLPX_CLOSED, LATER, "proxy_unavailable"),
	PROXY(CURLPX_RECV_ADDRESS, CURLPX_RECV_REQACK, LATER, "proxy_unavailable"),
	PROXY(CURLPX_SEND_AUTH, CURLPX_SEND_REQUEST, LATER, "proxy_unavailable"),
	PROXY(CURLPX_OK, CURLPX_LAST, ALARM, "proxy"),
};

/* Words of the centre that say more than their status: what was spoilt comes again whole. */
static const struct {
	long http_status;
	const char *code;
	enum gh_verdict verdict;
	struct gh_word reason;
} word_rows[] = {
	{ 400, "digest_mismatch", GH_VERDICT_LATER, { "body_spoilt" } },
	{ 400, "digest_malformed", GH_VERDICT_LATER, { "body_spoilt" } },
	{ 409, "offset_mismatch", GH_VERDICT_LATER, { "upload_moved" } },
	{ 409, "upload_complete", GH_VERDICT_LATER, { "upload_moved" } },
};

static const struct row *find(const struct row *rows, size_t count, long value)
{
	for (size_t i = 0; i < count; i++) {
		if (value >= rows[i].first && value <= rows[i].last)
			return &rows[i];
	}
	return NULL;
}

static struct gh_judgement judge(const struct row *row)
{
	if (!row)
		return (struct gh_judgement){ GH_VERDICT_LATER, GH_WORD("unknown"), true };
	return (struct gh_judgement){ row->verdict, row->reason, row->centre_wide };
}

bool verdict_lists(int curl_code)
{
	return find(curl_rows, sizeof(curl_rows) / sizeof(curl_rows[0]), curl_code) != NULL;
}

struct gh_judgement gh_verdict_of(int curl_code, long http_status)
{
	if (curl_code != CURLE_OK)
		return judge(find(curl_rows, sizeof(curl_rows) / sizeof(curl_rows[0]), curl_code));
	return judge(find(http_rows, sizeof(http_rows) / sizeof(http_rows[0]), http_status));
}

struct gh_judgement gh_verdict_of_proxy(const struct gh_proxy_trouble *trouble)
{
	if (trouble->certificate)
		return (struct gh_judgement){ GH_VERDICT_ALARM, GH_WORD("proxy_certificate"),
			true };
	if (trouble->connect_status >= 300)
		return judge(find(proxy_rows, sizeof(proxy_rows) / sizeof(proxy_rows[0]),
			trouble->connect_status));
	if (trouble->not_connected)
		return (struct gh_judgement){ GH_VERDICT_LATER, GH_WORD("proxy_not_connected"),
			true };
	return judge(
		find(socks_rows, sizeof(socks_rows) / sizeof(socks_rows[0]), trouble->socks_code));
}

static struct gh_judgement judge_word(
	struct gh_judgement judgement, long http_status, struct gh_view answer)
{
	char code[64];

	answer_error_code(answer, code, sizeof(code));
	for (size_t i = 0; i < sizeof(word_rows) / sizeof(word_rows[0]); i++) {
		if (word_rows[i].http_status == http_status && strcmp(word_rows[i].code, code) == 0)
			return (struct gh_judgement){ word_rows[i].verdict, word_rows[i].reason,
				false };
	}
	return judgement;
}

struct gh_judgement gh_verdict_of_answer(
	int curl_code, long http_status, const struct gh_id *id, struct gh_view answer)
{
	struct gh_judgement judgement = gh_verdict_of(curl_code, http_status);
	struct gh_id answered;

	if (judgement.verdict != GH_VERDICT_DELIVERED)
		return curl_code == CURLE_OK ? judge_word(judgement, http_status, answer)
					     : judgement;
	if (answer_id(answer, &answered) != GH_OK)
		return (struct gh_judgement){ GH_VERDICT_ALARM, GH_WORD("answer_malformed"),
			false };
	if (!gh_id_equal(&answered, id))
		return (struct gh_judgement){ GH_VERDICT_ALARM, GH_WORD("wrong_id"), false };
	return judgement;
}

static struct gh_judgement alarm_of_item(struct gh_word reason)
{
	return (struct gh_judgement){ GH_VERDICT_ALARM, reason, false };
}

/* What is wrong with a receipt that was read; "": nothing. */
static struct gh_word flaw_of(const struct gh_expected *expected, const struct gh_receipt *receipt)
{
	if (receipt->kind != expected->kind || !gh_id_equal(&receipt->id, &expected->id) ||
		!gh_sha256_equal(&receipt->hash, &expected->hash))
		return GH_WORD("receipt_other");
	switch (gh_receipt_verify(
		receipt, expected->key_known ? expected->public_key : NULL, NULL)) {
	case GH_OK:
		return GH_WORD("");
	case GH_DENIED:
		return GH_WORD("receipt_key");
	default:
		return GH_WORD("receipt_forged");
	}
}

struct gh_judgement gh_verdict_of_receipt(const struct gh_expected *expected, struct gh_view answer,
	struct gh_receipt *receipt, bool *given)
{
	const struct gh_judgement delivered = { GH_VERDICT_DELIVERED, GH_WORD("delivered"), false };
	struct gh_sha256 stored;
	enum gh_status status = answer_hash(answer, &stored);
	struct gh_word flaw;

	*given = false;
	if (status == GH_MALFORMED)
		return alarm_of_item(GH_WORD("answer_malformed"));
	if (status == GH_OK && !gh_sha256_equal(&stored, &expected->hash))
		return alarm_of_item(GH_WORD("other_digest"));
	if (!expected->receipts)
		return delivered;
	status = answer_receipt(answer, receipt);
	if (status == GH_NOT_FOUND)
		return expected->key_known ? alarm_of_item(GH_WORD("receipt_missing")) : delivered;
	if (status != GH_OK)
		return alarm_of_item(status == GH_UNSUPPORTED ? GH_WORD("receipt_format")
							      : GH_WORD("receipt_malformed"));
	flaw = flaw_of(expected, receipt);
	*given = *flaw.literal == '\0';
	return *given ? delivered : alarm_of_item(flaw);
}
