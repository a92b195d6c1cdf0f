/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of certificates: the demo's, by real TLS 1.3 handshakes, and hostile ones. */
#include "gatehouse/crypto/certificate.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/file.h"
#include "support/folder.h"

#define DAY_MS INT64_C(86400000)

const struct gh_clock *__real_gh_clock_system(void);
const struct gh_clock *__wrap_gh_clock_system(void);

static int64_t clock_offset_ms;

static int64_t moved_real_ms(const struct gh_clock *clock)
{
	const struct gh_clock *real = __real_gh_clock_system();

	(void)clock;
	return real->real_ms(real) + clock_offset_ms;
}

const struct gh_clock *__wrap_gh_clock_system(void)
{
	static const struct gh_clock moved = { .real_ms = moved_real_ms };

	return &moved;
}

static const char *const clients[] = { "lane-1", "technician" };
static const char *const roles[] = { GH_ROLE_LANE, GH_ROLE_OPERATOR };

static int set_up(void **state)
{
	clock_offset_ms = 0;
	return folder_set_up(state);
}

static void make(const char *folder)
{
	struct gh_error error = GH_ERROR_NONE;

	if (gh_demo_certificates_make(folder_place(folder), clients, roles, 2, &error) != GH_OK)
		fail_msg("%s", error.text);
}

static struct gh_certificate read_certificate(const char *name)
{
	struct gh_certificate certificate;
	struct gh_error error = GH_ERROR_NONE;

	if (gh_certificate_read(folder_place(name), &certificate, &error) != GH_OK)
		fail_msg("%s", error.text);
	return certificate;
}

static void demo_certificates_say_what_they_are(void **state)
{
	struct gh_certificate lane;
	struct gh_certificate central;
	struct stat found;
	int64_t before_ms = moved_real_ms(NULL);
	int64_t after_ms;

	make("demo");
	after_ms = moved_real_ms(NULL);
	assert_int_equal(folder_count("demo"), 10);
	lane = read_certificate("demo/lane-1.pem");
	assert_string_equal(lane.name, "lane-1");
	assert_string_equal(lane.role, "lane");
	assert_true(lane.demo);
	assert_int_equal(lane.not_after_ms - lane.not_before_ms, GH_DEMO_DAYS * DAY_MS);
	/* A certificate knows whole seconds, and one may have begun while it was made. */
	assert_true(lane.not_before_ms > before_ms - 1000 && lane.not_before_ms <= after_ms);
	central = read_certificate("demo/central.pem");
	assert_string_equal(central.name, "localhost");
	assert_string_equal(central.role, "central");
	assert_true(central.demo);
	assert_false(gh_sha256_equal(&lane.fingerprint, &central.fingerprint));
	assert_string_equal(read_certificate("demo/technician.pem").role, "operator");
	assert_true(read_certificate("demo/ca.pem").demo);
	assert_int_equal(ERR_peek_error(), 0);

	assert_int_equal(stat(folder_place("demo"), &found), 0);
	assert_int_equal(found.st_mode & 0777, 0700);
	assert_int_equal(stat(folder_place("demo/lane-1.key"), &found), 0);
	assert_int_equal(found.st_mode & 0777, 0600);
	assert_int_equal(stat(folder_place("demo/ca.key"), &found), 0);
	assert_int_equal(found.st_mode & 0777, 0600);
}

static bool same_as_before(struct gh_certificate before, const char *name)
{
	struct gh_certificate now = read_certificate(name);

	return gh_sha256_equal(&before.fingerprint, &now.fingerprint);
}

static void certificates_are_kept_until_their_last_day(void **state)
{
	struct gh_certificate lane;
	struct gh_certificate ca;

	make("demo");
	lane = read_certificate("demo/lane-1.pem");
	ca = read_certificate("demo/ca.pem");
	clock_offset_ms = 6 * DAY_MS - 60000;
	make("demo");
	assert_true(same_as_before(lane, "demo/lane-1.pem"));
	assert_true(same_as_before(ca, "demo/ca.pem"));

	clock_offset_ms = 6 * DAY_MS + 1000;
	make("demo");
	assert_false(same_as_before(lane, "demo/lane-1.pem"));
	assert_false(same_as_before(ca, "demo/ca.pem"));
	assert_int_equal(folder_count("demo"), 10);
	lane = read_certificate("demo/lane-1.pem");
	assert_true(lane.not_after_ms > moved_real_ms(NULL) + 6 * DAY_MS);

	/* A clock that was wrong when they were made. */
	clock_offset_ms = 0;
	make("demo");
	assert_false(same_as_before(lane, "demo/lane-1.pem"));
}

