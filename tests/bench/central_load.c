/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole service, TLS and HTTP included: how many records a second it stores when lanes bring one
 * after the other as fast as they can, and how long a lane waits for its answer at 80 % of that.
 *
 * central_load sqlite|postgresql [SECONDS [LANES [--before-others]]]: 10 s each, 16 connections.
 * At 80 % records come at fixed times, and the wait counts from those: a stall of the service is
 * counted for everyone who would have come meanwhile. TMPDIR says on which disk. --before-others gives service, server and
 * lanes priority on a machine that has other work. Lanes run on the same cores.
 */
#define _GNU_SOURCE
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../support/central/counter.h"
#include "../support/central/server.h"
#include "gatehouse/base/log.h"
#include "gatehouse/crypto/certificate.h"

#define LANES_MAX 64

struct record {
	struct gh_id id;
	struct gh_bytes json;
};

static struct server server;
static struct counter counter; /* makes the records; its store is not the service's */
static char folder[64];
static pid_t service;
static unsigned port;
static struct record *records;
static size_t record_count;
static atomic_size_t next_record;
static double *waits_s;
static pthread_barrier_t connected, begun;

/* One run of all lanes: as fast as they can where rate is 0. */
static struct run {
	double rate;
	double began_s;
	double end_s;
	size_t first;
} run;

static void must(bool fine, const char *what)
{
	if (fine)
		return;
	fprintf(stderr, "central_load: %s\n", what);
	if (service > 0)
		kill(service, SIGTERM);
	server_stop(&server);
	_exit(1);
}

static double now_s(void)
{
	return (double)gh_clock_system()->monotonic_us(gh_clock_system()) / 1e6;
}

static void make_records(size_t count)
{
	static const uint8_t photo_bytes[300] = { 0xff, 0xd8, 1 };
	struct gh_encounter encounter;

	counter_make(&counter, GH_PURPOSE_DEMO);
	counter.clock.real_ms = gh_clock_system()->real_ms(gh_clock_system());
	records = calloc(count, sizeof(*records));
	waits_s = calloc(count, sizeof(*waits_s));
	must(records && waits_s, "memory");
	for (record_count = 0; record_count < count; record_count++) {
		struct record *record = &records[record_count];

		counter_record(&counter, record_count + 1,
			(struct gh_view){ photo_bytes, sizeof(photo_bytes) }, &encounter);
		record->id = encounter.id;
		must(gh_encounter_encode(&encounter, &record->json, NULL) == GH_OK, "record");
	}
}

static void write_settings(const char *store)
{
	static const char *const clients[] = { "lane-1" };
	static const char *const roles[] = { GH_ROLE_LANE };
	char path[128];
	FILE *file;

	snprintf(folder, sizeof(folder), "%.40s/central-load-XXXXXX",
		getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	must(mkdtemp(folder) != NULL, folder);
	must(gh_demo_certificates_make(folder, clients, roles, 1, NULL) == GH_OK, "certificates");
	snprintf(path, sizeof(path), "%s/central.conf", folder);
	file = fopen(path, "w");
	must(file != NULL, path);
	fprintf(file,
		"[central]\nlisten_port = 0\ndata_directory = %s/data\nca_file = %s/ca.pem\n"
		"certificate_file = %s/central.pem\nkey_file = %s/central.key\n"
		"signer_certificate_file = %s/signer.pem\nsigner_key_file = %s/signer.key\n"
		"lanes_max_connections = 200\nstore = %s\n[keys]\ndirectory = %s/keys\n"
		"[log]\nlevel = error\n",
		folder, folder, folder, folder, folder, folder, store, folder);
	fclose(file);
}

static void start_service(void)
{
	const char *programs = getenv("GATEHOUSE_BIN_DIR");
	char program[256], path[128], line[128] = "";
	int pipes[2];
	FILE *told;

	snprintf(program, sizeof(program), "%s/gatehouse-central", programs ? programs : "bin");
	snprintf(path, sizeof(path), "%s/central.conf", folder);
	must(pipe(pipes) == 0, "pipe");
	service = fork();
	if (service == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		dup2(pipes[1], 1);
		execl(program, program, "--config", path, (char *)NULL);
		_exit(127);
	}
	close(pipes[1]);
	told = fdopen(pipes[0], "r");
	must(told && fgets(line, sizeof(line), told) &&
			sscanf(line, "listening on 127.0.0.1:%u", &port) == 1,
		"the service does not start: set GATEHOUSE_BIN_DIR");
}

/* Sessions share the processor evenly, whatever is nice in them; servers begin new ones. */
static void favour(int process)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/autogroup", process);
	file = fopen(path, "w");
	if (file) {
		fputs("-20", file);
		fclose(file);
	}
}

static void favour_all(void)
{
	char path[64];
	FILE *file;
	int child;

	favour((int)getpid());
	favour((int)service);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)server.process,
		(int)server.process);
	file = server.process ? fopen(path, "r") : NULL;
	while (file && fscanf(file, "%d", &child) == 1)
		favour(child);
	if (file)
		fclose(file);
}

static double service_s(void)
{
	char path[64];
	unsigned long user, kernel;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)service);
	file = fopen(path, "r");
	must(file &&
			fscanf(file, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
				&user, &kernel) == 2,
		path);
	fclose(file);
	return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

