/* SPDX-License-Identifier: Apache-2.0 */
/* A line on loopback that carries bytes to a port and back, and that a test can cut. */
#include "relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINES_MAX 256
#define PIECE_BYTES 1024

struct relay {
	int listener;
	uint16_t port;
	uint16_t to_port;
	pthread_t thread;
	atomic_bool stop;
	pthread_t threads[LINES_MAX];
	size_t thread_count;
	atomic_uint cuts; /* still to come */
	atomic_ullong cut_after_bytes;
	atomic_ullong bytes;
	atomic_uint connections;
	atomic_uint cut;
};

struct line {
	struct relay *relay;
	int near;
	int far;
	uint64_t carried;
};

static void must(bool fine, const char *what)
{
	if (fine)
		return;
	fprintf(stderr, "relay: %s failed\n", what);
	abort();
}

static struct sockaddr_in loopback(uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

static bool send_all(int to, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t sent = send(to, bytes, length, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		bytes += sent;
		length -= (size_t)sent;
	}
	return true;
}

/* Whether the line is at the byte where it is to be cut, which is then done. */
static bool cut_now(struct line *line)
{
	struct relay *relay = line->relay;
	unsigned cuts = atomic_load(&relay->cuts);

	if (cuts == 0 || line->carried < atomic_load(&relay->cut_after_bytes))
		return false;
	atomic_store(&relay->cuts, cuts - 1);
	atomic_fetch_add(&relay->cut, 1);
	return true;
}

/* Carry what has come; false at the end of either side, or where the line is cut. */
static bool carry_there(struct line *line)
{
	struct relay *relay = line->relay;
	uint64_t cut_at = atomic_load(&relay->cut_after_bytes);
	char bytes[PIECE_BYTES];
	size_t room = sizeof(bytes);
	ssize_t got;

	if (atomic_load(&relay->cuts) > 0 && line->carried < cut_at &&
		cut_at - line->carried < room)
		room = (size_t)(cut_at - line->carried);
	got = recv(line->near, bytes, room, 0);
	if (got <= 0 || !send_all(line->far, bytes, (size_t)got))
		return false;
	atomic_fetch_add(&relay->bytes, (unsigned long long)got);
	line->carried += (uint64_t)got;
	return !cut_now(line);
}

static bool carry_back(struct line *line)
{
	char bytes[PIECE_BYTES];
	ssize_t got = recv(line->far, bytes, sizeof(bytes), 0);

	return got > 0 && send_all(line->near, bytes, (size_t)got);
}

static void *carry(void *ctx)
{
	struct line *line = ctx;
	bool goes_on = true;

	while (goes_on && !atomic_load(&line->relay->stop)) {
		struct pollfd polls[] = { { line->near, POLLIN, 0 }, { line->far, POLLIN, 0 } };

		if (poll(polls, 2, 100) < 0)
			break;
		if (polls[0].revents)
			goes_on = carry_there(line);
		if (goes_on && polls[1].revents)
			goes_on = carry_back(line);
	}
	close(line->near);
	close(line->far);
	free(line);
	return NULL;
}

static void begin_line(struct relay *relay, int near)
{
	struct sockaddr_in address = loopback(relay->to_port);
	struct line *line = calloc(1, sizeof(*line));

	must(line && relay->thread_count < LINES_MAX, "another line");
	*line = (struct line){ relay, near, socket(AF_INET, SOCK_STREAM, 0), 0 };
	must(line->far >= 0, "socket");
	if (connect(line->far, (struct sockaddr *)&address, sizeof(address)) != 0) {
		close(line->far);
		close(near);
		free(line);
		return;
	}
	atomic_fetch_add(&relay->connections, 1);
	must(pthread_create(&relay->threads[relay->thread_count++], NULL, carry, line) == 0,
		"thread");
}

static void *accept_all(void *ctx)
{
	struct relay *relay = ctx;

	while (!atomic_load(&relay->stop)) {
		int near = accept(relay->listener, NULL, NULL);

		if (near >= 0)
			begin_line(relay, near);
	}
	return NULL;
}

struct relay *relay_start(uint16_t to_port)
{
	struct relay *relay = calloc(1, sizeof(*relay));
	struct sockaddr_in address = loopback(0);
	socklen_t length = sizeof(address);

	must(relay != NULL, "memory");
	relay->to_port = to_port;
	relay->listener = socket(AF_INET, SOCK_STREAM, 0);
	must(bind(relay->listener, (struct sockaddr *)&address, length) == 0 &&
			listen(relay->listener, 16) == 0 &&
			getsockname(relay->listener, (struct sockaddr *)&address, &length) == 0,
		"listening");
	relay->port = ntohs(address.sin_port);
	must(pthread_create(&relay->thread, NULL, accept_all, relay) == 0, "thread");
	return relay;
}

void relay_stop(struct relay *relay)
{
	atomic_store(&relay->stop, true);
	shutdown(relay->listener, SHUT_RDWR);
	pthread_join(relay->thread, NULL);
	for (size_t i = 0; i < relay->thread_count; i++)
		pthread_join(relay->threads[i], NULL);
	close(relay->listener);
	free(relay);
}

uint16_t relay_port(const struct relay *relay)
{
	return relay->port;
}

void relay_cut(struct relay *relay, unsigned times, uint64_t after_bytes)
{
	atomic_store(&relay->cut_after_bytes, after_bytes);
	atomic_store(&relay->cuts, times);
}

struct relay_counts relay_counts(const struct relay *relay)
{
	return (struct relay_counts){
		.bytes = atomic_load(&relay->bytes),
		.connections = atomic_load(&relay->connections),
		.cut = atomic_load(&relay->cut),
	};
}