static void copy(const char *from, const char *to)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;

	assert_int_equal(gh_file_read(folder_place(from), 1 << 20, &bytes, NULL), GH_OK);
	assert_int_equal(
		gh_file_replace(folder_place(to), gh_bytes_view(&bytes), 0600, NULL), GH_OK);
	gh_bytes_finish(&bytes);
}

/* Whatever is missing or does not fit makes all new, so that all fit together. */
static void anything_wrong_renews_all(void **state)
{
	static const char *const harms[] = { "ca.pem", "ca.key", "central.pem", "central.key",
		"lane-1.pem", "technician.key" };

	make("demo");
	make("other");
	for (size_t i = 0; i < sizeof(harms) / sizeof(harms[0]); i++) {
		struct gh_certificate central = read_certificate("demo/central.pem");
		char name[64];
		char stranger[64];

		snprintf(name, sizeof(name), "demo/%s", harms[i]);
		snprintf(stranger, sizeof(stranger), "other/%s", harms[i]);
		assert_int_equal(unlink(folder_place(name)), 0);
		make("demo");
		assert_false(same_as_before(central, "demo/central.pem"));
		central = read_certificate("demo/central.pem");
		copy(stranger, name);
		make("demo");
		assert_false(same_as_before(central, "demo/central.pem"));
		central = read_certificate("demo/central.pem");
		assert_int_equal(
			gh_file_replace(folder_place(name), gh_view_of_text("rubbish"), 0600, NULL),
			GH_OK);
		make("demo");
		assert_false(same_as_before(central, "demo/central.pem"));
	}
}

static void a_role_that_changed_renews(void **state)
{
	static const char *const promoted[] = { GH_ROLE_OPERATOR, GH_ROLE_OPERATOR };

	make("demo");
	assert_int_equal(
		gh_demo_certificates_make(folder_place("demo"), clients, promoted, 2, NULL), GH_OK);
	assert_string_equal(read_certificate("demo/lane-1.pem").role, "operator");
}

static void names_that_cannot_be_files_are_refused(void **state)
{
	static const char *const names[] = { "", "ca", "central", "../x", "a/b", ".x", "-x", "Lane",
		"a b", "a,DNS:example.org", "a\n",
		"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeee" };
	const char *role = GH_ROLE_LANE;
	const char *empty = "";
	const char *good = "lane-1";

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(
			gh_demo_certificates_make(folder_place("demo"), &names[i], &role, 1, NULL),
			GH_MALFORMED);
	assert_int_equal(gh_demo_certificates_make(folder_place("demo"), &good, &empty, 1, NULL),
		GH_MALFORMED);
	assert_int_equal(access(folder_place("demo"), F_OK), -1);
}

static void an_open_folder_is_denied(void **state)
{
	struct gh_error error = GH_ERROR_NONE;

	make("demo");
	assert_int_equal(chmod(folder_place("demo"), 0755), 0);
	assert_int_equal(gh_demo_certificates_make(folder_place("demo"), clients, roles, 2, &error),
		GH_DENIED);
	assert_non_null(strstr(error.text, "chmod 700"));
}

static void keys_match_their_certificates_only(void **state)
{
	make("demo");
	assert_int_equal(gh_certificate_match_key(folder_place("demo/lane-1.pem"),
				 folder_place("demo/lane-1.key"), NULL),
		GH_OK);
	assert_int_equal(gh_certificate_match_key(folder_place("demo/lane-1.pem"),
				 folder_place("demo/central.key"), NULL),
		GH_INTEGRITY);
	assert_int_equal(gh_certificate_match_key(folder_place("demo/lane-1.pem"),
				 folder_place("demo/lane-1.pem"), NULL),
		GH_MALFORMED);
	assert_int_equal(gh_certificate_match_key(folder_place("demo/none.pem"),
				 folder_place("demo/lane-1.key"), NULL),
		GH_NOT_FOUND);
	assert_int_equal(ERR_peek_error(), 0);
}