static SSL *connect_lane(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	char certificate[128], key[128];
	SSL *session;
	int on = 1;
	int line = socket(AF_INET, SOCK_STREAM, 0);

	snprintf(certificate, sizeof(certificate), "%s/lane-1.pem", folder);
	snprintf(key, sizeof(key), "%s/lane-1.key", folder);
	must(context && SSL_CTX_use_certificate_chain_file(context, certificate) == 1 &&
			SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1,
		"key of the lane");
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	must(connect(line, (struct sockaddr *)&address, sizeof(address)) == 0, "connect");
	setsockopt(line, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	session = SSL_new(context);
	SSL_set_fd(session, line);
	must(SSL_connect(session) == 1, "TLS");
	SSL_CTX_free(context);
	return session;
}

static void put_record(SSL *session, const struct record *record)
{
	char text[GH_ID_TEXT_BYTES];
	char message[8192];
	char answer[2048];
	int length, got = 0;
	char *body = NULL;

	gh_id_format(&record->id, text);
	length = snprintf(message, sizeof(message),
		"PUT /v1/encounters/%s HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
		"application/json\r\nContent-Length: %zu\r\n\r\n%.*s",
		text, record->json.length_bytes, (int)record->json.length_bytes,
		(const char *)record->json.data);
	must(SSL_write(session, message, length) == length, "write");
	do {
		int now = SSL_read(session, answer + got, (int)sizeof(answer) - 1 - got);

		must(now > 0, "read");
		got += now;
		answer[got] = '\0';
		body = strstr(answer, "\r\n\r\n");
	} while (!body || !strchr(body, '}'));
	must(strncmp(answer, "HTTP/1.1 201", 12) == 0, answer);
}

static void *bring(void *ctx)
{
	SSL *session = connect_lane();

	(void)ctx;
	pthread_barrier_wait(&connected);
	pthread_barrier_wait(&begun);
	for (;;) {
		size_t n = atomic_fetch_add(&next_record, 1);
		double due_s =
			run.rate > 0 ? run.began_s + (double)(n - run.first) / run.rate : now_s();

		if (n >= record_count || due_s >= run.end_s || now_s() >= run.end_s)
			break;
		while (now_s() < due_s)
			usleep((unsigned)((due_s - now_s()) * 1e6) + 1);
		put_record(session, &records[n]);
		waits_s[n] = now_s() - due_s;
	}
	SSL_shutdown(session);
	close(SSL_get_fd(session));
	SSL_free(session);
	return NULL;
}

static int by_size(const void *a, const void *b)
{
	double one = *(const double *)a, two = *(const double *)b;

	return one < two ? -1 : one > two;
}

/* Records a second. */
static double bring_all(double rate, double seconds, size_t lanes)
{
	pthread_t threads[LANES_MAX];
	double processor_s, took_s;
	size_t first = atomic_load(&next_record);
	size_t count = 0;

	pthread_barrier_init(&connected, NULL, (unsigned)lanes + 1);
	pthread_barrier_init(&begun, NULL, (unsigned)lanes + 1);
	for (size_t i = 0; i < lanes; i++)
		must(pthread_create(&threads[i], NULL, bring, NULL) == 0, "thread");
	pthread_barrier_wait(&connected);
	run = (struct run){ rate, now_s(), now_s() + seconds, first };
	processor_s = service_s();
	pthread_barrier_wait(&begun);
	for (size_t i = 0; i < lanes; i++)
		pthread_join(threads[i], NULL);
	took_s = now_s() - run.began_s;
	processor_s = service_s() - processor_s;
	for (size_t n = first; n < record_count; n++) {
		if (waits_s[n] > 0)
			waits_s[first + count++] = waits_s[n];
	}
	must(count > 100, "too few records");
	qsort(&waits_s[first], count, sizeof(*waits_s), by_size);
	printf("%6.0f records/s for %.1f s; %.0f us of a core each in the service, so %.0f/s of one "
	       "core; wait 50 %% %.1f ms, 99 %% %.1f ms, longest %.1f ms\n",
		(double)count / took_s, took_s, processor_s / (double)count * 1e6,
		(double)count / processor_s, waits_s[first + count / 2] * 1e3,
		waits_s[first + count * 99 / 100] * 1e3, waits_s[first + count - 1] * 1e3);
	/* What was fetched but not brought is not counted twice. */
	atomic_store(&next_record, first + count + lanes);
	memset(&waits_s[first + count], 0, (record_count - first - count) * sizeof(*waits_s));
	return (double)count / took_s;
}

int main(int argc, char **argv)
{
	bool postgres = argc > 1 && strcmp(argv[1], "postgresql") == 0;
	double seconds = argc > 2 ? strtod(argv[2], NULL) : 10;
	size_t lanes = argc > 3 ? strtoul(argv[3], NULL, 10) : 16;
	char address[320] = "";
	bool first;
	double most;

	gh_log_set_level((enum gh_log_level)0);
	signal(SIGPIPE, SIG_IGN);
	first = argc > 4 && strcmp(argv[4], "--before-others") == 0;
	if (first)
		must(setpriority(PRIO_PROCESS, 0, -20) == 0, "priority needs root");
	must(lanes <= LANES_MAX, "too many lanes");
	if (postgres) {
		const char *missing = server_start(&server, true);

		must(!missing, missing ? missing : "");
		server_new_address(&server, address);
	}
	make_records((size_t)(seconds * 4000) + 1000);
	write_settings(address);
	start_service();
	if (first)
		favour_all();
	printf("%s, %zu lanes\n", postgres ? "PostgreSQL" : "SQLite", lanes);
	most = bring_all(0, seconds, lanes);
	bring_all(most * 0.8, seconds, lanes);
	kill(service, SIGTERM);
	waitpid(service, NULL, 0);
	server_stop(&server);
	counter_remove(&counter);
	return 0;
}
