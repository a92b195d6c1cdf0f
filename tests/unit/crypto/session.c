/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of what a server's sessions must be, by handshakes between two ends in memory. */
#include "gatehouse/crypto/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "gatehouse/base/file.h"
#include "support/folder.h"

struct ends {
	SSL_CTX *client_context;
	SSL_CTX *server_context;
	SSL *client;
	SSL *server;
};

static int set_up(void **state)
{
	static const char *const clients[] = { "lane-1" };
	static const char *const roles[] = { GH_ROLE_LANE };
	int failure = folder_set_up(state);

	if (failure != 0)
		return failure;
	return gh_demo_certificates_make(folder_place("demo"), clients, roles, 1, NULL) != GH_OK;
}

static void use_pair(SSL_CTX *context, const char *certificate, const char *key)
{
	assert_int_equal(
		SSL_CTX_load_verify_locations(context, folder_place("demo/ca.pem"), NULL), 1);
	if (!certificate)
		return;
	assert_int_equal(SSL_CTX_use_certificate_chain_file(context, folder_place(certificate)), 1);
	assert_int_equal(
		SSL_CTX_use_PrivateKey_file(context, folder_place(key), SSL_FILETYPE_PEM), 1);
}

static void connect_ends(struct ends *ends)
{
	BIO *client_side = NULL;
	BIO *server_side = NULL;

	ends->client = SSL_new(ends->client_context);
	ends->server = SSL_new(ends->server_context);
	assert_int_equal(BIO_new_bio_pair(&client_side, 0, &server_side, 0), 1);
	SSL_set_bio(ends->client, client_side, client_side);
	SSL_set_bio(ends->server, server_side, server_side);
}

/* A server as the centre makes it, and a client with or without a certificate. */
static struct ends make_ends(bool client_has_certificate)
{
	struct ends ends = { SSL_CTX_new(TLS_client_method()), SSL_CTX_new(TLS_server_method()),
		NULL, NULL };

	use_pair(ends.client_context, client_has_certificate ? "demo/lane-1.pem" : NULL,
		"demo/lane-1.key");
	use_pair(ends.server_context, "demo/central.pem", "demo/central.key");
	SSL_CTX_set_verify(ends.client_context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_verify(ends.server_context, SSL_VERIFY_PEER, NULL);
	assert_int_equal(gh_session_require(ends.server_context, NULL), GH_OK);
	connect_ends(&ends);
	return ends;
}

/* Whether both sides came to the end of the handshake. */
static bool shake_hands(struct ends *ends)
{
	int client = 0;
	int server = 0;

	for (int turn = 0; turn < 50 && (client != 1 || server != 1); turn++) {
		if (client != 1)
			client = SSL_connect(ends->client);
		if (server != 1)
			server = SSL_accept(ends->server);
	}
	return client == 1 && server == 1;
}

static void finish_ends(struct ends *ends)
{
	SSL_free(ends->client);
	SSL_free(ends->server);
	SSL_CTX_free(ends->client_context);
	SSL_CTX_free(ends->server_context);
	ERR_clear_error();
}

static void the_peer_is_read_from_the_session(void **state)
{
	struct ends ends = make_ends(true);
	struct gh_certificate peer;
	struct gh_certificate lane;

	assert_true(shake_hands(&ends));
	assert_string_equal(SSL_get_version(ends.server), "TLSv1.3");
	assert_int_equal(gh_session_peer(ends.server, &peer, NULL), GH_OK);
	assert_string_equal(peer.name, "lane-1");
	assert_string_equal(peer.role, GH_ROLE_LANE);
	assert_true(peer.demo);
	assert_int_equal(gh_certificate_read(folder_place("demo/lane-1.pem"), &lane, NULL), GH_OK);
	assert_memory_equal(&peer, &lane, sizeof(peer));
	assert_int_equal(gh_session_peer(ends.client, &peer, NULL), GH_OK);
	assert_string_equal(peer.role, GH_ROLE_CENTRAL);
	finish_ends(&ends);
}

static enum gh_status identify(struct ends *ends, const char *certificate, const char *key)
{
	struct gh_bytes pem = GH_BYTES_EMPTY;
	enum gh_status status = gh_file_read(folder_place(key), 4096, &pem, NULL);

