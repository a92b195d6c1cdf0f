/* SPDX-License-Identifier: Apache-2.0 */
/* One request and its answer on a connection. */
#include "exchange.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gatehouse/base/log.h"
#include "gatehouse/crypto/csr.h"
#include "gatehouse/crypto/digest_field.h"
#include "gatehouse/crypto/session.h"
#include "gatehouse/manifest/bundle.h"

/* A request in base64 with its line ends. */
#define CSR_TEXT_BYTES_MAX (2 * GH_CSR_BYTES_MAX)

/* A refused body up to this is taken and thrown away, so that the peer reads why; see 0046. */
#define DRAIN_MAX_BYTES (1024u * 1024)

/* From the request's line to the answer's end; a bundle may take its time. */
#define EXCHANGE_DEADLINE_S 60
#define BUNDLE_DEADLINE_S 3600

static void refuse(struct exchange *exchange, int status, const char *code, const char *reason)
{
	answer_finish(&exchange->answer);
	answer_error(&exchange->answer, status, code, reason, NULL);
}

static void on_held(lws_sorted_usec_list_t *timer)
{
	struct exchange *exchange = lws_container_of(timer, struct exchange, hold);

	exchange->answer.hold_ms = 0;
	lws_callback_on_writable(exchange->wsi);
}

static uint64_t now_us(const struct gh_central *central)
{
	return central->desk.clock->monotonic_us(central->desk.clock);
}

static void begin_answer(struct exchange *exchange)
{
	struct gh_central *central = exchange->central;

	metrics_count(&central->desk.metrics, exchange->request.endpoint, exchange->answer.status,
		now_us(central) - exchange->begun_us);
	exchange->state = EXCHANGE_ANSWERING;
	gh_bytes_finish(&exchange->body);
	deposit_finish(&exchange->deposit);
	if (exchange->answer.hold_ms > 0)
		lws_sul_schedule(exchange->central->context, 0, &exchange->hold, on_held,
			exchange->answer.hold_ms * (lws_usec_t)LWS_US_PER_MS);
	else
		lws_callback_on_writable(exchange->wsi);
}

/* What has come since the last commit goes into one. */
static void settle(struct gh_central *central)
{
	struct deposit *deposits[DESK_TOGETHER_MAX];
	size_t count = central->group_count;

	lws_sul_cancel(&central->settling);
	for (size_t i = 0; i < count; i++)
		deposits[i] = &central->group[i]->deposit;
	desk_settle(&central->desk, deposits, count);
	central->group_count = 0;
	for (size_t i = 0; i < count; i++)
		begin_answer(central->group[i]);
}

static void on_settling(lws_sorted_usec_list_t *timer)
{
	settle(lws_container_of(timer, struct gh_central, settling));
}

/* Nobody waits for it any more: it was not acknowledged, so it need not be stored. */
static void leave_group(struct exchange *exchange)
{
	struct gh_central *central = exchange->central;

	for (size_t i = 0; i < central->group_count; i++) {
		if (central->group[i] == exchange)
			central->group[i] = central->group[--central->group_count];
	}
}

/* The request is decided: store what it brings, and that it was here, before it is answered. */
static void answer_now(struct exchange *exchange)
{
	struct gh_central *central = exchange->central;

	desk_note(&central->desk, &exchange->deposit);
	if (!exchange->deposit.stores && !exchange->deposit.audited) {
		begin_answer(exchange);
		return;
	}
	exchange->state = EXCHANGE_SETTLING;
	central->group[central->group_count++] = exchange;
	if (central->group_count == DESK_TOGETHER_MAX)
		settle(central);
	else
		lws_sul_schedule(central->context, 0, &central->settling, on_settling, 1);
}

/* A header's text, "" when it is missing or too long to be one of ours. */
static void copy_header(
	struct lws *wsi, enum lws_token_indexes token, char *text, size_t text_bytes)
{
	if (lws_hdr_copy(wsi, text, (int)text_bytes, token) < 0)
		text[0] = '\0';
	text[text_bytes - 1] = '\0';
}

