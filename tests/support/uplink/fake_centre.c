/* SPDX-License-Identifier: Apache-2.0 */
/* A TLS server on loopback that answers as a test wants it to. */
#include "fake_centre.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

#define CONNECTIONS_MAX 64

struct fake_centre {
	SSL_CTX *tls;
	fake_decide *decide;
	void *ctx;
	int listener;
	uint16_t port;
	pthread_t thread;
	pthread_mutex_t lock; /* of decide, and of the sockets */
	atomic_bool stop;
	int sockets[CONNECTIONS_MAX];
	pthread_t threads[CONNECTIONS_MAX];
	bool joinable[CONNECTIONS_MAX];
};

struct connection {
	struct fake_centre *centre;
	int slot;
	int socket;
};

static void must(bool fine, const char *what)
{
	if (fine)
		return;
	fprintf(stderr, "fake centre: %s failed\n", what);
	abort();
}

/* Read head and body of one request; false at the end. */
static bool read_request(SSL *ssl, struct fake_request *request)
{
	char head[8192];
	size_t used = 0;
	char *end = NULL;
	const char *length;

	memset(request, 0, sizeof(*request));
	while (!end) {
		int got = SSL_read(ssl, head + used, (int)(sizeof(head) - 1 - used));

		if (got <= 0)
			return false;
		used += (size_t)got;
		head[used] = '\0';
		end = strstr(head, "\r\n\r\n");
		if (!end && used + 1 == sizeof(head))
			return false;
	}
	size_t head_bytes = (size_t)(end + 4 - head);
	if (sscanf(head, "%7s %255s", request->method, request->path) != 2)
		return false;
	snprintf(request->headers, sizeof(request->headers), "%.*s", (int)head_bytes, head);
	length = strstr(request->headers, "Content-Length: ");
	request->body_bytes = length ? strtoul(length + 16, NULL, 10) : 0;
	request->body = malloc(request->body_bytes + 1);
	must(request->body != NULL, "memory");
	size_t have = used - head_bytes;
	memcpy(request->body, head + head_bytes, have);
	while (have < request->body_bytes) {
		int got = SSL_read(ssl, request->body + have, (int)(request->body_bytes - have));

		if (got <= 0)
			return false;
		have += (size_t)got;
	}
	return true;
}

static bool send_all(SSL *ssl, const void *data, size_t length)
{
	return length == 0 || SSL_write(ssl, data, (int)length) == (int)length;
}

static void send_endless(SSL *ssl, const char *piece)
{
	while (send_all(ssl, piece, strlen(piece)))
		;
}

/* Whether the connection goes on. */
static bool send_reply(SSL *ssl, const struct fake_reply *reply)
{
	const void *body = reply->data ? reply->data : reply->body;
	size_t length = reply->data ? reply->data_bytes : strlen(reply->body);
	char head[1024];

	snprintf(head, sizeof(head), "HTTP/1.1 %d Said\r\nContent-Length: %zu\r\n%s%s\r\n",
		reply->status, length, reply->headers,
		reply->manner == FAKE_KEEPS ? "" : "Connection: close\r\n");
	switch (reply->manner) {
	case FAKE_ANSWERS:
	case FAKE_KEEPS:
		return send_all(ssl, head, strlen(head)) && send_all(ssl, body, length) &&
			reply->manner == FAKE_KEEPS;
	case FAKE_HALF:
		send_all(ssl, head, strlen(head));
		send_all(ssl, body, length / 2);
		return false;
	case FAKE_NOT_HTTP:
		send_all(ssl, "\x01\x02garbage\r\n\r\nmore", 17);
		return false;
	case FAKE_ENDLESS:
		send_all(ssl, "HTTP/1.1 200 OK\r\n\r\n{\"a\":\"", 24);
		send_endless(
			ssl, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
		return false;
	case FAKE_ENDLESS_HEADERS:
		send_all(ssl, "HTTP/1.1 200 OK\r\n", 17);
		send_endless(ssl, "X-Header: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n");
		return false;
	case FAKE_STALLS: {
		char byte;
		/* Until the other side has had enough. */
		while (SSL_read(ssl, &byte, 1) > 0)
			;
		return false;
	}
	case FAKE_CLOSES:
		break;
	}
	return false;
}

static void converse(struct fake_centre *centre, SSL *ssl)
{
	static const struct fake_reply fresh = { .manner = FAKE_ANSWERS, .status = 200 };
	struct fake_reply *reply = malloc(sizeof(*reply));
	bool goes_on = SSL_accept(ssl) == 1;

	must(reply != NULL, "memory");
	while (goes_on) {
		struct fake_request request;

		goes_on = read_request(ssl, &request);
		if (goes_on) {
			*reply = fresh;
			pthread_mutex_lock(&centre->lock);
			centre->decide(centre->ctx, &request, reply);
			pthread_mutex_unlock(&centre->lock);
			goes_on = send_reply(ssl, reply);
		}
		free(request.body);
	}
	free(reply);
}

static void *serve(void *ctx)
{
	struct connection *connection = ctx;
	struct fake_centre *centre = connection->centre;
	SSL *ssl = SSL_new(centre->tls);

	must(ssl && SSL_set_fd(ssl, connection->socket) == 1, "SSL_new");
	converse(centre, ssl);
	SSL_shutdown(ssl);
	SSL_free(ssl);
	pthread_mutex_lock(&centre->lock);
	close(connection->socket);
	centre->sockets[connection->slot] = -1;
	pthread_mutex_unlock(&centre->lock);
	free(connection);
	return NULL;
}

static void begin_connection(struct fake_centre *centre, int socket)
{
	struct connection *connection = malloc(sizeof(*connection));
	int slot = 0;

	must(connection != NULL, "memory");
	pthread_mutex_lock(&centre->lock);
	while (slot < CONNECTIONS_MAX && centre->sockets[slot] >= 0)
		slot++;
	must(slot < CONNECTIONS_MAX, "a free slot");
	centre->sockets[slot] = socket;
	pthread_mutex_unlock(&centre->lock);
	if (centre->joinable[slot])
		pthread_join(centre->threads[slot], NULL);
	*connection = (struct connection){ centre, slot, socket };
	must(pthread_create(&centre->threads[slot], NULL, serve, connection) == 0, "thread");
	centre->joinable[slot] = true;
}

static void *accept_all(void *ctx)
{
	struct fake_centre *centre = ctx;
	sigset_t pipe;

	/* A peer that has had enough is no reason to die; threads of connections inherit it. */
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe, NULL);
	while (!atomic_load(&centre->stop)) {
		int socket = accept(centre->listener, NULL, NULL);

		if (socket >= 0)
			begin_connection(centre, socket);
	}
	return NULL;
}

