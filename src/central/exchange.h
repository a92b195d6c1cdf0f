/* SPDX-License-Identifier: Apache-2.0 */
/* One request and its answer on a connection, and the server they belong to. */
#ifndef GATEHOUSE_SRC_CENTRAL_EXCHANGE_H
#define GATEHOUSE_SRC_CENTRAL_EXCHANGE_H

#include <pthread.h>
#include <stdatomic.h>
#include <libwebsockets.h>

#include "desk.h"
#include "gatehouse/settings/settings.h"

/* Connections at once of those who have no certificate. */
#define NEWCOMERS_MAX 16

/* An answer's piece; libwebsockets passes as much on at once. */
#define SEND_BYTES 32768

/* The check of an uploaded bundle, on a thread of its own; one at a time. */
struct checking {
	pthread_t thread;
	bool running;
	atomic_bool done;
	struct publication publication;
	struct exchange *exchange; /* NULL once its connection is gone */
	struct lws_context *context;
};

struct gh_central {
	struct gh_settings_central settings;
	struct desk desk;
	struct gh_bytes key; /* PEM, between reading it and listening */
	struct lws_context *context;
	struct lws_vhost *vhost;
	struct lws_vhost *enrol_vhost; /* NULL: there is none */
	lws_sorted_usec_list_t timer;
	lws_sorted_usec_list_t looking;  /* at the lanes, again and again */
	lws_sorted_usec_list_t settling; /* soon: the group is stored */
	struct exchange *group[DESK_TOGETHER_MAX];
	size_t group_count;
	unsigned connections;
	unsigned newcomers; /* connections of the port for enrolment */
	unsigned exchanges;
	bool tls_failed;
	unsigned tls_ready; /* ports that speak TLS 1.3 and nothing else */
	bool closing;
	atomic_bool stop;
	struct checking checking;
	struct lws_protocols protocols[2];
};

/*
 * What an exchange is at. A body is received, or received and thrown away (then the answer stands
 * already), or the bundle in it is being checked; then it waits to be stored together with what
 * others brought at the same time, and the answer is sent.
 */
enum exchange_state {
	EXCHANGE_RECEIVING,
	EXCHANGE_DRAINING,
	EXCHANGE_CHECKING,
	EXCHANGE_SETTLING,
	EXCHANGE_ANSWERING,
	EXCHANGE_SENDING,
	EXCHANGE_FLUSHING,
	EXCHANGE_SENT,
};

struct exchange {
	struct gh_central *central;
	struct lws *wsi;
	enum exchange_state state;
	struct request request;
	struct answer answer;
	struct deposit deposit;
	struct gh_bytes body;
	int file; /* of a bundle under way, or -1 */
	char path[4096];
	uint64_t length; /* of the body, as announced */
	uint64_t received;
	uint64_t sent; /* of the answer's body */
	bool close_after;
	uint64_t begun_us;
	lws_sorted_usec_list_t hold; /* an answer that goes out later */
	unsigned ends;               /* how often libwebsockets has told the body's end */
	bool head;                   /* the answer has headers only */
};

/* Begin an exchange with the request that has arrived; NULL: close the connection. */
struct exchange *exchange_begin(
	struct gh_central *central, struct lws *wsi, const char *path, size_t path_bytes);

/* Wipe, remove what was uploaded, free. NULL safe. */
void exchange_end(struct exchange *exchange);

/* Body bytes have come, and their end. */
void exchange_receive(struct exchange *exchange, const void *data, size_t length_bytes);
void exchange_received(struct exchange *exchange);

/* The connection takes bytes. Returns 0, or -1 to close. */
int exchange_send(struct exchange *exchange);

/* The check of a bundle has ended: answer it. On the service's thread. */
void checking_finish(struct gh_central *central);

#endif