/* The same of keys in memory; certificates and keys are in files of the demo. */
static void keys_in_memory_match_as_well(void **state)
{
	struct gh_bytes key = GH_BYTES_EMPTY;

	make("demo");
	assert_int_equal(gh_file_read(folder_place("demo/lane-1.key"), 4096, &key, NULL), GH_OK);
	assert_int_equal(gh_certificate_match_pem(
				 folder_place("demo/lane-1.pem"), gh_bytes_view(&key), NULL),
		GH_OK);
	assert_int_equal(gh_certificate_match_pem(
				 folder_place("demo/central.pem"), gh_bytes_view(&key), NULL),
		GH_INTEGRITY);
	assert_int_equal(
		gh_certificate_match_pem(folder_place("demo/none.pem"), gh_bytes_view(&key), NULL),
		GH_NOT_FOUND);
	assert_int_equal(gh_certificate_match_pem(folder_place("demo/lane-1.pem"),
				 (struct gh_view){ key.data, key.length_bytes / 2 }, NULL),
		GH_MALFORMED);
	assert_int_equal(gh_certificate_match_pem(
				 folder_place("demo/lane-1.pem"), gh_view_of_text(""), NULL),
		GH_MALFORMED);
	assert_int_equal(ERR_peek_error(), 0);
	gh_bytes_finish(&key);
}

static void a_key_that_others_can_read_is_refused(void **state)
{
	static const mode_t open_to_others[] = { 0640, 0604, 0660, 0644 };
	struct gh_error error = GH_ERROR_NONE;

	make("demo");
	for (size_t i = 0; i < sizeof(open_to_others) / sizeof(open_to_others[0]); i++) {
		assert_int_equal(chmod(folder_place("demo/lane-1.key"), open_to_others[i]), 0);
		assert_int_equal(gh_certificate_match_key(folder_place("demo/lane-1.pem"),
					 folder_place("demo/lane-1.key"), &error),
			GH_DENIED);
		assert_non_null(strstr(error.text, "chmod 600"));
	}
	assert_int_equal(chmod(folder_place("demo/lane-1.key"), 0400), 0);
	assert_int_equal(gh_certificate_match_key(folder_place("demo/lane-1.pem"),
				 folder_place("demo/lane-1.key"), NULL),
		GH_OK);
}

/* One side of a handshake: FOLDER's authority, and NAME's pair of the folder `own`. */
static SSL_CTX *make_context(
	const SSL_METHOD *method, const char *trust, const char *own, const char *name)
{
	SSL_CTX *context = SSL_CTX_new(method);
	char file[128];

	assert_non_null(context);
	assert_int_equal(SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION), 1);
	snprintf(file, sizeof(file), "%s/ca.pem", trust);
	assert_int_equal(SSL_CTX_load_verify_locations(context, folder_place(file), NULL), 1);
	snprintf(file, sizeof(file), "%s/%s.pem", own, name);
	assert_int_equal(SSL_CTX_use_certificate_chain_file(context, folder_place(file)), 1);
	snprintf(file, sizeof(file), "%s/%s.key", own, name);
	assert_int_equal(
		SSL_CTX_use_PrivateKey_file(context, folder_place(file), SSL_FILETYPE_PEM), 1);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	return context;
}

/* What each side says at the end: its verification's result, or -1 if the other broke off. */
struct outcome {
	long client;
	long server;
	const char *version;
};

/* What a step of a non-blocking side came to: neither means that it goes on. */
static void judge_step(SSL *ssl, int result, bool *done, bool *failed)
{
	int reason = SSL_get_error(ssl, result);

	*done = result == 1;
	*failed = !*done && reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE;
}

static long verdict(SSL *ssl, bool done)
{
	long result = SSL_get_verify_result(ssl);

	return done || result != X509_V_OK ? result : -1;
}

/* In TLS 1.3 the client learns by reading what the server thinks of its certificate. */
static void shake_hands(SSL *client, SSL *server, struct outcome *outcome)
{
	bool client_done = false;
	bool server_done = false;
	bool client_failed = false;
	bool server_failed = false;
	char byte = 'x';

	for (int turn = 0; turn < 100; turn++) {
		if (!client_done && !client_failed)
			judge_step(client, SSL_connect(client), &client_done, &client_failed);
		if (!server_done && !server_failed)
			judge_step(server, SSL_accept(server), &server_done, &server_failed);
	}
	outcome->client = verdict(client, client_done);
	outcome->server = verdict(server, server_done);
	outcome->version = SSL_get_version(server);
	if (client_done && server_done) {
		assert_int_equal(SSL_write(server, &byte, 1), 1);
		byte = 0;
		assert_int_equal(SSL_read(client, &byte, 1), 1);
		assert_int_equal(byte, 'x');
	}
}

