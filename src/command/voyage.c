/* SPDX-License-Identifier: Apache-2.0 */
/* What an operator asks of the centre: voyages, what lanes delivered, which lanes it knows. */
#include "gatehouse/uplink/uplink.h"

#include <stdlib.h>
#include <string.h>

#include "gatehouse/crypto/provider.h"
#include "gatehouse/daemon/compose.h"
#include "gatehouse/manifest/bundle.h"
#include "command.h"
#include "tables.h"

#define ANSWER_BYTES_MAX (64u * 1024u * 1024u)

static struct gh_uplink_options options_of(const struct call *call)
{
	const struct gh_settings_uplink *uplink = &call->settings.uplink;

	return (struct gh_uplink_options){
		.url = call_option(call, "--url", uplink->url),
		.ca_file = call_option(call, "--ca", uplink->ca_file),
		.certificate_file = call_option(call, "--cert", uplink->certificate_file),
		.key_file = call_option(call, "--key", uplink->key_file),
		.connect_timeout_ms = uplink->connect_timeout_ms,
		.transfer_timeout_ms = 600000,
		.backoff_first_ms = uplink->backoff_first_ms,
		.backoff_max_ms = uplink->backoff_max_ms,
		.voyages_interval_ms = uplink->voyages_interval_ms,
		.passages_interval_ms = uplink->passages_interval_ms,
		.download_folder = ".",
		.clock = gh_clock_system(),
	};
}

static enum gh_status refused(struct call *call, long http_status, const struct gh_bytes *answer)
{
	json_t *object = json_loadb((const char *)answer->data, answer->length_bytes, 0, NULL);
	const char *reason =
		json_string_value(json_object_get(json_object_get(object, "error"), "reason"));
	enum gh_status status = http_status == 403 || http_status == 401 ? GH_DENIED
		: http_status == 404                                     ? GH_NOT_FOUND
		: http_status >= 500                                     ? GH_OFFLINE
									 : GH_REFUSED;

	gh_error_set(&call->error, status, "the centre answered %ld%s%s", http_status,
		reason ? ": " : "", reason ? reason : "");
	json_decref(object);
	return status;
}

/* Where the settings name a secret of the provider instead of a file. */
static enum gh_status read_key(
	struct call *call, struct gh_uplink_options *options, struct gh_bytes *key)
{
	struct gh_provider_options keys = gh_compose_provider(&call->settings);
	const char *name = gh_provider_secret_name(options->key_file);
	struct gh_provider *provider;
	enum gh_status status;

	if (!name)
		return GH_OK;
	status = gh_provider_open_with(&keys, &provider, &call->error);
	if (status == GH_OK)
		status = gh_provider_read_secret(provider, name, key, &call->error);
	gh_provider_close(provider);
	options->key = gh_bytes_view(key);
	return status;
}

/* One request; the answer's JSON (or null) is the caller's. */
static int ask(struct call *call, const struct gh_request *request, json_t **answer)
{
	struct gh_uplink_options options = options_of(call);
	struct gh_bytes body = GH_BYTES_EMPTY;
	struct gh_bytes key = GH_BYTES_EMPTY;
	long http_status = 0;
	enum gh_status status;

	*answer = NULL;
	if (options.url[0] == '\0') {
		gh_error_set(&call->error, GH_SETTINGS, "no centre: set [uplink] url, or --url");
		return call_fail(call, GH_SETTINGS);
	}
	status = read_key(call, &options, &key);
	if (status == GH_OK)
		status = gh_uplink_request(&options, request, &http_status, &body, &call->error);
	gh_bytes_finish(&key);
	if (status == GH_OK && (http_status < 200 || http_status > 299))
		status = refused(call, http_status, &body);
	if (status == GH_OK)
		*answer = body.length_bytes ? json_loadb((const char *)body.data, body.length_bytes,
						      JSON_DECODE_ANY, NULL)
					    : json_null();
	gh_bytes_finish(&body);
	if (status == GH_OK && !*answer)
		status =
			gh_error_set(&call->error, GH_MALFORMED, "the centre's answer is not JSON");
	return status == GH_OK ? EXIT_FINE : call_fail(call, status);
}

static int run_publish(struct call *call)
{
	struct gh_request request = { .method = "PUT",
		.content_type = "application/octet-stream",
		.answer_max_bytes = 65536 };
	struct gh_bundle *bundle;
	char id[GH_ID_TEXT_BYTES];
	char path[128];
	json_t *answer;
	int result;
	enum gh_status status = gh_bundle_open(call->words[0], &bundle, &call->error);

	if (status != GH_OK)
		return call_fail(call, status);
	gh_id_format(&gh_bundle_voyage(bundle)->id, id);
	snprintf(path, sizeof(path), "/v1/voyages/%s/versions/%u", id,
		gh_bundle_voyage(bundle)->version);
	gh_bundle_close(bundle);
	request.path = path;
	request.file = call->words[0];
	result = ask(call, &request, &answer);
	if (result != EXIT_FINE)
		return result;
	if (call->json)
		return call_print_json(answer);
	json_decref(answer);
	printf("published %s\n", path + strlen("/v1/voyages/"));
	return EXIT_FINE;
}