static void open_listener(struct fake_centre *centre)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(centre->port) };
	socklen_t length = sizeof(address);
	int on = 1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	centre->listener = socket(AF_INET, SOCK_STREAM, 0);
	must(centre->listener >= 0, "socket");
	setsockopt(centre->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	must(bind(centre->listener, (struct sockaddr *)&address, length) == 0, "bind");
	must(listen(centre->listener, 16) == 0, "listen");
	must(getsockname(centre->listener, (struct sockaddr *)&address, &length) == 0, "name");
	centre->port = ntohs(address.sin_port);
	atomic_store(&centre->stop, false);
	must(pthread_create(&centre->thread, NULL, accept_all, centre) == 0, "thread");
}

static void close_listener(struct fake_centre *centre)
{
	atomic_store(&centre->stop, true);
	shutdown(centre->listener, SHUT_RDWR);
	pthread_join(centre->thread, NULL);
	close(centre->listener);
	centre->listener = -1;
	pthread_mutex_lock(&centre->lock);
	for (int i = 0; i < CONNECTIONS_MAX; i++) {
		if (centre->sockets[i] >= 0)
			shutdown(centre->sockets[i], SHUT_RDWR);
	}
	pthread_mutex_unlock(&centre->lock);
	for (int i = 0; i < CONNECTIONS_MAX; i++) {
		if (centre->joinable[i])
			pthread_join(centre->threads[i], NULL);
		centre->joinable[i] = false;
	}
}

struct fake_centre *fake_centre_start(
	const char *certificate, const char *key, const char *ca, fake_decide *decide, void *ctx)
{
	struct fake_centre *centre = calloc(1, sizeof(*centre));

	must(centre != NULL, "memory");
	pthread_mutex_init(&centre->lock, NULL);
	for (int i = 0; i < CONNECTIONS_MAX; i++)
		centre->sockets[i] = -1;
	centre->decide = decide;
	centre->ctx = ctx;
	centre->tls = SSL_CTX_new(TLS_server_method());
	must(centre->tls &&
			SSL_CTX_use_certificate_file(centre->tls, certificate, SSL_FILETYPE_PEM) ==
				1,
		"certificate");
	must(SSL_CTX_use_PrivateKey_file(centre->tls, key, SSL_FILETYPE_PEM) == 1, "key");
	must(SSL_CTX_load_verify_locations(centre->tls, ca, NULL) == 1, "ca");
	SSL_CTX_set_verify(centre->tls, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	open_listener(centre);
	return centre;
}

void fake_centre_stop(struct fake_centre *centre)
{
	if (centre->listener >= 0)
		close_listener(centre);
	SSL_CTX_free(centre->tls);
	pthread_mutex_destroy(&centre->lock);
	free(centre);
}

uint16_t fake_centre_port(const struct fake_centre *centre)
{
	return centre->port;
}

void fake_centre_hold(struct fake_centre *centre)
{
	pthread_mutex_lock(&centre->lock);
}

void fake_centre_release(struct fake_centre *centre)
{
	pthread_mutex_unlock(&centre->lock);
}

void fake_centre_listen(struct fake_centre *centre, bool listens)
{
	if (listens && centre->listener < 0)
		open_listener(centre);
	else if (!listens && centre->listener >= 0)
		close_listener(centre);
}

void fake_reply_id(const struct fake_request *request, struct fake_reply *reply)
{
	const char *id = request->path + strlen("/v1/");

	while (*id && *id != '/')
		id++;
	snprintf(reply->body, sizeof(reply->body), "{\"id\":\"%.36s\",\"stored\":true}", id + 1);
}