static struct outcome meet(SSL_CTX *client_context, SSL_CTX *server_context, const char *host)
{
	struct outcome outcome;
	SSL *client = SSL_new(client_context);
	SSL *server = SSL_new(server_context);
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
	SSL_set_fd(client, ends[0]);
	SSL_set_fd(server, ends[1]);
	if (strchr(host, ':') || strspn(host, "0123456789.") == strlen(host))
		assert_int_equal(X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(client), host), 1);
	else
		assert_int_equal(SSL_set1_host(client, host), 1);
	shake_hands(client, server, &outcome);
	SSL_free(client);
	SSL_free(server);
	SSL_CTX_free(client_context);
	SSL_CTX_free(server_context);
	close(ends[0]);
	close(ends[1]);
	ERR_clear_error();
	return outcome;
}

static void a_lane_and_the_centre_meet(void **state)
{
	static const char *const hosts[] = { "localhost", "127.0.0.1", "::1" };

	make("demo");
	for (size_t i = 0; i < 3; i++) {
		struct outcome outcome = meet(
			make_context(TLS_client_method(), "demo", "demo", "lane-1"),
			make_context(TLS_server_method(), "demo", "demo", "central"), hosts[i]);

		assert_int_equal(outcome.client, X509_V_OK);
		assert_int_equal(outcome.server, X509_V_OK);
		assert_string_equal(outcome.version, "TLSv1.3");
	}
}

static void strangers_are_refused_by_both_sides(void **state)
{
	struct outcome outcome;

	make("demo");
	make("other");
	outcome = meet(make_context(TLS_client_method(), "demo", "other", "lane-1"),
		make_context(TLS_server_method(), "demo", "demo", "central"), "localhost");
	assert_int_equal(outcome.client, X509_V_OK);
	assert_int_not_equal(outcome.server, X509_V_OK);
	assert_int_not_equal(outcome.server, -1);

	outcome = meet(make_context(TLS_client_method(), "demo", "demo", "lane-1"),
		make_context(TLS_server_method(), "demo", "other", "central"), "localhost");
	assert_int_not_equal(outcome.client, X509_V_OK);
	assert_int_not_equal(outcome.client, -1);
	assert_int_equal(outcome.server, -1);
}

static void certificates_serve_their_purpose_only(void **state)
{
	struct outcome outcome;

	make("demo");
	outcome = meet(make_context(TLS_client_method(), "demo", "demo", "lane-1"),
		make_context(TLS_server_method(), "demo", "demo", "technician"),
		"technician.localhost");
	assert_int_equal(outcome.client, X509_V_ERR_INVALID_PURPOSE);

	outcome = meet(make_context(TLS_client_method(), "demo", "demo", "central"),
		make_context(TLS_server_method(), "demo", "demo", "central"), "localhost");
	assert_int_equal(outcome.server, X509_V_ERR_INVALID_PURPOSE);

	outcome = meet(make_context(TLS_client_method(), "demo", "demo", "lane-1"),
		make_context(TLS_server_method(), "demo", "demo", "central"), "example.org");
	assert_int_equal(outcome.client, X509_V_ERR_HOSTNAME_MISMATCH);
}

static X509 *load(const char *name)
{
	FILE *file = fopen(folder_place(name), "r");
	X509 *x509;

	assert_non_null(file);
	x509 = PEM_read_X509(file, NULL, NULL, NULL);
	fclose(file);
	assert_non_null(x509);
	return x509;
}

static EVP_PKEY *load_key(const char *name)
{
	FILE *file = fopen(folder_place(name), "r");
	EVP_PKEY *key;

	assert_non_null(file);
	key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
	fclose(file);
	assert_non_null(key);
	return key;
}

