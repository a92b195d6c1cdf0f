/* SPDX-License-Identifier: Apache-2.0 */
/* The service on libwebsockets: listening, TLS, connections, stop. */
#include "gatehouse/central/central.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exchange.h"
#include "gatehouse/base/file.h"
#include "gatehouse/base/log.h"
#include "gatehouse/base/port.h"
#include "gatehouse/crypto/certificate.h"
#include "gatehouse/crypto/session.h"
#include "gatehouse/settings/purpose.h"

#define HEADER_MAX_BYTES 4096
#define IDLE_TIMEOUT_S 60
#define STEP_TIMEOUT_S 15 /* handshake, headers, and each piece of a body */
#define STOP_TIMEOUT_S 5
#define DESTROY_INTERVAL_S 60

/*
 * Behind a pipelined request libwebsockets tells the same body's end again: once and again with
 * 4.1, or without end and before it writes anything, which would stop the whole service.
 */
#define BODY_ENDS_MAX 16

/* What libwebsockets keeps for a connection. */
struct connection {
	struct exchange *exchange;
};

static void end_exchange(struct connection *connection)
{
	if (!connection)
		return;
	exchange_end(connection->exchange);
	connection->exchange = NULL;
}

static bool is_enrolment(const struct gh_central *central, struct lws *wsi)
{
	return central->enrol_vhost && lws_get_vhost(wsi) == central->enrol_vhost;
}

/* Connections are counted by their opaque pointer, which only accepted ones have. */
static void count_connection(struct gh_central *central, struct lws *wsi, bool opens)
{
	unsigned *count = is_enrolment(central, wsi) ? &central->newcomers : &central->connections;

	if (opens) {
		lws_set_opaque_user_data(wsi, count);
		(*count)++;
	} else {
		count = lws_get_opaque_user_data(wsi);
		if (count == &central->newcomers || count == &central->connections) {
			lws_set_opaque_user_data(wsi, NULL);
			(*count)--;
		}
	}
	central->desk.metrics.connections = central->connections;
}

/* Those without a certificate have a number of their own, and cannot take the lanes' places. */
static bool is_full(const struct gh_central *central, struct lws *wsi)
{
	return is_enrolment(central, wsi)
		? central->newcomers >= NEWCOMERS_MAX
		: central->connections >= central->settings.lanes_max_connections;
}

static int begin_exchange(struct gh_central *central, struct lws *wsi,
	struct connection *connection, const void *path, size_t path_bytes)
{
	end_exchange(connection);
	connection->exchange = exchange_begin(central, wsi, path, path_bytes);
	return connection->exchange ? 0 : -1;
}

static int on_exchange(
	struct connection *connection, enum lws_callback_reasons reason, void *in, size_t length)
{
	struct exchange *exchange = connection ? connection->exchange : NULL;

	if (!exchange)
		return 0;
	switch (reason) {
	case LWS_CALLBACK_HTTP_BODY:
		exchange_receive(exchange, in, length);
		return 0;
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		exchange_received(exchange);
		return ++exchange->ends > BODY_ENDS_MAX ? -1 : 0;
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return exchange_send(exchange);
	default:
		return -1; /* the deadline */
	}
}

static enum gh_status secure(
	const struct gh_central *central, void *context, struct gh_error *error)
{
	enum gh_status status = gh_session_require(context, error);

	if (status == GH_OK && central && central->key.length_bytes > 0)
		status = gh_session_identify(context, central->settings.certificate_file,
			gh_bytes_view(&central->key), error);
	return status;
}

static int on_tls(enum lws_callback_reasons reason, void *user, void *in, size_t length)
{
	struct gh_error error;
	struct gh_central *central;

	/* Here 0 would accept whatever TLS has found wrong. */
	if (reason == LWS_CALLBACK_OPENSSL_PERFORM_CLIENT_CERT_VERIFICATION)
		return length == 1 ? 0 : 1;
	central = lws_vhost_user(in);
	if (secure(central, user, &error) == GH_OK) {
		if (central)
			central->tls_ready++;
		return 0;
	}
	gh_log(GH_LOG_ERROR, "central", "tls", gh_log_error(&error));
	if (central)
		central->tls_failed = true;
	return 1;
}

