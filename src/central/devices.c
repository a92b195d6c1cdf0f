/* SPDX-License-Identifier: Apache-2.0 */
/* Devices: which machines may speak to the centre, and of which port they are. */
#include <string.h>

#include "desk.h"
#include "gatehouse/base/log.h"
#include "listing.h"

bool desk_shows(const struct request *request, const struct store_voyage *voyage)
{
	return request->port[0] == '\0' || strcmp(request->port, voyage->from) == 0 ||
		strcmp(request->port, voyage->to) == 0;
}

/* As manifests write it: an IATA code or UN/LOCODE. */
static bool is_port(const char *text)
{
	size_t length = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

	return length >= 3 && length <= 5 && text[length] == '\0';
}

/* {"port": "UTZ"} and nothing else. */
static bool read_port(const struct request *request, char *port, size_t port_bytes)
{
	json_t *root = json_loadb((const char *)request->body.data, request->body.length_bytes,
		JSON_REJECT_DUPLICATES, NULL);
	const char *text = json_string_value(json_object_get(root, "port"));
	bool fine = text && json_object_size(root) == 1 && is_port(text) &&
		gh_text_copy(port, port_bytes, text);

	json_decref(root);
	return fine;
}

void desk_put_device(struct desk *desk, const struct request *request, struct answer *answer)
{
	struct store_device device = { .added_ms = desk->clock->real_ms(desk->clock) };
	struct gh_error error;
	enum gh_status status;

	if (!read_port(request, device.port, sizeof(device.port))) {
		answer_error(answer, 422, "schema", "a device is {\"port\": its code}", "/port");
		return;
	}
	memcpy(device.name, request->name, sizeof(device.name));
	status = store_put_device(desk->store, &device, &error);
	if (status != GH_OK) {
		answer_failure(answer, status);
		return;
	}
	gh_log(GH_LOG_NOTICE, "central", "device_added", gh_log_place("name", device.name),
		gh_log_place("port", device.port));
	answer_json(answer, 200, json_pack("{s:s, s:s}", "name", device.name, "port", device.port));
}

void desk_revoke_device(struct desk *desk, const struct request *request, struct answer *answer)
{
	struct gh_error error;
	enum gh_status status = store_revoke_device(
		desk->store, request->name, desk->clock->real_ms(desk->clock), &error);

	if (status == GH_NOT_FOUND) {
		answer_error(answer, 404, "no_such_device", "there is no such device", NULL);
	} else if (status != GH_OK) {
		answer_failure(answer, status);
	} else {
		gh_log(GH_LOG_NOTICE, "central", "device_revoked",
			gh_log_place("name", request->name));
		answer->status = 204;
	}
}

static void add_device(void *ctx, const struct store_device *device)
{
	listing_add(ctx,
		json_pack("{s:s, s:s, s:o, s:o}", "name", device->name, "port", device->port,
			"added_time", listing_time(device->added_ms), "revoked_time",
			listing_time(device->revoked_ms)));
}

void desk_list_devices(struct desk *desk, const struct request *request, struct answer *answer)
{
	struct listing listing = { json_array(), 0, false };
	struct gh_error error;
	enum gh_status status = store_list_devices(desk->store, add_device, &listing, &error);

	(void)request;
	listing_answer(answer, &listing, "devices", false, status);
}