/* Have the centre end something, and say so in a word. */
static int run_delete(struct call *call, const char *path, const char *done)
{
	struct gh_request request = { .method = "DELETE", .path = path, .answer_max_bytes = 65536 };
	json_t *answer;
	int result = ask(call, &request, &answer);

	json_decref(answer);
	if (result == EXIT_FINE && !call->json)
		puts(done);
	return result;
}

static int run_withdraw(struct call *call)
{
	struct gh_id id;
	char text[GH_ID_TEXT_BYTES];
	char path[128];

	if (gh_id_parse(call->words[0], &id, &call->error) != GH_OK)
		return call_fail(call, GH_MALFORMED);
	gh_id_format(&id, text);
	snprintf(path, sizeof(path), "/v1/voyages/%s", text);
	return run_delete(call, path, "withdrawn");
}

static int run_get(struct call *call, const char *path)
{
	struct gh_request request = {
		.method = "GET", .path = path, .answer_max_bytes = ANSWER_BYTES_MAX
	};
	json_t *answer;
	int result = ask(call, &request, &answer);

	return result == EXIT_FINE ? call_print_json(answer) : result;
}

static int run_list(struct call *call)
{
	return run_get(call, "/v1/voyages");
}

static int run_encounters(struct call *call)
{
	uint64_t since = 0;
	char path[64];

	if (!call_number(call, "--since", 0, INT64_MAX, &since))
		return EXIT_USAGE;
	snprintf(path, sizeof(path), "/v1/encounters?since=%llu", (unsigned long long)since);
	return run_get(call, path);
}

/* A path that ends with a machine's name; the centre takes none that would have to be escaped. */
static bool name_path(struct call *call, const char *before, char path[128])
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789.-_";
	const char *name = call->words[0];

	if (strlen(name) <= 64 && name[strspn(name, allowed)] == '\0') {
		snprintf(path, 128, "%s%s", before, name);
		return true;
	}
	gh_error_set(&call->error, GH_MALFORMED, "%.64s is no name of a device", name);
	return false;
}

static int run_device_add(struct call *call)
{
	struct gh_request request = {
		.method = "PUT", .content_type = "application/json", .answer_max_bytes = 65536
	};
	json_t *device = json_pack("{s:s}", "port", call->words[1]);
	char *body = json_dumps(device, JSON_COMPACT);
	char path[128];
	json_t *answer;
	int result;

	json_decref(device);
	if (!body || !name_path(call, "/v1/devices/", path)) {
		free(body);
		return call_fail(call, body ? GH_MALFORMED : GH_NO_MEMORY);
	}
	request.path = path;
	request.body = gh_view_of_text(body);
	result = ask(call, &request, &answer);
	free(body);
	if (result == EXIT_FINE && call->json)
		return call_print_json(answer);
	json_decref(answer);
	if (result == EXIT_FINE)
		printf("added %s\n", call->words[0]);
	return result;
}

static int run_device_revoke(struct call *call)
{
	char path[128];

	if (!name_path(call, "/v1/devices/", path))
		return call_fail(call, GH_MALFORMED);
	return run_delete(call, path, "revoked");
}

static int run_device_list(struct call *call)
{
	return run_get(call, "/v1/devices");
}

/* The token alone goes to stdout, so that it can go into a file and into nothing else. */
static int run_device_token(struct call *call)
{
	struct gh_request request = {
		.method = "PUT", .content_type = "application/json", .answer_max_bytes = 65536
	};
	uint64_t hours = 24;
	char body[64];
	char path[128];
	char whole[160];
	json_t *answer;
	int result;

	if (!call_number(call, "--hours", 1, 168, &hours))
		return EXIT_USAGE;
	if (!name_path(call, "/v1/devices/", path))
		return call_fail(call, GH_MALFORMED);
	snprintf(whole, sizeof(whole), "%s/token", path);
	snprintf(body, sizeof(body), "{\"hours\":%u}", (unsigned)hours);
	request.path = whole;
	request.body = gh_view_of_text(body);
	result = ask(call, &request, &answer);
	if (result != EXIT_FINE)
		return result;
	if (call->json)
		return call_print_json(answer);
	printf("%s\n", json_string_value(json_object_get(answer, "token")));
	json_decref(answer);
	return EXIT_FINE;
}

static int run_device_certificates(struct call *call)
{
	char path[128];
	char whole[160];

	if (!name_path(call, "/v1/devices/", path))
		return call_fail(call, GH_MALFORMED);
	snprintf(whole, sizeof(whole), "%s/certificates", path);
	return run_get(call, whole);
}