static int callback(
	struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t length)
{
	struct gh_central *central;

	if (reason == LWS_CALLBACK_OPENSSL_PERFORM_CLIENT_CERT_VERIFICATION ||
		reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS)
		return on_tls(reason, user, in, length);
	if (!wsi || !(central = lws_context_user(lws_get_context(wsi))))
		return 0;
	switch (reason) {
	case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
		return central->closing || is_full(central, wsi);
	case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
		count_connection(central, wsi, true);
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		count_connection(central, wsi, false);
		return 0;
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		return -1; /* neither WebSocket nor HTTP/2: there no deadline of ours holds */
	case LWS_CALLBACK_HTTP:
		return begin_exchange(central, wsi, user, in, length);
	case LWS_CALLBACK_HTTP_BODY:
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
	case LWS_CALLBACK_HTTP_WRITEABLE:
	case LWS_CALLBACK_TIMER:
		return on_exchange(user, reason, in, length);
	case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
	case LWS_CALLBACK_CLOSED_HTTP:
		end_exchange(user);
		return 0;
	case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
		checking_finish(central);
		return 0;
	default:
		return 0;
	}
}

/* libwebsockets' own words, without its line's end. */
static void log_line(int level, const char *line)
{
	char text[200];

	snprintf(text, sizeof(text), "%.*s", (int)strcspn(line, "\n"), line);
	gh_log(level == LLL_ERR ? GH_LOG_ERROR : GH_LOG_DEBUG, "central", "websockets",
		gh_log_place("said", text));
}

static void on_timer(lws_sorted_usec_list_t *timer)
{
	struct gh_central *central = lws_container_of(timer, struct gh_central, timer);

	desk_destroy_due(&central->desk);
	partials_expire(central->desk.partials);
	lws_sul_schedule(central->context, 0, timer, on_timer,
		DESTROY_INTERVAL_S * (lws_usec_t)LWS_US_PER_SEC);
}

static void on_looking(lws_sorted_usec_list_t *timer)
{
	struct gh_central *central = lws_container_of(timer, struct gh_central, looking);

	desk_look(&central->desk);
	lws_sul_schedule(central->context, 0, timer, on_looking,
		central->desk.monitoring.interval_ms * (lws_usec_t)1000);
}

/* Only there so that the loop looks at the clock while it waits to stop. */
static void on_stop_timer(lws_sorted_usec_list_t *timer)
{
	(void)timer;
}

/* A centre that cannot sign would publish what no lane takes. */
static enum gh_status check_signer(
	const struct gh_settings_central *central, struct gh_error *error)
{
	struct gh_certificate signer;
	enum gh_status status =
		gh_certificate_read(central->signer_certificate_file, &signer, error);

	if (status == GH_OK && strcmp(signer.role, GH_ROLE_SIGNER) != 0)
		return gh_error_set(error, GH_SETTINGS, "%s: its role is '%s', not '%s'",
			central->signer_certificate_file, signer.role, GH_ROLE_SIGNER);
	if (status == GH_OK)
		status = gh_certificate_match_key(
			central->signer_certificate_file, central->signer_key_file, error);
	return status == GH_INTEGRITY
		? gh_error_set(error, GH_SETTINGS, "%s does not belong to %s",
			  central->signer_key_file, central->signer_certificate_file)
		: status;
}

static enum gh_status refuse_key(
	const struct gh_settings_central *settings, enum gh_status status, struct gh_error *error)
{
	return status == GH_INTEGRITY ? gh_error_set(error, GH_SETTINGS, "%s does not belong to %s",
						settings->key_file, settings->certificate_file)
				      : status;
}

static enum gh_status look_at_issuer(const struct gh_settings_central *central,
	struct gh_purpose_facts *facts, struct gh_error *error)
{
	struct gh_certificate issuer;
	enum gh_status status;

	if (central->issuer_certificate_file[0] == '\0')
		return GH_OK;
	status = gh_certificate_read(central->issuer_certificate_file, &issuer, error);
	facts->demo_certificate |= issuer.demo;
	facts->key_in_file = !gh_provider_secret_name(central->issuer_key_file);
	return status;
}

static enum gh_status check_certificate(const struct gh_settings *settings, struct gh_error *error)
{
	const struct gh_settings_central *central = &settings->central;
	struct gh_purpose_facts facts = { .demo_certificate = false };
	struct gh_certificate own, issuer;
	enum gh_status status = gh_certificate_read(central->certificate_file, &own, error);

