/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTP exchange with the centre, over an easy handle of curl. */
#ifndef GATEHOUSE_SRC_UPLINK_TRANSFER_H
#define GATEHOUSE_SRC_UPLINK_TRANSFER_H

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <curl/curl.h>

#include "gatehouse/uplink/uplink.h"

/* What lies between the lane and the centre. */
enum way_proxy {
	WAY_DIRECT,
	WAY_HTTP,
	WAY_HTTPS,
	WAY_SOCKS,
};

/* The way to the centre; see way.h. */
struct way {
	enum way_proxy proxy;
	char proxy_url[512];
	char proxy_ca_file[4096];
	char proxy_user[256];
	char proxy_password[256];
	uint32_t send_bytes_per_s; /* 0: no cap */
	uint32_t receive_bytes_per_s;
	uint32_t transfers_max; /* that share them */
	bool http2;
};

/* The options with strings of our own. */
struct link {
	struct way way;
	char url[512];
	char ca_file[4096];
	char certificate_file[4096];
	char key_file[4096];
	struct gh_bytes key;         /* instead of key_file, if not empty */
	struct gh_bytes certificate; /* instead of certificate_file, likewise */
	char user[128];              /* "" none: a certificate is shown */
	char token[160];
	char download_folder[4096];
	uint32_t connect_timeout_ms;
	uint32_t transfer_timeout_ms;
	const struct gh_clock *clock;
};

/* What is asked. Borrowed until the transfer is done. */
struct ask {
	const char *method; /* "GET", "HEAD", "PUT", "PATCH", "POST", "DELETE" */
	const char *path;
	const char *content_type; /* NULL none */
	const char *etag;         /* for If-None-Match; "" or NULL none */
	const char *digest;       /* for Content-Digest; NULL none */
	const char *whole_digest; /* of a PATCH: for Repr-Digest; the two below go with it */
	uint64_t upload_offset;
	bool upload_complete;
	struct gh_view body;
	FILE *body_file; /* instead of body */
	uint64_t body_file_bytes;
	FILE *save; /* where a 200's body goes instead of answer */
	size_t answer_max_bytes;
	uint64_t save_max_bytes;
	bool connect_only; /* nothing is asked */
	bool patient;      /* no limit on the whole, only on stalling */
};

struct transfer {
	CURL *easy;
	struct curl_slist *headers;
	struct ask ask;
	size_t sent;
	enum way_proxy proxy;
	uint32_t began; /* the caller's: what it was at when the transfer began */
	struct gh_bytes answer;
	uint64_t saved;
	bool too_large;
	char retry_after[64];
	bool says_offset; /* Upload-Offset and Upload-Complete came */
	uint64_t upload_offset;
	bool upload_complete;
	char url[640];
	char curl_text[CURL_ERROR_SIZE]; /* the first failure */
	bool refused; /* an alert on our certificate was read, first failure or not */
};

/* Start curl, once in the process. */
bool transfer_ready(void);

/*
 * TLS writes on a connection that has gone raise SIGPIPE, which would end the program: hold it back
 * on this thread, and forget it before it is let through again.
 */
void pipe_hold(sigset_t *before);
void pipe_release(const sigset_t *before);

/* Copy and check options: GH_OK or GH_SETTINGS. */
enum gh_status link_set(
	struct link *link, const struct gh_uplink_options *options, struct gh_error *error);

/* Wipe the key. */
void link_finish(struct link *link);

/* Make the easy handle; a transfer is zero-initialised. GH_OK or GH_NO_MEMORY. */
enum gh_status transfer_begin(struct transfer *transfer, const struct link *link,
	const struct ask *ask, struct gh_error *error);

/* Status of the answer, 0 without one. */
long transfer_http_status(const struct transfer *transfer);

/*
 * What a failed transfer came to. With TLS 1.3 a refusal of our own certificate comes only after
 * the handshake, and curl calls it a failure to receive: the words of the alert tell it apart.
 */
CURLcode transfer_result(const struct transfer *transfer, CURLcode code);

/*
 * After a transfer of connect_only has connected: what the other side says to that, within a
 * moment. CURLE_OK when it says nothing against it; else for transfer_result().
 */
CURLcode transfer_listen(struct transfer *transfer);

/* Whether the connection went while bytes were under way, and nobody said why. */
bool transfer_broke_off(const struct transfer *transfer, CURLcode code);

/* Wipe and free; the handle must not be in a multi any more. */
void transfer_end(struct transfer *transfer);

#endif