static int run_certificate_revoke(struct call *call)
{
	const char *serial = call->words[0];
	char path[128];

	if (strlen(serial) != 32 || serial[strspn(serial, "0123456789abcdef")] != '\0') {
		gh_error_set(&call->error, GH_MALFORMED,
			"%.40s is no serial number of gatehouse device certificates", serial);
		return call_fail(call, GH_MALFORMED);
	}
	snprintf(path, sizeof(path), "/v1/certificates/%s", serial);
	return run_delete(call, path, "revoked");
}

static void print_alarm(const json_t *alarm)
{
	const char *unit = json_string_value(json_object_get(alarm, "unit"));

	printf("%s %s: %" JSON_INTEGER_FORMAT " (limit %" JSON_INTEGER_FORMAT " %s), since %s%s\n",
		json_string_value(json_object_get(alarm, "lane")),
		json_string_value(json_object_get(alarm, "kind")),
		json_integer_value(json_object_get(alarm, "value")),
		json_integer_value(json_object_get(alarm, "limit")), unit ? unit : "",
		json_string_value(json_object_get(alarm, "since_time")),
		json_is_true(json_object_get(alarm, "clearing")) ? ", about to end" : "");
}

static int run_alarms(struct call *call)
{
	struct gh_request request = {
		.method = "GET", .path = "/v1/alarms", .answer_max_bytes = ANSWER_BYTES_MAX
	};
	const json_t *list;
	json_t *answer;
	size_t i;
	const json_t *alarm;
	int result = ask(call, &request, &answer);

	if (result != EXIT_FINE)
		return result;
	list = json_object_get(answer, "alarms");
	result = json_array_size(list) > 0 ? EXIT_FOUND : EXIT_FINE;
	if (call->json) {
		int printed = call_print_json(answer);

		return printed == EXIT_FINE ? result : printed;
	}
	json_array_foreach(list, i, alarm) print_alarm(alarm);
	if (result == EXIT_FINE)
		puts("no alarms");
	json_decref(answer);
	return result;
}

static int run_heartbeat(struct call *call)
{
	char path[128];

	if (!name_path(call, "/v1/heartbeats/", path))
		return call_fail(call, GH_MALFORMED);
	return run_get(call, path);
}

static const struct option_known centre_options[] = {
	{ "--url", "URL", "the centre, as https://host:port" },
	{ "--ca", "FILE", "who may sign the centre's certificate" },
	{ "--cert", "FILE", "the operator's certificate" },
	{ "--key", "FILE", "and its key" },
	{ "--since", "N", "encounters: only those after number N" },
	{ NULL, NULL, NULL },
};

static const struct option_known token_options[] = {
	{ "--url", "URL", "the centre, as https://host:port" },
	{ "--ca", "FILE", "who may sign the centre's certificate" },
	{ "--cert", "FILE", "the operator's certificate" },
	{ "--key", "FILE", "and its key" },
	{ "--hours", "N", "how long it is good for, 1 to 168 (24)" },
	{ NULL, NULL, NULL },
};

const struct command voyage_commands[] = {
	{ "voyage publish", "BUNDLE", 1, 1, "Hand a voyage's version to the centre.",
		"gatehouse voyage publish flight.bundle --config operator.conf", centre_options,
		run_publish },
	{ "voyage list", "", 0, 0, "List the voyages at the centre.", NULL, centre_options,
		run_list },
	{ "voyage withdraw", "ID", 1, 1, "Take a voyage back from the centre and all lanes.", NULL,
		centre_options, run_withdraw },
	{ "encounters", "", 0, 0, "List what lanes delivered, without personal fields.",
		"gatehouse encounters --since 0", centre_options, run_encounters },
	{ "device add", "NAME PORT", 2, 2, "Let a lane speak to the centre, as one of a port.",
		"gatehouse device add lane-1 UTZ --config operator.conf", centre_options,
		run_device_add },
	{ "device list", "", 0, 0, "List the lanes that the centre knows.", NULL, centre_options,
		run_device_list },
	{ "device revoke", "NAME", 1, 1, "Let a lane no longer speak to the centre.", NULL,
		centre_options, run_device_revoke },
	{ "device token", "NAME", 1, 1,
		"Make the token by which a lane enrols, once; the one before is void.",
		"gatehouse device token lane-1 --config operator.conf", token_options,
		run_device_token },
	{ "device certificates", "NAME", 1, 1, "List the certificates that a lane was issued.",
		NULL, centre_options, run_device_certificates },
	{ "device revoke-certificate", "SERIAL", 1, 1,
		"Let nobody speak to the centre by a certificate any more.", NULL, centre_options,
		run_certificate_revoke },
	{ "alarms", "", 0, 0,
		"List what is wrong with lanes, as the centre sees it (exit status 1).",
		"gatehouse alarms --config operator.conf", centre_options, run_alarms },
	{ "heartbeat", "LANE", 1, 1, "Print the last heartbeat of a lane, as the centre has it.",
		"gatehouse heartbeat lane-1 --config operator.conf", centre_options,
		run_heartbeat },
	{ NULL, NULL, 0, 0, NULL, NULL, NULL, NULL },
};