/* The query comes in pieces; one that does not fit is none that we know. */
static void copy_query(struct lws *wsi, char *query, size_t query_bytes)
{
	size_t used = 0;

	query[0] = '\0';
	for (int i = 0;; i++) {
		int length;

		if (used + 2 >= query_bytes)
			break;
		if (i > 0)
			query[used] = '&';
		length = lws_hdr_copy_fragment(wsi, query + used + (i > 0),
			(int)(query_bytes - used - 1), WSI_TOKEN_HTTP_URI_ARGS, i);
		if (length == -2)
			snprintf(query, query_bytes, "too_long");
		if (length < 0) {
			if (length != -2)
				query[used] = '\0';
			return;
		}
		used += (size_t)length + (i > 0);
	}
}

static enum method method_of(int lws_method)
{
	switch (lws_method) {
	case LWSHUMETH_GET:
		return METHOD_GET;
	case LWSHUMETH_PUT:
		return METHOD_PUT;
	case LWSHUMETH_POST:
		return METHOD_POST;
	case LWSHUMETH_DELETE:
		return METHOD_DELETE;
	case LWSHUMETH_HEAD:
		return METHOD_HEAD;
	case LWSHUMETH_PATCH:
		return METHOD_PATCH;
	default:
		return METHOD_OTHER;
	}
}

/* A name that stands in logs and tables as it is. */
static bool is_plain(const char *name)
{
	for (; *name; name++) {
		if (*name < ' ' || *name > '~')
			return false;
	}
	return true;
}

/* Whether it came by the port that asks for no certificate. */
static bool is_newcomer(const struct exchange *exchange)
{
	const struct gh_central *central = exchange->central;

	return central->enrol_vhost && lws_get_vhost(exchange->wsi) == central->enrol_vhost;
}

/* Who is there, by the certificate that TLS has found good. */
static bool identify(struct exchange *exchange)
{
	struct gh_certificate peer;
	struct gh_error error;
	enum gh_status status;

	if (is_newcomer(exchange)) {
		exchange->request.role = ROLE_NEWCOMER;
		return true;
	}
	status = gh_session_peer(lws_get_ssl(exchange->wsi), &peer, &error);
	if (status != GH_OK || !is_plain(peer.name)) {
		gh_log(GH_LOG_WARNING, "central", "peer_unknown", gh_log_status("status", status));
		refuse(exchange, 403, "no_certificate", "the certificate cannot be read");
		return false;
	}
	exchange->request.role = request_role(peer.role);
	memcpy(exchange->request.peer, peer.name, sizeof(exchange->request.peer));
	exchange->request.fingerprint = peer.fingerprint;
	return true;
}

/* The body's announced length; false when it has none and needs one. */
static bool read_length(struct exchange *exchange)
{
	char text[24];
	char *end;

	copy_header(exchange->wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, text, sizeof(text));
	errno = 0;
	exchange->length = strtoull(text, &end, 10);
	if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0)
		return true;
	exchange->length = 0;
	return text[0] == '\0' && exchange->request.body_kind == BODY_NONE;
}

static uint64_t length_max(const struct exchange *exchange)
{
	switch (exchange->request.body_kind) {
	case BODY_JSON:
		return exchange->central->settings.body_max_bytes;
	case BODY_PHOTO:
	case BODY_PIECE:
		return exchange->central->settings.photo_max_bytes;
	case BODY_BUNDLE:
		return GH_BUNDLE_BYTES_MAX;
	case BODY_CSR:
		return CSR_TEXT_BYTES_MAX;
	case BODY_NONE:
		break;
	}
	return 0;
}

static void read_basic(struct exchange *exchange)
{
	char header[400];

	copy_header(exchange->wsi, WSI_TOKEN_HTTP_AUTHORIZATION, header, sizeof(header));
	request_basic(header, &exchange->request);
	gh_wipe(header, sizeof(header));
}

/* A header that libwebsockets has no number for; one that does not fit is none of ours. */
static void copy_own_header(struct lws *wsi, const char *name, char *text, size_t text_bytes)
{
	text[0] = '\0';
	if (lws_hdr_custom_length(wsi, name, (int)strlen(name)) >= (int)text_bytes)
		memcpy(text, "?", 2);
	else if (lws_hdr_custom_copy(wsi, text, (int)text_bytes, name, (int)strlen(name)) < 0)
		text[0] = '\0';
	text[text_bytes - 1] = '\0';
}