	if (status == GH_OK)
		status = gh_certificate_read(central->ca_file, &issuer, error);
	if (status != GH_OK)
		return status;
	facts.demo_certificate = own.demo || issuer.demo;
	status = look_at_issuer(central, &facts, error);
	if (status != GH_OK)
		return status;
	status = gh_purpose_check_central(settings, &facts, error);
	if (status != GH_OK)
		return status;
	if (!gh_provider_secret_name(central->key_file))
		status = gh_certificate_match_key(
			central->certificate_file, central->key_file, error);
	if (status != GH_OK)
		return refuse_key(central, status, error);
	return check_signer(central, error);
}

/* Read the private key where the setting names a secret of the provider. */
static enum gh_status read_key(struct gh_central *central, struct gh_error *error)
{
	const struct gh_settings_central *settings = &central->settings;
	const char *name = gh_provider_secret_name(settings->key_file);
	enum gh_status status;

	if (!name)
		return GH_OK;
	status = gh_provider_read_secret(central->desk.provider, name, &central->key, error);
	if (status != GH_OK)
		return status;
	status = gh_certificate_match_pem(
		settings->certificate_file, gh_bytes_view(&central->key), error);
	return refuse_key(settings, status, error);
}

/* From the provider, or from a file that only its owner may read. */
static enum gh_status read_issuer_key(
	struct gh_central *central, struct gh_bytes *key, struct gh_error *error)
{
	const struct gh_settings_central *settings = &central->settings;
	const char *name = gh_provider_secret_name(settings->issuer_key_file);
	enum gh_status status;

	if (name)
		return gh_provider_read_secret(central->desk.provider, name, key, error);
	status = gh_certificate_match_key(
		settings->issuer_certificate_file, settings->issuer_key_file, error);
	if (status == GH_OK)
		status = gh_file_read(
			settings->issuer_key_file, GH_PROVIDER_SECRET_BYTES_MAX, key, error);
	return status;
}

static enum gh_status open_issuer(
	struct gh_central *central, int64_t now_ms, struct gh_error *error)
{
	const struct gh_settings_central *settings = &central->settings;
	struct gh_bytes key = GH_BYTES_EMPTY;
	enum gh_status status;

	if (settings->issuer_certificate_file[0] == '\0')
		return GH_OK;
	central->desk.issue = (struct gh_issue){
		.organisation = settings->issued_organisation,
		.role = GH_ROLE_LANE,
		.domain = settings->issued_domain,
		.life_ms = settings->issued_minutes * INT64_C(60000),
	};
	status = read_issuer_key(central, &key, error);
	if (status == GH_OK)
		status = gh_issuer_open(settings->issuer_certificate_file, gh_bytes_view(&key),
			settings->ca_file, now_ms, &central->desk.issuer, error);
	gh_bytes_finish(&key);
	if (status == GH_INTEGRITY)
		status = gh_error_set(error, GH_SETTINGS, "%s does not belong to %s",
			settings->issuer_key_file, settings->issuer_certificate_file);
	return status;
}

static struct gh_provider_options provider_of(const struct gh_settings *settings)
{
	const struct gh_settings_keys *keys = &settings->keys;

	return (struct gh_provider_options){
		.kind = keys->provider,
		.folder = keys->directory,
		.shared = settings->central.store[0] != '\0',
		.systemd_key = keys->systemd_key,
		.tpm2_tcti = keys->tpm2_tcti,
		.tpm2_pcrs = keys->tpm2_pcrs,
		.tpm2_index = keys->tpm2_index,
	};
}

static enum gh_status open_voyages(
	struct desk *desk, const struct gh_settings_central *settings, struct gh_error *error)
{
	enum gh_status status = GH_OK;

	if (settings->voyages_directory[0])
		gh_text_copy(desk->voyages_folder, sizeof(desk->voyages_folder),
			settings->voyages_directory);
	else
		status = gh_path_join(settings->data_directory, "voyages", desk->voyages_folder,
			sizeof(desk->voyages_folder), error);
	return status == GH_OK ? gh_folder_make(desk->voyages_folder, error) : status;
}