static void set_extension(X509 *x509, int nid, const char *value)
{
	int index = X509_get_ext_by_NID(x509, nid, -1);
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_non_null(extension);
	if (index >= 0)
		X509_EXTENSION_free(X509_delete_ext(x509, index));
	assert_int_equal(X509_add_ext(x509, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

/* A fresh copy is verified: OpenSSL remembers the extensions of one it has looked at. */
static int verify_under(X509 *ca, X509 *subject, X509 *between)
{
	X509 *x509 = X509_dup(subject);
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	STACK_OF(X509) *chain = sk_X509_new_null();
	int result;

	assert_int_equal(X509_STORE_add_cert(store, ca), 1);
	if (between)
		sk_X509_push(chain, between);
	assert_int_equal(X509_STORE_CTX_init(context, store, x509, chain), 1);
	X509_verify_cert(context);
	result = X509_STORE_CTX_get_error(context);
	sk_X509_free(chain);
	X509_STORE_CTX_free(context);
	X509_STORE_free(store);
	X509_free(x509);
	ERR_clear_error();
	return result;
}

/* What somebody with a stolen ca.key could make is of no use elsewhere. */
static void the_authority_is_limited_to_this_machine(void **state)
{
	X509 *ca;
	X509 *x509;
	EVP_PKEY *key;

	make("demo");
	ca = load("demo/ca.pem");
	key = load_key("demo/ca.key");
	x509 = load("demo/central.pem");
	assert_int_equal(verify_under(ca, x509, NULL), X509_V_OK);

	set_extension(x509, NID_subject_alt_name, "DNS:gate.example.org");
	assert_true(X509_sign(x509, key, EVP_sha256()) > 0);
	assert_int_equal(verify_under(ca, x509, NULL), X509_V_ERR_PERMITTED_VIOLATION);
	set_extension(x509, NID_subject_alt_name, "IP:192.0.2.1");
	assert_true(X509_sign(x509, key, EVP_sha256()) > 0);
	assert_int_equal(verify_under(ca, x509, NULL), X509_V_ERR_PERMITTED_VIOLATION);

	X509_free(x509);
	X509_free(ca);
	EVP_PKEY_free(key);
}

static void nobody_below_may_sign(void **state)
{
	X509 *ca;
	X509 *central;
	X509 *lane;
	EVP_PKEY *key;

	make("demo");
	ca = load("demo/ca.pem");
	central = load("demo/central.pem");
	lane = load("demo/lane-1.pem");
	key = load_key("demo/central.key");
	assert_int_equal(X509_set_issuer_name(lane, X509_get_subject_name(central)), 1);
	X509_EXTENSION_free(
		X509_delete_ext(lane, X509_get_ext_by_NID(lane, NID_authority_key_identifier, -1)));
	assert_true(X509_sign(lane, key, EVP_sha256()) > 0);
	assert_int_not_equal(verify_under(ca, lane, central), X509_V_OK);
	X509_free(lane);
	X509_free(central);
	X509_free(ca);
	EVP_PKEY_free(key);
}

/* A certificate with these attributes of its subject, as PEM. */
static struct gh_bytes forge(const char *const *fields, const char *const *texts,
	const int *lengths, size_t count, long from_s)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x509 = X509_new();
	BIO *bio = BIO_new(BIO_s_mem());
	char *data;
	long length;

	for (size_t i = 0; i < count; i++)
		assert_int_equal(
			X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), fields[i],
				MBSTRING_UTF8, (const unsigned char *)texts[i], lengths[i], -1, 0),
			1);
	ASN1_TIME_set(X509_getm_notBefore(x509), from_s);
	ASN1_TIME_set(X509_getm_notAfter(x509), from_s + 100);
	X509_set_pubkey(x509, key);
	assert_true(X509_sign(x509, key, EVP_sha256()) > 0);
	assert_int_equal(PEM_write_bio_X509(bio, x509), 1);
	length = BIO_get_mem_data(bio, &data);
	assert_int_equal(gh_bytes_append(&bytes, data, (size_t)length, NULL), GH_OK);
	BIO_free(bio);
	X509_free(x509);
	EVP_PKEY_free(key);
	return bytes;
}

