/* SPDX-License-Identifier: Apache-2.0 */
/* A lane's first certificate: a key is made here, and the centre certifies it for a token. */
#include "gatehouse/uplink/est.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/file.h"
#include "gatehouse/crypto/credential.h"
#include "gatehouse/daemon/compose.h"
#include "command.h"
#include "tables.h"

#define TOKEN_BYTES_MAX 128u

/* One line, from a file or from what is piped in: never an argument, which ps shows to all. */
static enum gh_status read_token(struct call *call, char token[TOKEN_BYTES_MAX + 1])
{
	const char *path = call_option(call, "--token-file", NULL);
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	size_t length;
	enum gh_status status = GH_OK;

	if (path) {
		status = gh_file_read(path, TOKEN_BYTES_MAX + 2, &bytes, &call->error);
	} else {
		status = gh_bytes_reserve(&bytes, TOKEN_BYTES_MAX + 2, &call->error);
		if (status == GH_OK)
			bytes.length_bytes = fread(bytes.data, 1, TOKEN_BYTES_MAX + 2, stdin);
	}
	for (length = 0; length < bytes.length_bytes && bytes.data[length] > ' ' &&
		bytes.data[length] <= '~';)
		length++;
	if (status == GH_OK && (length == 0 || length > TOKEN_BYTES_MAX))
		status = gh_error_set(&call->error, GH_MALFORMED, "%s: no token in it",
			path ? path : "standard input");
	if (status == GH_OK) {
		memcpy(token, bytes.data, length);
		token[length] = '\0';
	}
	gh_bytes_finish(&bytes);
	return status;
}

/* A living certificate is not thrown away by mistake. */
static enum gh_status check_present(struct call *call, int64_t now_ms)
{
	const char *path = call->settings.uplink.certificate_file;
	struct gh_certificate present;
	char until[GH_TIME_TEXT_BYTES];

	if (call_has(call, "--force") || gh_certificate_read(path, &present, NULL) != GH_OK ||
		present.not_after_ms <= now_ms)
		return GH_OK;
	gh_time_format(present.not_after_ms, until);
	return gh_error_set(&call->error, GH_EXISTS,
		"%s holds a certificate of %s until %s; --force replaces it", path, present.name,
		until);
}

static enum gh_status certify(struct call *call, const struct gh_uplink_options *options,
	const struct gh_credential *place, int64_t now_ms)
{
	struct gh_certs above = { .count = 0 };
	struct gh_bytes csr = GH_BYTES_EMPTY;
	struct gh_bytes der = GH_BYTES_EMPTY;
	enum gh_status status = gh_credential_begin(place, &csr, &call->error);

	if (status == GH_OK)
		status = gh_est_certify(options, gh_bytes_view(&csr), &der, &call->error);
	if (status == GH_OK)
		status = gh_est_authorities(options, &above, &call->error);
	if (status == GH_OK)
		status = gh_credential_keep(
			place, gh_bytes_view(&der), &above, now_ms, &call->error);
	if (status == GH_OK)
		status = gh_credential_adopt(place, now_ms, &call->error);
	gh_certs_finish(&above);
	gh_bytes_finish(&csr);
	gh_bytes_finish(&der);
	return status;
}

/* What a refused key leaves is of no use with another token. */
static void drop_refused(const struct gh_credential *place, enum gh_status status)
{
	struct gh_error unheard;

	if (status == GH_REFUSED && gh_credential_drop(place, &unheard) != GH_OK)
		fprintf(stderr, "gatehouse: %s\n", unheard.text);
}

static enum gh_status open_provider(struct call *call, struct gh_provider **provider)
{
	struct gh_provider_options keys = gh_compose_provider(&call->settings);

	if (!gh_provider_secret_name(call->settings.uplink.key_file))
		return GH_OK;
	return gh_provider_open_with(&keys, provider, &call->error);
}

static enum gh_status enrol(struct call *call, const char *token)
{
	const struct gh_settings_uplink *uplink = &call->settings.uplink;
	int64_t now_ms = gh_clock_system()->real_ms(gh_clock_system());
	struct gh_uplink_options options = {
		.url = call_option(call, "--centre", uplink->url),
		.ca_file = call_option(call, "--ca", uplink->ca_file),
		.user = call->settings.lane.id,
		.token = token,
		.connect_timeout_ms = uplink->connect_timeout_ms,
		.transfer_timeout_ms = uplink->transfer_timeout_ms,
		.clock = gh_clock_system(),
	};
	struct gh_credential place = { .certificate_file = uplink->certificate_file,
		.key = uplink->key_file,
		.name = call->settings.lane.id };
	enum gh_status status = open_provider(call, &place.provider);

	if (status == GH_OK)
		status = gh_credential_settle(&place, &call->error);
	if (status == GH_OK)
		status = certify(call, &options, &place, now_ms);
	drop_refused(&place, status);
	gh_provider_close(place.provider);
	return status;
}

static int tell(struct call *call)
{
	const char *path = call->settings.uplink.certificate_file;
	struct gh_certificate made;
	char until[GH_TIME_TEXT_BYTES];
	enum gh_status status = gh_certificate_read(path, &made, &call->error);

	if (status != GH_OK)
		return call_fail(call, status);
	gh_time_format(made.not_after_ms, until);
	if (call->json)
		return call_print_json(json_pack("{s:s,s:s,s:s}", "name", made.name,
			"certificate_file", path, "not_after", until));
	printf("enrolled %s until %s\n", made.name, until);
	return EXIT_FINE;
}

/* enrol */
static int run_enrol(struct call *call)
{
	const struct gh_settings_uplink *uplink = &call->settings.uplink;
	char token[TOKEN_BYTES_MAX + 1] = "";
	enum gh_status status = GH_OK;

	if (uplink->certificate_file[0] == '\0' || uplink->key_file[0] == '\0')
		status = gh_error_set(&call->error, GH_SETTINGS,
			"[uplink] certificate_file and key_file say where to put them");
	if (status == GH_OK)
		status = check_present(call, gh_clock_system()->real_ms(gh_clock_system()));
	if (status == GH_OK)
		status = read_token(call, token);
	if (status == GH_OK)
		status = enrol(call, token);
	gh_wipe(token, sizeof(token));
	return status == GH_OK ? tell(call) : call_fail(call, status);
}

static const struct option_known enrol_options[] = {
	{ "--centre", "URL", "where the centre enrols, as https://host:port" },
	{ "--ca", "FILE", "who may sign the centre's certificate" },
	{ "--token-file", "FILE", "the token of gatehouse device token (default: standard input)" },
	{ "--force", NULL, "replace a certificate that still lives" },
	{ NULL, NULL, NULL },
};

const struct command enrol_commands[] = {
	{ "enrol", "", 0, 0,
		"Make this lane's key and have the centre certify it, for a token. The lane must "
		"be stopped.",
		"gatehouse enrol --centre https://centre:8444 --token-file t --config lane.conf",
		enrol_options, run_enrol },
	{ NULL, NULL, 0, 0, NULL, NULL, NULL, NULL },
};