static enum gh_status open_desk(struct gh_central *central, const struct gh_settings *settings,
	const struct gh_clock *clock, struct gh_error *error)
{
	struct desk *desk = &central->desk;
	const char *folder = settings->central.data_directory;
	const struct store_options store = { folder, settings->central.store,
		settings->central.list_delay_ms, clock->real_ms(clock) };
	struct gh_provider_options keys = provider_of(settings);
	enum gh_status status = gh_folder_make(folder, error);

	desk->clock = clock;
	desk->monitoring = settings->monitoring;
	desk->settings = &central->settings;
	desk->metrics.connections_max = settings->central.lanes_max_connections;
	desk->purpose = settings->central.purpose;
	desk->registered_only = settings->central.registered_only;
	desk->issued_only = settings->central.issued_only;
	desk->limits.record_days = settings->central.record_days;
	desk->limits.access_days = settings->central.access_days;
	if (status == GH_OK)
		status = gh_folder_check_own(folder, error);
	if (status == GH_OK)
		status = open_voyages(desk, &settings->central, error);
	if (status == GH_OK)
		status = gh_path_join(folder, "witness", desk->witness_folder,
			sizeof(desk->witness_folder), error);
	if (status == GH_OK)
		status = gh_folder_make(desk->witness_folder, error);
	if (status == GH_OK)
		status = partials_create(settings->central.uploads_bytes_max,
			settings->central.uploads_seconds, clock, &desk->partials, error);
	if (status == GH_OK)
		status = gh_provider_open_with(&keys, &desk->provider, error);
	if (status == GH_OK)
		status = store_open(&store, &desk->store, error);
	if (status != GH_OK)
		return status;
	desk_clean_uploads(desk);
	desk_destroy_due(desk);
	return GH_OK;
}

static void fill_info(struct gh_central *central, struct lws_context_creation_info *info)
{
	const struct gh_settings_central *settings = &central->settings;

	central->protocols[0] = (struct lws_protocols){
		.name = "http",
		.callback = callback,
		.per_session_data_size = sizeof(struct connection),
		.tx_packet_size = SEND_BYTES,
	};
	memset(info, 0, sizeof(*info));
	info->user = central;
	info->port = settings->listen_port ? (int)settings->listen_port : 0;
	info->iface = settings->listen_address;
	info->protocols = central->protocols;
	info->server_string = "gatehouse-central";
	info->alpn = "http/1.1";
	info->ssl_cert_filepath = settings->certificate_file;
	if (central->key.length_bytes == 0)
		info->ssl_private_key_filepath = settings->key_file;
	info->ssl_ca_filepath = settings->ca_file;
	info->options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
		LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT |
		LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
		LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND;
	info->max_http_header_data = HEADER_MAX_BYTES;
	info->max_http_header_pool = (unsigned short)(settings->lanes_max_connections < 4096
			? settings->lanes_max_connections + 8 + NEWCOMERS_MAX
			: 4096);
	info->timeout_secs = STEP_TIMEOUT_S;
	info->keepalive_timeout = IDLE_TIMEOUT_S;
}

/* A second port, on which nobody is asked for a certificate, and little can be asked for. */
static enum gh_status listen_for_newcomers(struct gh_central *central,
	const struct lws_context_creation_info *info, struct gh_error *error)
{
	struct lws_context_creation_info other = *info;

	if (central->settings.enrol_port == 0)
		return GH_OK;
	other.port = (int)central->settings.enrol_port;
	other.vhost_name = "enrol";
	other.ssl_ca_filepath = NULL;
	/* The one has the other's bit in it, and without that there would be no TLS. */
	other.options &= ~(uint64_t)LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT;
	other.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	central->enrol_vhost = lws_create_vhost(central->context, &other);
	if (!central->enrol_vhost)
		return gh_error_set(error, GH_BUSY, "libwebsockets: cannot listen on %s port %u",
			central->settings.listen_address, central->settings.enrol_port);
	gh_log(GH_LOG_NOTICE, "central", "enrolling",
		gh_log_integer("port", central->settings.enrol_port));
	return GH_OK;
}

static enum gh_status listen_on(struct gh_central *central, struct gh_error *error)
{
	struct lws_context_creation_info info;
	const char *address = central->settings.listen_address;
	enum gh_status status = gh_port_check_free(address, central->settings.listen_port, error);