static void names_that_could_deceive(void **state)
{
	static const struct {
		const char *fields[3];
		const char *texts[3];
		int lengths[3];
		size_t count;
		enum gh_status status;
		const char *name;
		const char *role;
		bool demo;
	} rows[] = {
		{ { "CN", "OU", "O" }, { "lane", "r", "Port" }, { -1, -1, -1 }, 3, GH_OK, "lane",
			"r", false },
		{ { "O" }, { GH_DEMO_ORGANISATION }, { -1 }, 1, GH_OK, "", "", true },
		{ { "O", "O" }, { "Port", GH_DEMO_ORGANISATION }, { -1, -1 }, 2, GH_OK, "", "",
			true },
		{ { "O" }, { GH_DEMO_ORGANISATION "!" }, { -1 }, 1, GH_OK, "", "", false },
		{ { "CN", "CN" }, { "lane", "central" }, { -1, -1 }, 2, GH_OK, "", "", false },
		{ { "OU", "OU" }, { "lane", "operator" }, { -1, -1 }, 2, GH_OK, "", "", false },
		{ { "CN" }, { "lane\0.evil" }, { 10 }, 1, GH_MALFORMED, "", "", false },
		{ { "CN" }, { "lane\n<3>forged" }, { -1 }, 1, GH_MALFORMED, "", "", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gh_certificate certificate;
		struct gh_bytes bytes =
			forge(rows[i].fields, rows[i].texts, rows[i].lengths, rows[i].count, 1000);

		assert_int_equal(gh_certificate_parse(gh_bytes_view(&bytes), &certificate, NULL),
			rows[i].status);
		assert_string_equal(certificate.name, rows[i].name);
		assert_string_equal(certificate.role, rows[i].role);
		assert_int_equal(certificate.demo, rows[i].demo);
		gh_bytes_finish(&bytes);
	}
}

static void times_outside_the_record_are_refused(void **state)
{
	static const char *const field = "CN";
	static const char *const text = "lane";
	static const int length = -1;
	struct gh_certificate certificate;
	struct gh_bytes bytes = forge(&field, &text, &length, 1, -86400);

	assert_int_equal(
		gh_certificate_parse(gh_bytes_view(&bytes), &certificate, NULL), GH_MALFORMED);
	gh_bytes_finish(&bytes);
	bytes = forge(&field, &text, &length, 1, 2000);
	assert_int_equal(gh_certificate_parse(gh_bytes_view(&bytes), &certificate, NULL), GH_OK);
	assert_int_equal(certificate.not_before_ms, 2000000);
	assert_int_equal(certificate.not_after_ms, 2100000);
	gh_bytes_finish(&bytes);
}

static void der_and_pem_are_the_same(void **state)
{
	struct gh_certificate pem;
	struct gh_certificate der;
	unsigned char *bytes = NULL;
	X509 *x509;
	int length;

	make("demo");
	pem = read_certificate("demo/lane-1.pem");
	x509 = load("demo/lane-1.pem");
	length = i2d_X509(x509, &bytes);
	assert_true(length > 0);
	assert_int_equal(
		gh_certificate_parse((struct gh_view){ bytes, (size_t)length }, &der, NULL), GH_OK);
	assert_memory_equal(&pem, &der, sizeof(pem));
	for (int cut = 0; cut < length; cut++)
		assert_int_equal(
			gh_certificate_parse((struct gh_view){ bytes, (size_t)cut }, &der, NULL),
			GH_MALFORMED);
	OPENSSL_free(bytes);
	X509_free(x509);
}

static void what_is_no_certificate_is_refused(void **state)
{
	static uint8_t large[65537];
	struct gh_certificate certificate;
	struct gh_error error = GH_ERROR_NONE;

	make("demo");
	assert_int_equal(gh_certificate_read(folder_place("demo/lane-1.key"), &certificate, &error),
		GH_MALFORMED);
	assert_non_null(strstr(error.text, "lane-1.key"));
	assert_int_equal(
		gh_certificate_read(folder_place("demo/none"), &certificate, &error), GH_NOT_FOUND);
	assert_int_equal(
		gh_certificate_parse(gh_view_of_text(NULL), &certificate, &error), GH_MALFORMED);
	assert_int_equal(gh_certificate_parse(
				 (struct gh_view){ large, sizeof(large) }, &certificate, &error),
		GH_MALFORMED);
	assert_int_equal(ERR_peek_error(), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, folder_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(demo_certificates_say_what_they_are),
		TEST(certificates_are_kept_until_their_last_day),
		TEST(anything_wrong_renews_all),
		TEST(a_role_that_changed_renews),
		TEST(names_that_cannot_be_files_are_refused),
		TEST(an_open_folder_is_denied),
		TEST(keys_match_their_certificates_only),
		TEST(keys_in_memory_match_as_well),
		TEST(a_key_that_others_can_read_is_refused),
		TEST(a_lane_and_the_centre_meet),
		TEST(strangers_are_refused_by_both_sides),
		TEST(certificates_serve_their_purpose_only),
		TEST(the_authority_is_limited_to_this_machine),
		TEST(nobody_below_may_sign),
		TEST(names_that_could_deceive),
		TEST(times_outside_the_record_are_refused),
		TEST(der_and_pem_are_the_same),
		TEST(what_is_no_certificate_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