static void read_digest(struct exchange *exchange)
{
	char text[GH_DIGEST_FIELD_BYTES_MAX + 1];

	copy_own_header(exchange->wsi, "content-digest:", text, sizeof(text));
	request_read_digest(&exchange->request, text);
}

static bool read_piece(struct exchange *exchange, struct refusal *refusal)
{
	char offset[24], complete[8], whole[GH_DIGEST_FIELD_BYTES_MAX + 1];

	copy_own_header(exchange->wsi, "upload-offset:", offset, sizeof(offset));
	copy_own_header(exchange->wsi, "upload-complete:", complete, sizeof(complete));
	copy_own_header(exchange->wsi, "repr-digest:", whole, sizeof(whole));
	return request_read_piece(&exchange->request, offset, complete, whole, refusal);
}

static bool check_headers(struct exchange *exchange)
{
	struct refusal refusal;
	char content_type[64];

	if (lws_hdr_total_length(exchange->wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0 ||
		!read_length(exchange)) {
		exchange->close_after = true;
		refuse(exchange, 411, "length_required", "a body needs a Content-Length");
		return false;
	}
	read_digest(exchange);
	copy_header(exchange->wsi, WSI_TOKEN_HTTP_CONTENT_TYPE, content_type, sizeof(content_type));
	copy_header(exchange->wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH, exchange->request.if_none_match,
		sizeof(exchange->request.if_none_match));
	if (!request_permitted(&exchange->request, exchange->request.role, &refusal) ||
		!request_content_suits(&exchange->request, content_type, &refusal)) {
		answer_refusal(&exchange->answer, &refusal);
		return false;
	}
	if (exchange->request.role == ROLE_NEWCOMER)
		read_basic(exchange);
	if (exchange->request.body_kind == BODY_PIECE && !read_piece(exchange, &refusal)) {
		answer_refusal(&exchange->answer, &refusal);
		return false;
	}
	if (exchange->length + exchange->request.upload_offset > length_max(exchange)) {
		refuse(exchange, 413, "too_large", "the body is larger than the path allows");
		return false;
	}
	return true;
}

static bool read_request(struct exchange *exchange, const char *path, size_t path_bytes)
{
	struct gh_central *central = exchange->central;
	struct refusal refusal;
	char copy[300] = "";
	char query[300] = "";
	char *unused;
	int unused_length;
	bool fine;
	enum method method =
		method_of(lws_http_get_uri_and_method(exchange->wsi, &unused, &unused_length));

	if (path_bytes < sizeof(copy))
		memcpy(copy, path, path_bytes);
	exchange->head = method == METHOD_HEAD;
	copy_query(exchange->wsi, query, sizeof(query));
	fine = request_parse(method, copy, query, &exchange->request, &refusal);
	if (!identify(exchange) || !fine) {
		read_length(exchange);
		if (exchange->answer.status == 0)
			answer_refusal(&exchange->answer, &refusal);
		return false;
	}
	if (central->closing) {
		exchange->close_after = true;
		refuse(exchange, 503, "stopping", "the service is about to stop");
		return false;
	}
	return check_headers(exchange) &&
		desk_admit(&central->desk, &exchange->request, &exchange->answer);
}

/* The bundle goes to a file as it comes. */
static void begin_upload(struct exchange *exchange)
{
	struct gh_error error;
	enum gh_status status = desk_upload_path(&exchange->central->desk, exchange->path, &error);

	if (status == GH_OK) {
		exchange->file =
			open(exchange->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (exchange->file < 0)
			status = gh_error_errno(&error, errno, "%s", exchange->path);
	}
	if (status == GH_OK)
		return;
	gh_log(GH_LOG_ERROR, "central", "upload_failed", gh_log_error(&error));
	answer_failure(&exchange->answer, status);
	exchange->state = EXCHANGE_DRAINING;
}

/* Whether a refused request's body is worth waiting for. */
static void refuse_or_drain(struct exchange *exchange)
{
	if (exchange->length > 0 && exchange->length <= DRAIN_MAX_BYTES && !exchange->close_after) {
		exchange->state = EXCHANGE_DRAINING;
		return;
	}
	if (exchange->length > 0)
		exchange->close_after = true;
	answer_now(exchange);
}

struct exchange *exchange_begin(
	struct gh_central *central, struct lws *wsi, const char *path, size_t path_bytes)
{
	struct exchange *exchange = calloc(1, sizeof(*exchange));

	if (!exchange)
		return NULL;
	central->exchanges++;
	exchange->central = central;
	exchange->wsi = wsi;
	exchange->file = -1;
	exchange->begun_us = now_us(central);
	answer_init(&exchange->answer);
	deposit_begin(&exchange->deposit, &exchange->request, &exchange->answer);
	if (!read_request(exchange, path, path_bytes)) {
		refuse_or_drain(exchange);
		lws_set_timer_usecs(wsi, EXCHANGE_DEADLINE_S * LWS_US_PER_SEC);
		return exchange;
	}
	lws_set_timer_usecs(wsi,
		(exchange->request.body_kind == BODY_BUNDLE ||
					exchange->request.endpoint == ENDPOINT_VOYAGE_GET
				? BUNDLE_DEADLINE_S
				: EXCHANGE_DEADLINE_S) *
			LWS_US_PER_SEC);
	if (exchange->request.body_kind == BODY_BUNDLE)
		begin_upload(exchange);
	if (exchange->length == 0)
		exchange_received(exchange);
	return exchange;
}

/* The connection went while a photograph was under way: what came need not come again. */
static void keep_part(struct exchange *exchange)
{
	enum endpoint endpoint = exchange->request.endpoint;

	if ((exchange->state != EXCHANGE_RECEIVING && exchange->state != EXCHANGE_SETTLING) ||
		(endpoint != ENDPOINT_PHOTO_PUT && endpoint != ENDPOINT_PHOTO_PATCH))
		return;
	exchange->request.body = gh_bytes_view(&exchange->body);
	desk_keep_part(&exchange->central->desk, &exchange->request);
}

void exchange_end(struct exchange *exchange)
{
	struct gh_central *central;

	if (!exchange)
		return;
	central = exchange->central;
	if (exchange->file >= 0)
		close(exchange->file);
	/* While it is checked, the file belongs to the check. */
	if (central->checking.exchange == exchange)
		central->checking.exchange = NULL;
	else if (exchange->path[0])
		unlink(exchange->path);
	leave_group(exchange);
	lws_sul_cancel(&exchange->hold);
	gh_wipe(exchange->request.token, sizeof(exchange->request.token));
	keep_part(exchange);
	deposit_finish(&exchange->deposit);
	gh_bytes_finish(&exchange->body);
	answer_finish(&exchange->answer);
	free(exchange);
	central->exchanges--;
}

static void write_upload(struct exchange *exchange, const uint8_t *data, size_t length_bytes)
{
	while (length_bytes > 0) {
		ssize_t written = write(exchange->file, data, length_bytes);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0) {
			struct gh_error error;
			enum gh_status status = gh_error_errno(&error, errno, "%s", exchange->path);

			gh_log(GH_LOG_ERROR, "central", "upload_failed", gh_log_error(&error));
			answer_failure(&exchange->answer, status);
			exchange->state = EXCHANGE_DRAINING;
			return;
		}
		data += written;
		length_bytes -= (size_t)written;
	}
}

void exchange_receive(struct exchange *exchange, const void *data, size_t length_bytes)
{
	struct gh_error error;

	exchange->received += length_bytes;
	if (exchange->state != EXCHANGE_RECEIVING)
		return;
	if (exchange->received > exchange->length) {
		refuse(exchange, 400, "body_too_long", "more came than was announced");
		exchange->close_after = true;
		exchange->state = EXCHANGE_DRAINING;
	} else if (exchange->request.body_kind == BODY_BUNDLE) {
		write_upload(exchange, data, length_bytes);
	} else if (gh_bytes_append(&exchange->body, data, length_bytes, &error) != GH_OK) {
		answer_failure(&exchange->answer, GH_NO_MEMORY);
		exchange->state = EXCHANGE_DRAINING;
	}
}

static void *check(void *ctx)
{
	struct checking *checking = ctx;

	publication_check(&checking->publication);
	atomic_store(&checking->done, true);
	lws_cancel_service(checking->context);
	return NULL;
}

static void begin_check(struct exchange *exchange)
{
	struct checking *checking = &exchange->central->checking;

	close(exchange->file);
	exchange->file = -1;
	if (checking->running) {
		refuse(exchange, 503, "busy", "another bundle is being checked");
		answer_now(exchange);
		return;
	}
	memset(&checking->publication, 0, sizeof(checking->publication));
	memcpy(checking->publication.path, exchange->path, sizeof(exchange->path));
	checking->publication.signer_certificate =
		exchange->central->settings.signer_certificate_file;
	checking->publication.signer_key = exchange->central->settings.signer_key_file;
	checking->publication.id = exchange->request.id;
	checking->publication.version = exchange->request.version;
	checking->context = exchange->central->context;
	atomic_store(&checking->done, false);
	if (pthread_create(&checking->thread, NULL, check, checking) != 0) {
		refuse(exchange, 503, "busy", "no thread to check the bundle");
		answer_now(exchange);
		return;
	}
	checking->running = true;
	checking->exchange = exchange;
	exchange->path[0] = '\0';
	exchange->state = EXCHANGE_CHECKING;
}

void checking_finish(struct gh_central *central)
{
	struct checking *checking = &central->checking;
	struct exchange *exchange = checking->exchange;

	if (!checking->running || !atomic_load(&checking->done))
		return;
	pthread_join(checking->thread, NULL);
	checking->running = false;
	checking->exchange = NULL;
	/* Nobody waits for the answer any more: then it was not published. */
	if (!exchange) {
		unlink(checking->publication.path);
		return;
	}
	desk_publish(&central->desk, &checking->publication, &exchange->answer);
	answer_now(exchange);
}

void exchange_received(struct exchange *exchange)
{
	if (exchange->state == EXCHANGE_DRAINING) {
		answer_now(exchange);
		return;
	}
	if (exchange->state != EXCHANGE_RECEIVING)
		return;
	if (exchange->received < exchange->length) {
		refuse(exchange, 400, "body_too_short", "less came than was announced");
		exchange->close_after = true;
		answer_now(exchange);
		return;
	}
	if (exchange->request.body_kind == BODY_BUNDLE) {
		begin_check(exchange);
		return;
	}
	exchange->request.body = gh_bytes_view(&exchange->body);
	desk_decide(&exchange->central->desk, &exchange->deposit);
	answer_now(exchange);
}

static int add_text(struct lws *wsi, const char *name, const char *value, unsigned char **at,
	unsigned char *end)
{
	return lws_add_http_header_by_name(wsi, (const unsigned char *)name,
		(const unsigned char *)value, (int)strlen(value), at, end);
}

static bool has_no_body(const struct exchange *exchange)
{
	const struct answer *answer = &exchange->answer;

	return exchange->head || answer->status == 204 || answer->status == 304;
}

static uint64_t answer_bytes(const struct answer *answer)
{
	return answer->file >= 0 ? answer->file_bytes : answer->body.length_bytes;
}

static int add_offset(struct exchange *exchange, unsigned char **at, unsigned char *end)
{
	const struct answer *answer = &exchange->answer;
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)answer->upload_offset);
	return add_text(exchange->wsi, "upload-offset:", text, at, end) ||
		add_text(exchange->wsi, "upload-complete:", answer->upload_complete ? "?1" : "?0",
			at, end);
}