	if (status == GH_OK && central->settings.enrol_port != 0)
		status = gh_port_check_free(address, central->settings.enrol_port, error);

	if (status != GH_OK)
		return status;
	fill_info(central, &info);
	lws_set_log_level(LLL_ERR | LLL_WARN, log_line);
	central->context = lws_create_context(&info);
	if (!central->context)
		return gh_error_set(error, GH_NO_MEMORY, "libwebsockets: no context");
	central->vhost = lws_create_vhost(central->context, &info);
	if (!central->vhost)
		return gh_error_set(error, GH_BUSY,
			"libwebsockets: cannot listen on %s port %u with these certificates",
			central->settings.listen_address, central->settings.listen_port);
	status = listen_for_newcomers(central, &info, error);
	if (status != GH_OK)
		return status;
	if (central->tls_failed || central->tls_ready != (central->enrol_vhost ? 2u : 1u))
		return gh_error_set(error, GH_INTERNAL, "TLS 1.3 cannot be required");
	lws_sul_schedule(central->context, 0, &central->timer, on_timer,
		DESTROY_INTERVAL_S * (lws_usec_t)LWS_US_PER_SEC);
	lws_sul_schedule(central->context, 0, &central->looking, on_looking,
		central->desk.monitoring.interval_ms * (lws_usec_t)1000);
	return GH_OK;
}

enum gh_status gh_central_open(const struct gh_settings *settings, const struct gh_clock *clock,
	struct gh_central **central, struct gh_error *error)
{
	struct gh_central *made = calloc(1, sizeof(*made));
	enum gh_status status;

	*central = NULL;
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "central service");
	made->settings = settings->central;
	status = check_certificate(settings, error);
	if (status == GH_OK)
		status = open_desk(made, settings, clock, error);
	if (status == GH_OK)
		status = read_key(made, error);
	if (status == GH_OK)
		status = open_issuer(made, clock->real_ms(clock), error);
	if (status == GH_OK)
		status = listen_on(made, error);
	gh_bytes_finish(&made->key);
	if (status != GH_OK) {
		gh_central_close(made);
		return status;
	}
	gh_log(GH_LOG_NOTICE, "central", "listening", gh_log_integer("port", gh_central_port(made)),
		gh_log_word("purpose", gh_purpose_word(made->desk.purpose)));
	*central = made;
	return GH_OK;
}

uint16_t gh_central_port(const struct gh_central *central)
{
	return (uint16_t)lws_get_vhost_listen_port(central->vhost);
}

static uint64_t now_us(const struct gh_central *central)
{
	return central->desk.clock->monotonic_us(central->desk.clock);
}

/* Finish what is under way, but not for ever. */
static void wind_up(struct gh_central *central)
{
	uint64_t end_us = now_us(central) + STOP_TIMEOUT_S * UINT64_C(1000000);
	lws_sorted_usec_list_t tick = { .us = 0 };

	central->closing = true;
	while (central->exchanges > 0 && now_us(central) < end_us) {
		lws_sul_schedule(
			central->context, 0, &tick, on_stop_timer, (lws_usec_t)LWS_US_PER_SEC / 10);
		if (lws_service(central->context, 0) < 0)
			break;
	}
	lws_sul_schedule(central->context, 0, &tick, on_stop_timer, LWS_SET_TIMER_USEC_CANCEL);
}

enum gh_status gh_central_serve(struct gh_central *central, struct gh_error *error)
{
	while (!atomic_load(&central->stop)) {
		if (lws_service(central->context, 0) < 0)
			return gh_error_set(error, GH_IO, "libwebsockets: the event loop failed");
	}
	gh_log_bare(GH_LOG_NOTICE, "central", "stopping");
	wind_up(central);
	return GH_OK;
}

void gh_central_stop(struct gh_central *central)
{
	atomic_store(&central->stop, true);
	lws_cancel_service(central->context);
}

void gh_central_close(struct gh_central *central)
{
	if (!central)
		return;
	if (central->context)
		lws_context_destroy(central->context);
	if (central->checking.running) {
		pthread_join(central->checking.thread, NULL);
		remove(central->checking.publication.path);
	}
	gh_issuer_close(central->desk.issuer);
	store_close(central->desk.store);
	partials_destroy(central->desk.partials);
	gh_provider_close(central->desk.provider);
	free(central);
}
