/* SPDX-License-Identifier: Apache-2.0 */
/* A desk without a server: a store, keys and a clock in a folder of their own. */
#include "counter.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gatehouse/encounter/retention.h"

/* Belongs to the room that it makes records of. */
#include "../encounter/specimen.c"

static void must(enum gh_status status, const struct gh_error *error)
{
	if (status == GH_OK)
		return;
	fprintf(stderr, "counter: %s\n", error->text);
	abort();
}

struct store_options counter_store(const struct counter *counter)
{
	return (struct store_options){
		.folder = counter->folder,
		.address = counter->address,
		.now_ms = counter->clock.real_ms,
	};
}

static void open_store(struct counter *counter)
{
	struct store_options options = counter_store(counter);
	struct gh_error error;

	must(store_open(&options, &counter->desk.store, &error), &error);
}

void counter_make(struct counter *counter, enum gh_purpose purpose)
{
	counter_make_at(counter, purpose, "");
}

void counter_make_at(struct counter *counter, enum gh_purpose purpose, const char *address)
{
	struct gh_error error;

	memset(counter, 0, sizeof(*counter));
	strcpy(counter->peer, "lane-1");
	snprintf(counter->address, sizeof(counter->address), "%s", address);
	snprintf(counter->folder, sizeof(counter->folder), "%s/central-XXXXXX",
		access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (!mkdtemp(counter->folder))
		abort();
	snprintf(counter->keys, sizeof(counter->keys), "%s/keys", counter->folder);
	gh_clock_manual_init(&counter->clock, 1000000, INT64_C(1764000000000));
	counter->desk.clock = &counter->clock.clock;
	counter->desk.purpose = purpose;
	gh_settings_default(&counter->settings);
	counter->desk.monitoring = counter->settings.monitoring;
	snprintf(counter->desk.voyages_folder, sizeof(counter->desk.voyages_folder), "%s",
		counter->folder);
	snprintf(counter->desk.witness_folder, sizeof(counter->desk.witness_folder), "%s",
		counter->folder);
	must(partials_create(1u << 20, 60, counter->desk.clock, &counter->desk.partials, &error),
		&error);
	must(gh_provider_open("file", counter->keys, &counter->desk.provider, &error), &error);
	open_store(counter);
}

static void empty_folder(const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	char name[512];

	while (folder && (entry = readdir(folder))) {
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		unlink(name);
	}
	if (folder)
		closedir(folder);
}

void counter_remove(struct counter *counter)
{
	store_close(counter->desk.store);
	partials_destroy(counter->desk.partials);
	gh_provider_close(counter->desk.provider);
	empty_folder(counter->keys);
	rmdir(counter->keys);
	empty_folder(counter->folder);
	rmdir(counter->folder);
}

void counter_reopen(struct counter *counter)
{
	store_close(counter->desk.store);
	open_store(counter);
}

void counter_record(struct counter *counter, uint64_t seed, struct gh_view photo,
	struct gh_encounter *encounter)
{
	struct gh_sha256 hash;
	struct gh_error error;

	specimen_encounter_of(
		photo.length_bytes ? SPECIMEN_MATCH : SPECIMEN_OPTED_OUT, seed, encounter);
	strcpy(encounter->lane.lane, "lane-1");
	encounter->lane.purpose = GH_PURPOSE_DEMO;
	encounter->event_ms = counter->clock.real_ms;
	encounter->destroy_by_ms =
		gh_retention_destroy_by(encounter->retention, encounter->event_ms, 96);
	if (photo.length_bytes == 0)
		return;
	must(gh_sha256_of(photo, &hash, &error), &error);
	memcpy(encounter->photo_sha256, hash.bytes, sizeof(hash.bytes));
	encounter->photo_bytes = (uint32_t)photo.length_bytes;
}

int counter_put(struct counter *counter, enum endpoint endpoint, const struct gh_id *id,
	struct gh_view body, char code[32])
{
	struct request request = { .endpoint = endpoint,
		.id = *id,
		.role = ROLE_LANE,
		.upload_offset = counter->upload_offset,
		.upload_complete = counter->upload_complete,
		.body = body };
	struct answer answer;
	struct deposit deposit;
	struct deposit *const deposits[] = { &deposit };
	json_t *root;
	int status;

	if (counter->digest) {
		request.digest_state = DIGEST_GIVEN;
		request.digest = *counter->digest;
	}
	answer_init(&answer);
	memcpy(request.peer, counter->peer, sizeof(request.peer));
	memcpy(request.name, counter->name, sizeof(request.name));
	deposit_begin(&deposit, &request, &answer);
	if (desk_admit(&counter->desk, &request, &answer))
		desk_decide(&counter->desk, &deposit);
	desk_note(&counter->desk, &deposit);
	desk_settle(&counter->desk, deposits, 1);
	deposit_finish(&deposit);
	status = answer.status;
	snprintf(counter->said, sizeof(counter->said), "%.*s", (int)answer.body.length_bytes,
		(const char *)answer.body.data);
	root = json_loadb((const char *)answer.body.data, answer.body.length_bytes, 0, NULL);
	const char *word =
		json_string_value(json_object_get(json_object_get(root, "error"), "code"));
	snprintf(code, 32, "%s", word ? word : "");
	json_decref(root);
	answer_finish(&answer);
	return status;
}

int counter_put_record(struct counter *counter, const struct gh_encounter *encounter, char code[32])
{
	struct gh_bytes json = GH_BYTES_EMPTY;
	struct gh_error error;
	int status;

	must(gh_encounter_encode(encounter, &json, &error), &error);
	status = counter_put(
		counter, ENDPOINT_ENCOUNTER_PUT, &encounter->id, gh_bytes_view(&json), code);
	gh_bytes_finish(&json);
	return status;
}

int counter_put_photo(
	struct counter *counter, const struct gh_id *id, struct gh_view photo, char code[32])
{
	return counter_put(counter, ENDPOINT_PHOTO_PUT, id, photo, code);
}

int counter_put_addendum(struct counter *counter, const struct gh_addendum *addendum, char code[32])
{
	struct gh_bytes json = GH_BYTES_EMPTY;
	struct gh_error error;
	int status;

	must(gh_addendum_encode(addendum, &json, &error), &error);
	status = counter_put(
		counter, ENDPOINT_ADDENDUM_PUT, &addendum->id, gh_bytes_view(&json), code);
	gh_bytes_finish(&json);
	return status;
}

void counter_heartbeat(const struct counter *counter, struct gh_heartbeat *heartbeat)
{
	memset(heartbeat, 0, sizeof(*heartbeat));
	heartbeat->boot = (struct gh_id){ { 7 } };
	heartbeat->number = 1;
	strcpy(heartbeat->lane, "lane-1");
	strcpy(heartbeat->firmware, "0.1.0");
	strcpy(heartbeat->state, "idle");
	heartbeat->test = true;
	heartbeat->sent_ms = counter->clock.real_ms;
	heartbeat->interval_ms = 60000;
	heartbeat->uptime_s = 3600;
	heartbeat->writable = true;
	heartbeat->disk_free_permille = 900;
	heartbeat->devices[0] =
		(struct gh_heartbeat_device){ true, true, "camera/replay", "streaming" };
}

int counter_put_heartbeat(
	struct counter *counter, const struct gh_heartbeat *heartbeat, char code[32])
{
	struct gh_bytes json = GH_BYTES_EMPTY;
	struct gh_error error;
	int status;

	must(gh_heartbeat_encode(heartbeat, &json, &error), &error);
	snprintf(counter->name, sizeof(counter->name), "%s", heartbeat->lane);
	status = counter_put(counter, ENDPOINT_HEARTBEAT_PUT, &(struct gh_id){ { 0 } },
		gh_bytes_view(&json), code);
	gh_bytes_finish(&json);
	return status;
}
