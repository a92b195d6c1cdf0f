/* SPDX-License-Identifier: Apache-2.0 */
/* The exporter on libwebsockets: one request and one answer for each connection. */
#include "gatehouse/exporter/exporter.h"

#include <libwebsockets.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/exposition.h"
#include "gatehouse/base/log.h"
#include "gatehouse/base/port.h"
#include "gatehouse/crypto/certificate.h"
#include "gatehouse/crypto/session.h"

#define HEADER_MAX_BYTES 4096
#define PIECE_BYTES 16384

struct gh_exporter {
	struct gh_exporter_options options;
	bool secure;
	bool tls_failed;
	struct lws_context *context;
	struct lws_vhost *vhost;
	struct lws_protocols protocols[2];
	unsigned connections;
	struct gh_bytes text; /* of the last scrape */
	uint64_t made_us;     /* 0: none yet */
	atomic_bool stop;
};

/* What libwebsockets keeps for a connection, zeroed. */
struct connection {
	unsigned status; /* 0: not asked yet */
	struct gh_bytes body;
	size_t sent;
	bool headers_sent;
};

static uint64_t now_us(const struct gh_exporter *exporter)
{
	return exporter->options.clock->monotonic_us(exporter->options.clock);
}

static bool is_fresh(const struct gh_exporter *exporter)
{
	return exporter->made_us != 0 &&
		now_us(exporter) - exporter->made_us < GH_EXPORTER_FRESH_MS * UINT64_C(1000);
}

static enum gh_status refresh(struct gh_exporter *exporter, struct gh_error *error)
{
	enum gh_status status;

	if (is_fresh(exporter))
		return GH_OK;
	gh_bytes_clear(&exporter->text);
	exporter->made_us = 0;
	status = exporter->options.write(exporter->options.ctx, &exporter->text, error);
	if (status == GH_OK)
		exporter->made_us = now_us(exporter);
	return status;
}

static void answer_metrics(struct gh_exporter *exporter, struct connection *connection)
{
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status = refresh(exporter, &error);

	if (status == GH_OK)
		status = gh_bytes_append(&connection->body, exporter->text.data,
			exporter->text.length_bytes, &error);
	connection->status = status == GH_OK ? 200 : 503;
	if (status != GH_OK)
		gh_log(GH_LOG_WARNING, "exporter", "not_told", gh_log_error(&error));
}

/* Whether the certificate that was shown is a monitor's; plain HTTP is loopback's alone. */
static bool is_permitted(const struct gh_exporter *exporter, struct lws *wsi)
{
	struct gh_certificate peer;
	struct gh_error error;

	if (!exporter->secure)
		return true;
	return gh_session_peer(lws_get_ssl(wsi), &peer, &error) == GH_OK &&
		strcmp(peer.role, GH_ROLE_MONITOR) == 0;
}

static int on_request(struct gh_exporter *exporter, struct lws *wsi, struct connection *connection)
{
	char *path;
	int length;
	int method = lws_http_get_uri_and_method(wsi, &path, &length);

	/* Behind the answer nothing more is read. */
	if (connection->status != 0)
		return -1;
	if (!is_permitted(exporter, wsi))
		connection->status = 403;
	else if (method < 0 || length != 8 || memcmp(path, "/metrics", 8) != 0)
		connection->status = 404;
	else if (method != LWSHUMETH_GET)
		connection->status = 405;
	else
		answer_metrics(exporter, connection);
	lws_callback_on_writable(wsi);
	return 0;
}

static int add(struct lws *wsi, const char *name, const char *value, unsigned char **at,
	unsigned char *end)
{
	return lws_add_http_header_by_name(wsi, (const unsigned char *)name,
		(const unsigned char *)value, (int)strlen(value), at, end);
}

static int send_headers(struct lws *wsi, struct connection *connection)
{
	unsigned char buffer[LWS_PRE + 512];
	unsigned char *start = buffer + LWS_PRE;
	unsigned char *at = start;
	unsigned char *end = buffer + sizeof(buffer) - 1;

	if (lws_add_http_header_status(wsi, connection->status, &at, end) ||
		lws_add_http_header_content_length(wsi, connection->body.length_bytes, &at, end) ||
		add(wsi, "content-type:", GH_EXPOSITION_TYPE, &at, end) ||
		(connection->status == 405 && add(wsi, "allow:", "GET", &at, end)) ||
		add(wsi, "connection:", "close", &at, end) ||
		lws_finalize_write_http_header(wsi, start, &at, end))
		return -1;
	connection->headers_sent = true;
	return 0;
}