static int add_headers(struct exchange *exchange, unsigned char **at, unsigned char *end)
{
	struct lws *wsi = exchange->wsi;
	const struct answer *answer = &exchange->answer;
	char text[80];

	if (lws_add_http_header_status(wsi, (unsigned)answer->status, at, end))
		return -1;
	if (!has_no_body(exchange) &&
		(add_text(wsi, "content-type:", answer_content_type(answer), at, end) ||
			lws_add_http_header_content_length(wsi, answer_bytes(answer), at, end)))
		return -1;
	snprintf(text, sizeof(text), "\"%s\"", answer->etag);
	if (answer->etag[0] && add_text(wsi, "etag:", text, at, end))
		return -1;
	snprintf(text, sizeof(text), "%u", answer->retry_after_s);
	if (answer->retry_after_s && add_text(wsi, "retry-after:", text, at, end))
		return -1;
	if (answer->base64 && add_text(wsi, "content-transfer-encoding:", "base64", at, end))
		return -1;
	if (answer->challenge &&
		add_text(wsi, "www-authenticate:", "Basic realm=\"gatehouse\"", at, end))
		return -1;
	if (answer->says_offset && add_offset(exchange, at, end))
		return -1;
	if (answer->allow && add_text(wsi, "allow:", answer->allow, at, end))
		return -1;
	if (exchange->close_after && add_text(wsi, "connection:", "close", at, end))
		return -1;
	return add_text(wsi, "cache-control:", "no-store", at, end);
}