	assert_int_equal(status, GH_OK);
	status = gh_session_identify(
		ends->server_context, folder_place(certificate), gh_bytes_view(&pem), NULL);
	gh_bytes_finish(&pem);
	return status;
}

/* The server changes to another pair, whose key it has in memory alone; the client sees which. */
static void a_server_shows_what_it_was_given_in_memory(void **state)
{
	struct ends ends = make_ends(true);
	struct gh_certificate peer;

	assert_int_equal(identify(&ends, "demo/central.pem", "demo/lane-1.key"), GH_INTEGRITY);
	assert_int_equal(identify(&ends, "demo/none.pem", "demo/lane-1.key"), GH_IO);
	assert_int_equal(identify(&ends, "demo/lane-1.pem", "demo/lane-1.pem"), GH_MALFORMED);
	assert_int_equal(identify(&ends, "demo/lane-1.pem", "demo/lane-1.key"), GH_OK);
	assert_int_equal(ERR_peek_error(), 0);
	SSL_free(ends.server);
	SSL_free(ends.client);
	connect_ends(&ends);
	SSL_set_verify(ends.client, SSL_VERIFY_NONE, NULL);
	assert_true(shake_hands(&ends));
	assert_int_equal(gh_session_peer(ends.client, &peer, NULL), GH_OK);
	assert_string_equal(peer.name, "lane-1");
	finish_ends(&ends);
}

static void a_peer_without_a_certificate_is_not_found(void **state)
{
	struct ends ends = make_ends(false);
	struct gh_error error = GH_ERROR_NONE;
	struct gh_certificate peer;

	assert_true(shake_hands(&ends));
	assert_int_equal(gh_session_peer(ends.server, &peer, &error), GH_NOT_FOUND);
	assert_int_equal(error.status, GH_NOT_FOUND);
	finish_ends(&ends);
}

static void older_versions_are_refused(void **state)
{
	struct ends ends = make_ends(true);

	assert_int_equal(SSL_set_max_proto_version(ends.client, TLS1_2_VERSION), 1);
	assert_false(shake_hands(&ends));
	finish_ends(&ends);
}

static int tickets;

static int count_ticket(SSL *ssl, SSL_SESSION *session)
{
	(void)ssl;
	(void)session;
	tickets++;
	return 0;
}

/* A session that could be resumed would not show its certificate again. */
static void no_session_can_be_resumed(void **state)
{
	struct ends ends = make_ends(true);
	char byte = 'x';

	tickets = 0;
	SSL_CTX_set_session_cache_mode(ends.client_context, SSL_SESS_CACHE_CLIENT);
	SSL_CTX_sess_set_new_cb(ends.client_context, count_ticket);
	assert_true(shake_hands(&ends));
	assert_int_equal(SSL_write(ends.server, &byte, 1), 1);
	assert_int_equal(SSL_read(ends.client, &byte, 1), 1);
	assert_int_equal(tickets, 0);
	finish_ends(&ends);

	/* The same with OpenSSL's own choice, to show that the count can be other than 0. */
	ends = make_ends(true);
	SSL_CTX_set_session_cache_mode(ends.client_context, SSL_SESS_CACHE_CLIENT);
	SSL_CTX_sess_set_new_cb(ends.client_context, count_ticket);
	assert_int_equal(SSL_set_num_tickets(ends.server, 2), 1);
	assert_true(shake_hands(&ends));
	assert_int_equal(SSL_write(ends.server, &byte, 1), 1);
	assert_int_equal(SSL_read(ends.client, &byte, 1), 1);
	assert_int_equal(tickets, 2);
	finish_ends(&ends);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, folder_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(the_peer_is_read_from_the_session),
		TEST(a_server_shows_what_it_was_given_in_memory),
		TEST(a_peer_without_a_certificate_is_not_found),
		TEST(older_versions_are_refused),
		TEST(no_session_can_be_resumed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