static int on_writable(struct lws *wsi, struct connection *connection)
{
	unsigned char buffer[LWS_PRE + PIECE_BYTES];
	size_t left = connection->body.length_bytes - connection->sent;
	size_t piece = left < PIECE_BYTES ? left : PIECE_BYTES;

	if (connection->status == 0)
		return 0;
	if (!connection->headers_sent && send_headers(wsi, connection) != 0)
		return -1;
	if (lws_partial_buffered(wsi) || piece > 0)
		lws_callback_on_writable(wsi);
	if (lws_partial_buffered(wsi))
		return 0;
	if (piece == 0)
		return -1;
	memcpy(buffer + LWS_PRE, connection->body.data + connection->sent, piece);
	connection->sent += piece;
	return lws_write(wsi, buffer + LWS_PRE, piece,
		       piece == left ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < (int)piece
		? -1
		: 0;
}

/* Connections are counted by their opaque pointer, which only accepted ones have. */
static void count_connection(struct gh_exporter *exporter, struct lws *wsi, bool opens)
{
	if (opens) {
		lws_set_opaque_user_data(wsi, exporter);
		lws_set_timer_usecs(wsi, GH_EXPORTER_DEADLINE_S * LWS_US_PER_SEC);
		exporter->connections++;
	} else if (lws_get_opaque_user_data(wsi) == exporter) {
		lws_set_opaque_user_data(wsi, NULL);
		exporter->connections--;
	}
}

static int on_tls(enum lws_callback_reasons reason, void *user, void *in, size_t length)
{
	struct gh_exporter *exporter;
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status;

	/* Here 0 would accept whatever TLS has found wrong. */
	if (reason == LWS_CALLBACK_OPENSSL_PERFORM_CLIENT_CERT_VERIFICATION)
		return length == 1 ? 0 : 1;
	exporter = lws_vhost_user(in);
	status = gh_session_require(user, &error);
	if (status == GH_OK && exporter && exporter->options.key.length_bytes > 0)
		status = gh_session_identify(
			user, exporter->options.certificate_file, exporter->options.key, &error);
	if (status == GH_OK)
		return 0;
	gh_log(GH_LOG_ERROR, "exporter", "tls", gh_log_error(&error));
	if (exporter)
		exporter->tls_failed = true;
	return 1;
}

static int on_connection(struct gh_exporter *exporter, struct lws *wsi,
	enum lws_callback_reasons reason, struct connection *connection)
{
	switch (reason) {
	case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
		return exporter->connections >= GH_EXPORTER_CONNECTIONS_MAX;
	case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
		count_connection(exporter, wsi, true);
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		count_connection(exporter, wsi, false);
		return 0;
	case LWS_CALLBACK_HTTP:
		return connection ? on_request(exporter, wsi, connection) : -1;
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return connection ? on_writable(wsi, connection) : -1;
	case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
	case LWS_CALLBACK_CLOSED_HTTP:
		if (connection)
			gh_bytes_finish(&connection->body);
		return 0;
	case LWS_CALLBACK_TIMER:
	case LWS_CALLBACK_HTTP_BODY:
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		return -1; /* the deadline; and what nobody who scrapes sends */
	default:
		return 0;
	}
}

static int callback(
	struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t length)
{
	struct gh_exporter *exporter;

	if (reason == LWS_CALLBACK_OPENSSL_PERFORM_CLIENT_CERT_VERIFICATION ||
		reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS)
		return on_tls(reason, user, in, length);
	if (!wsi || !(exporter = lws_context_user(lws_get_context(wsi))))
		return 0;
	return on_connection(exporter, wsi, reason, user);
}

/* libwebsockets' own words, without its line's end. */
static void log_line(int level, const char *line)
{
	char text[200];

	snprintf(text, sizeof(text), "%.*s", (int)strcspn(line, "\n"), line);
	gh_log(level == LLL_ERR ? GH_LOG_ERROR : GH_LOG_DEBUG, "exporter", "websockets",
		gh_log_place("said", text));
}

static enum gh_status check_tls(const struct gh_exporter_options *options, struct gh_error *error)
{
	struct gh_certificate authority;
	enum gh_status status = gh_certificate_read(options->ca_file, &authority, error);

	if (status == GH_OK && options->key.length_bytes > 0)
		status = gh_certificate_match_pem(options->certificate_file, options->key, error);
	else if (status == GH_OK)
		status = gh_certificate_match_key(
			options->certificate_file, options->key_file, error);
	if (status == GH_INTEGRITY)
		status = gh_error_set(error, GH_SETTINGS, "%s does not belong to %s",
			options->key_file, options->certificate_file);
	if (status != GH_OK)
		gh_error_wrap(error, "[metrics]");
	return status;
}

static enum gh_status check(struct gh_exporter *exporter, struct gh_error *error)
{
	const struct gh_exporter_options *options = &exporter->options;
	enum gh_status status;

	exporter->secure = options->certificate_file[0] != '\0' || options->key_file[0] != '\0' ||
		options->ca_file[0] != '\0';
	if (!exporter->secure && !gh_port_is_loopback(options->listen_address))
		return gh_error_set(error, GH_SETTINGS,
			"[metrics] listen_address = %s is not loopback: it needs "
			"certificate_file, key_file and ca_file",
			options->listen_address);
	status = gh_port_check_free(options->listen_address, options->listen_port, error);
	if (status != GH_OK) {
		gh_error_wrap(error, "[metrics] listen_port");
		return status;
	}
	return exporter->secure ? check_tls(options, error) : GH_OK;
}

static void fill_info(struct gh_exporter *exporter, struct lws_context_creation_info *info)
{
	const struct gh_exporter_options *options = &exporter->options;

	exporter->protocols[0] = (struct lws_protocols){
		.name = "http",
		.callback = callback,
		.per_session_data_size = sizeof(struct connection),
		.tx_packet_size = PIECE_BYTES,
	};
	memset(info, 0, sizeof(*info));
	info->user = exporter;
	info->port = (int)options->listen_port;
	info->iface = options->listen_address;
	info->protocols = exporter->protocols;
	info->server_string = "gatehouse";
	info->options =
		LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND;
	info->max_http_header_data = HEADER_MAX_BYTES;
	info->max_http_header_pool = GH_EXPORTER_CONNECTIONS_MAX;
	info->timeout_secs = GH_EXPORTER_DEADLINE_S;
	info->keepalive_timeout = GH_EXPORTER_DEADLINE_S;
	if (!exporter->secure)
		return;
	info->alpn = "http/1.1";
	info->ssl_cert_filepath = options->certificate_file;
	if (options->key.length_bytes == 0)
		info->ssl_private_key_filepath = options->key_file;
	info->ssl_ca_filepath = options->ca_file;
	info->options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
		LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT |
		LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
}

static enum gh_status listen_on(struct gh_exporter *exporter, struct gh_error *error)
{
	struct lws_context_creation_info info;

	fill_info(exporter, &info);
	lws_set_log_level(LLL_ERR | LLL_WARN, log_line);
	exporter->context = lws_create_context(&info);
	if (!exporter->context)
		return gh_error_set(error, GH_NO_MEMORY, "[metrics]: libwebsockets: no context");
	exporter->vhost = lws_create_vhost(exporter->context, &info);
	if (!exporter->vhost)
		return gh_error_set(error, GH_BUSY,
			"[metrics] listen_port: libwebsockets cannot listen on %s port %u",
			exporter->options.listen_address, exporter->options.listen_port);
	if (exporter->tls_failed)
		return gh_error_set(error, GH_INTERNAL, "[metrics]: TLS 1.3 cannot be required");
	return GH_OK;
}

enum gh_status gh_exporter_open(const struct gh_exporter_options *options,
	struct gh_exporter **exporter, struct gh_error *error)
{
	struct gh_exporter *made = calloc(1, sizeof(*made));
	enum gh_status status;

	*exporter = NULL;
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "exporter");
	made->options = *options;
	status = check(made, error);
	if (status == GH_OK)
		status = listen_on(made, error);
	made->options.key = (struct gh_view){ NULL, 0 };
	if (status != GH_OK) {
		gh_exporter_close(made);
		return status;
	}
	gh_log(GH_LOG_NOTICE, "exporter", "listening",
		gh_log_integer("port", gh_exporter_port(made)));
	*exporter = made;
	return GH_OK;
}

uint16_t gh_exporter_port(const struct gh_exporter *exporter)
{
	return (uint16_t)lws_get_vhost_listen_port(exporter->vhost);
}

void gh_exporter_run(struct gh_exporter *exporter)
{
	while (!atomic_load(&exporter->stop) && lws_service(exporter->context, 0) >= 0)
		;
}

void gh_exporter_stop(struct gh_exporter *exporter)
{
	atomic_store(&exporter->stop, true);
	lws_cancel_service(exporter->context);
}

void gh_exporter_close(struct gh_exporter *exporter)
{
	if (!exporter)
		return;
	if (exporter->context)
		lws_context_destroy(exporter->context);
	gh_bytes_finish(&exporter->text);
	free(exporter);
}