static int send_headers(struct exchange *exchange)
{
	unsigned char buffer[LWS_PRE + 1024];
	unsigned char *start = buffer + LWS_PRE;
	unsigned char *at = start;
	unsigned char *end = buffer + sizeof(buffer) - 1;

	if (add_headers(exchange, &at, end) ||
		lws_finalize_write_http_header(exchange->wsi, start, &at, end))
		return -1;
	exchange->state = EXCHANGE_SENDING;
	return 0;
}

/* The next piece of the answer's body into data; 0 at its end, -1 when it cannot be read. */
static ssize_t next_piece(struct exchange *exchange, unsigned char *data, size_t room)
{
	const struct answer *answer = &exchange->answer;
	uint64_t left = answer_bytes(answer) - exchange->sent;
	size_t length = left < room ? (size_t)left : room;

	if (answer->file < 0) {
		if (length > 0)
			memcpy(data, answer->body.data + exchange->sent, length);
		return (ssize_t)length;
	}
	ssize_t got = pread(answer->file, data, length, (off_t)exchange->sent);
	return got == 0 && length > 0 ? -1 : got;
}

static int end_of_answer(struct exchange *exchange)
{
	struct lws *wsi = exchange->wsi;
	bool close_after = exchange->close_after;

	/* Completed too soon, libwebsockets would end a connection that might serve on. */
	if (lws_partial_buffered(wsi)) {
		exchange->state = EXCHANGE_FLUSHING;
		lws_callback_on_writable(wsi);
		return 0;
	}
	exchange->state = EXCHANGE_SENT;
	lws_set_timer_usecs(wsi, LWS_SET_TIMER_USEC_CANCEL);
	if (close_after)
		return -1;
	return lws_http_transaction_completed(wsi) ? -1 : 0;
}

int exchange_send(struct exchange *exchange)
{
	unsigned char buffer[LWS_PRE + SEND_BYTES];
	uint64_t total = answer_bytes(&exchange->answer);
	ssize_t length;
	bool last;

	/* Writeable also comes before there is an answer, and while the last of it leaves. */
	if (exchange->state < EXCHANGE_ANSWERING || exchange->state == EXCHANGE_SENT ||
		exchange->answer.hold_ms > 0)
		return 0;
	if (exchange->state == EXCHANGE_FLUSHING)
		return end_of_answer(exchange);
	if (exchange->state == EXCHANGE_ANSWERING) {
		if (send_headers(exchange) != 0)
			return -1;
		if (has_no_body(exchange) || total == 0)
			return end_of_answer(exchange);
	}
	length = next_piece(exchange, buffer + LWS_PRE, SEND_BYTES);
	if (length < 0)
		return -1;
	last = exchange->sent + (uint64_t)length == total;
	if (lws_write(exchange->wsi, buffer + LWS_PRE, (size_t)length,
		    last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < (int)length)
		return -1;
	exchange->sent += (uint64_t)length;
	if (last)
		return end_of_answer(exchange);
	lws_callback_on_writable(exchange->wsi);
	return 0;
}
