/* SPDX-License-Identifier: Apache-2.0 */
/* The exporter over real sockets; with TLS in tests/system/test_monitoring.py. */
#include "gatehouse/exporter/exporter.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "gatehouse/base/exposition.h"
#include "gatehouse/base/log.h"

struct stand {
	struct gh_exporter *exporter;
	pthread_t thread;
	unsigned writes;
	bool fails;
	size_t filler_bytes;
};

static struct stand stand;

static enum gh_status write_text(void *ctx, struct gh_bytes *text, struct gh_error *error)
{
	struct stand *of = ctx;

	of->writes++;
	if (of->fails)
		return gh_error_set(error, GH_IO, "a specimen failure");
	for (size_t i = 0; i < of->filler_bytes / 8; i++)
		if (gh_bytes_print(text, error, "# 56789\n") != GH_OK)
			return GH_NO_MEMORY;
	return gh_bytes_print(text, error, "specimen_total %u\n", of->writes);
}

static struct gh_exporter_options options(void)
{
	return (struct gh_exporter_options){ .listen_address = "127.0.0.1",
		.certificate_file = "",
		.key_file = "",
		.ca_file = "",
		.write = write_text,
		.ctx = &stand,
		.clock = gh_clock_system() };
}

static void *run(void *ctx)
{
	gh_exporter_run(ctx);
	return NULL;
}

static int set_up(void **state)
{
	struct gh_exporter_options made = options();

	(void)state;
	memset(&stand, 0, sizeof(stand));
	assert_int_equal(gh_exporter_open(&made, &stand.exporter, NULL), GH_OK);
	assert_int_equal(pthread_create(&stand.thread, NULL, run, stand.exporter), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	gh_exporter_stop(stand.exporter);
	pthread_join(stand.thread, NULL);
	gh_exporter_close(stand.exporter);
	return 0;
}

static int dial(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	int line = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons(gh_exporter_port(stand.exporter));
	assert_int_equal(connect(line, (struct sockaddr *)&address, sizeof(address)), 0);
	return line;
}

/* What comes until the other side closes. */
static char *read_all(int line)
{
	char *text = calloc(1, 1 << 20);
	size_t used = 0;
	ssize_t got;

	assert_non_null(text);
	while ((got = recv(line, text + used, (1 << 20) - used - 1, 0)) > 0)
		used += (size_t)got;
	close(line);
	return text;
}

static char *ask(const char *request)
{
	int line = dial();

	assert_int_equal(
		send(line, request, strlen(request), MSG_NOSIGNAL), (ssize_t)strlen(request));
	return read_all(line);
}

static void expect(const char *request, const char *first_line, const char *inside)
{
	char *answer = ask(request);

	if (strncmp(answer, first_line, strlen(first_line)) != 0 || !strstr(answer, inside))
		fail_msg("%s answered %s", request, answer);
	free(answer);
}

static void metrics_are_answered_and_nothing_else(void **state)
{
	(void)state;
	expect("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200",
		"\r\n\r\nspecimen_total 1\n");
	expect("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200",
		"content-type: " GH_EXPOSITION_TYPE);
	expect("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404", "");
	expect("GET /metrics/ HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404", "");
	expect("GET /metrics2 HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404", "");
	expect("DELETE /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 405", "allow: GET");
	expect("HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 405", "");
}

static void scrapes_share_a_snapshot(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++)
		free(ask("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"));
	assert_true(stand.writes >= 1 && stand.writes < 20);
}

static void a_large_text_comes_whole(void **state)
{
	char *answer;

	(void)state;
	stand.filler_bytes = 300000;
	answer = ask("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_non_null(strstr(answer, "specimen_total 1\n"));
	assert_true(strlen(answer) > 300000);
	free(answer);
}

static void a_snapshot_that_fails_is_503(void **state)
{
	(void)state;
	stand.fails = true;
	expect("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 503", "");
	stand.fails = false;
	expect("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200", "specimen_total");
}

/* Whatever comes is answered or cut off, and the next scrape goes through. */
static void nonsense_does_no_harm(void **state)
{
	static const char *const lines[] = {
		"\r\n\r\n",
		"GET\r\n\r\n",
		"\x16\x03\x01\x02\x00",
		"GET /metrics\r\n\r\n",
		"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
		"GET /metrics HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		int line = dial();

		send(line, lines[i], strlen(lines[i]), MSG_NOSIGNAL);
		shutdown(line, SHUT_WR);
		free(read_all(line));
	}
	expect("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200", "specimen_total");
}

static void a_flood_of_headers_is_cut_off(void **state)
{
	static char flood[200000];
	int line = dial();
	size_t used =
		(size_t)snprintf(flood, sizeof(flood), "GET /metrics HTTP/1.1\r\nHost: x\r\n");

	(void)state;
	while (used < sizeof(flood) - 40)
		used += (size_t)snprintf(
			flood + used, sizeof(flood) - used, "X-Specimen: 0123456789\r\n");
	send(line, flood, used, MSG_NOSIGNAL);
	free(read_all(line));
	expect("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200", "specimen_total");
}

static void connections_are_bounded(void **state)
{
	const struct timespec pause = { 0, 50000000 };
	int lines[GH_EXPORTER_CONNECTIONS_MAX];
	char *refused;

	(void)state;
	for (int i = 0; i < GH_EXPORTER_CONNECTIONS_MAX; i++)
		lines[i] = dial();
	refused = ask("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_string_equal(refused, "");
	free(refused);
	for (int i = 0; i < GH_EXPORTER_CONNECTIONS_MAX; i++)
		close(lines[i]);
	/* Those that went make room. */
	for (int i = 0; i < 100; i++) {
		char *answer = ask("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
		bool served = strncmp(answer, "HTTP/1.1 200", 12) == 0;

		free(answer);
		if (served)
			return;
		nanosleep(&pause, NULL);
	}
	fail_msg("nobody is served any more");
}

static void what_cannot_be_listened_on_is_named(void **state)
{
	struct gh_exporter_options made = options();
	struct gh_exporter *exporter;
	struct gh_error error = GH_ERROR_NONE;

	(void)state;
	made.listen_port = gh_exporter_port(stand.exporter);
	assert_int_equal(gh_exporter_open(&made, &exporter, &error), GH_BUSY);
	assert_non_null(strstr(error.text, "[metrics] listen_port"));
	assert_null(exporter);
	made.listen_port = 0;
	made.listen_address = "0.0.0.0";
	assert_int_equal(gh_exporter_open(&made, &exporter, &error), GH_SETTINGS);
	assert_non_null(strstr(error.text, "[metrics] listen_address"));
	made.listen_address = "nowhere";
	assert_int_equal(gh_exporter_open(&made, &exporter, &error), GH_SETTINGS);
	made.listen_address = "127.0.0.1";
	made.certificate_file = "/nowhere/a.pem";
	made.key_file = "/nowhere/a.key";
	made.ca_file = "/nowhere/ca.pem";
	assert_int_equal(gh_exporter_open(&made, &exporter, &error), GH_NOT_FOUND);
	assert_non_null(strstr(error.text, "[metrics]"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(metrics_are_answered_and_nothing_else),
		TEST(scrapes_share_a_snapshot),
		TEST(a_large_text_comes_whole),
		TEST(a_snapshot_that_fails_is_503),
		TEST(nonsense_does_no_harm),
		TEST(a_flood_of_headers_is_cut_off),
		TEST(connections_are_bounded),
		TEST(what_cannot_be_listened_on_is_named),
	};

	gh_log_set_level((enum gh_log_level)0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
