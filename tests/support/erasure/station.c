/* SPDX-License-Identifier: Apache-2.0 */
/* A lane's stores in a folder of their own. */
#define _XOPEN_SOURCE 700

#include "station.h"

#include <ftw.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gatehouse/base/file.h"

static void die(const char *what, const char *why)
{
	fprintf(stderr, "station: %s: %s\n", what, why);
	abort();
}

static void must(enum gh_status status, const char *what, const struct gh_error *error)
{
	if (status != GH_OK)
		die(what, error->text);
}

static void note_key(
	struct station *station, struct gh_view context, const struct gh_bytes *wrapped)
{
	struct station_key *key = &station->keys[station->key_count];

	if (station->key_count == sizeof(station->keys) / sizeof(station->keys[0]))
		return;
	memcpy(key->context, context.data, sizeof(key->context));
	memcpy(key->wrapped, wrapped->data, wrapped->length_bytes);
	key->length = wrapped->length_bytes;
	station->key_count++;
}

/* As the daemon seals: each body under a random key, wrapped by the provider. */
static enum gh_status seal(void *ctx, struct gh_view context, struct gh_view plain,
	struct gh_bytes *wrapped, struct gh_bytes *sealed, struct gh_error *error)
{
	struct station *station = ctx;
	struct gh_aead_key key;
	enum gh_status status = gh_random_fill(key.bytes, sizeof(key.bytes), error);

	if (status == GH_OK)
		status = gh_provider_wrap(station->provider, context, &key, wrapped, error);
	if (status == GH_OK)
		note_key(station, context, wrapped);
	return status == GH_OK ? gh_aead_seal(&key, context, plain, sealed, error) : status;
}

static enum gh_status open_sealed(void *ctx, struct gh_view context, struct gh_view wrapped,
	struct gh_view sealed, struct gh_bytes *plain, struct gh_error *error)
{
	struct station *station = ctx;
	struct gh_aead_key key;
	enum gh_status status =
		gh_provider_unwrap(station->provider, context, wrapped, &key, error);

	return status == GH_OK ? gh_aead_open(&key, context, sealed, plain, error) : status;
}

static enum gh_status rewrap(void *ctx, struct gh_view context, struct gh_view wrapped,
	struct gh_bytes *rewrapped, struct gh_error *error)
{
	struct station *station = ctx;

	return gh_provider_rewrap(station->provider, context, wrapped, rewrapped, error);
}

static void photo_erased(void *ctx, const struct gh_id *encounter)
{
	struct station *station = ctx;
	struct gh_id id = *encounter;

	id.bytes[0] = 'a';
	station->told++;
	if (gh_outbox_put_addendum(station->outbox, &id, encounter,
		    gh_view_of_text("{\"kind\":\"photo_erased\"}"), GH_SETTLES_NOTHING,
		    NULL) != GH_OK)
		station->told--;
}

void station_make(struct station *station)
{
	station_make_below(station, access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
}

void station_make_below(struct station *station, const char *parent)
{
	memset(station, 0, sizeof(*station));
	snprintf(station->folder, sizeof(station->folder), "%s/station-XXXXXX", parent);
	if (!mkdtemp(station->folder))
		die("mkdtemp", station->folder);
	gh_clock_manual_init(&station->clock, 1000000, INT64_C(1790000000000));
	station->clock.quality = GH_CLOCK_SYNCED;
	station->boot = 1;
}

static int remove_one(const char *path, const struct stat *found, int kind, struct FTW *walk)
{
	(void)found;
	(void)kind;
	(void)walk;
	return remove(path);
}

void station_remove(struct station *station)
{
	station_close(station);
	nftw(station->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *station_place(const struct station *station, const char *name)
{
	static char paths[4][512];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", station->folder, name);
	return path;
}

static enum gh_status open_outbox(struct station *station, struct gh_error *error)
{
	struct gh_outbox_options options = {
		.folder = station->folder,
		.size_max_bytes = UINT64_C(1) << 40,
		.items_max = UINT64_C(1) << 40,
		.sealer = { station, seal, open_sealed, rewrap },
		.generation = gh_provider_generation(station->provider),
		.boot = station_id(station->boot),
		.clock = &station->clock.clock,
	};

	return gh_outbox_open(&options, &station->outbox, error);
}

static enum gh_status open_erasure(struct station *station, struct gh_error *error)
{
	struct gh_erasure_options options = {
		.folder = station->folder,
		.lane = "lane-1",
		.provider = station->provider,
		.outbox = station->outbox,
		.clock = &station->clock.clock,
		.interval_ms = (uint32_t)STATION_HOUR_MS,
		.ahead_ms = 900000,
		.photo_erased = photo_erased,
		.ctx = station,
	};

	return gh_erasure_open(&options, &station->erasure, error);
}

enum gh_status station_try_open(struct station *station, struct gh_error *error)
{
	enum gh_status status =
		gh_provider_open("file", station_place(station, "keys"), &station->provider, error);

	if (status == GH_OK)
		status = open_outbox(station, error);
	return status == GH_OK ? open_erasure(station, error) : status;
}

void station_open(struct station *station)
{
	struct gh_error error = GH_ERROR_NONE;

	must(station_try_open(station, &error), "open", &error);
}

void station_close(struct station *station)
{
	gh_erasure_close(station->erasure);
	gh_outbox_close(station->outbox);
	gh_provider_close(station->provider);
	gh_provider_close(station->centre);
	station->erasure = NULL;
	station->outbox = NULL;
	station->provider = NULL;
	station->centre = NULL;
}

void station_wait(struct station *station, int64_t ms)
{
	gh_clock_manual_advance(&station->clock, (uint64_t)ms * 1000);
}

struct gh_id station_id(uint32_t n)
{
	struct gh_id id = { { 'e' } };

	for (int i = 0; i < 4; i++)
		id.bytes[12 + i] = (uint8_t)(n >> (24 - 8 * i));
	return id;
}

enum gh_status station_put(struct station *station, uint32_t n, uint32_t hours)
{
	static const uint8_t photo[3000] = { 0xff, 0xd8, 0xff, 0xe0 };
	struct gh_outbox_put put = {
		.id = station_id(n),
		.json = gh_view_of_text("{\"given_names\":\"ANNA MARIA\"}"),
		.photo = { photo, sizeof(photo) },
		.captured_ms = station->clock.real_ms,
		.destroy_by_ms = station->clock.real_ms + hours * STATION_HOUR_MS,
		.retention = 2,
	};

	return gh_outbox_put(station->outbox, &put, NULL);
}

enum gh_status station_deliver(struct station *station)
{
	uint64_t due_in_ms;
	struct gh_item item;
	enum gh_status status = gh_outbox_take(station->outbox, &item, &due_in_ms, NULL);

	if (status == GH_OK)
		status = gh_outbox_acknowledge(station->outbox, &item, NULL, NULL);
	gh_item_finish(&item);
	return status;
}

static struct gh_provider *centre_of(struct station *station)
{
	struct gh_error error = GH_ERROR_NONE;

	if (!station->centre)
		must(gh_provider_open(
			     "file", station_place(station, "centre"), &station->centre, &error),
			"centre", &error);
	return station->centre;
}

void station_centre_key(struct station *station, uint8_t key[GH_PUBLIC_KEY_BYTES])
{
	gh_provider_public_key(centre_of(station), key);
}

void station_key(struct station *station, uint8_t key[GH_PUBLIC_KEY_BYTES])
{
	gh_provider_public_key(station->provider, key);
}

struct gh_erasure_receipt station_receipt(struct station *station)
{
	struct gh_erasure_head head;
	struct gh_erasure_receipt receipt;
	uint8_t message[GH_ERASURE_WITNESS_BYTES];
	struct gh_error error = GH_ERROR_NONE;

	gh_erasure_log_head(gh_erasure_log_of(station->erasure), &head);
	memset(&receipt, 0, sizeof(receipt));
	receipt.chain = head.chain;
	receipt.number = head.number;
	receipt.hash = head.hash;
	receipt.time_ms = station->clock.real_ms;
	station_centre_key(station, receipt.public_key);
	gh_erasure_witness_message(&receipt, message);
	must(gh_provider_sign(centre_of(station), (struct gh_view){ message, sizeof(message) },
		     receipt.signature, &error),
		"receipt", &error);
	return receipt;
}

void station_witness(struct station *station)
{
	struct gh_erasure_receipt receipt = station_receipt(station);
	struct gh_error error = GH_ERROR_NONE;

	must(gh_erasure_log_receive(gh_erasure_log_of(station->erasure), &receipt, &error),
		"receive", &error);
}

struct gh_erasure_state station_state(struct station *station)
{
	struct gh_erasure_state state;
	struct gh_error error = GH_ERROR_NONE;

	must(gh_erasure_state(station->erasure, &state, &error), "state", &error);
	return state;
}

enum gh_status station_unwrap_old(
	struct station *station, struct gh_provider *provider, uint32_t n, enum gh_item_kind kind)
{
	struct gh_id id = station_id(n);

	for (size_t i = 0; i < station->key_count; i++) {
		const struct station_key *key = &station->keys[i];
		struct gh_aead_key plain;

		if (memcmp(key->context, id.bytes, sizeof(id.bytes)) == 0 &&
			key->context[16] == (uint8_t)kind)
			return gh_provider_unwrap(provider,
				(struct gh_view){ key->context, sizeof(key->context) },
				(struct gh_view){ key->wrapped, key->length }, &plain, NULL);
	}
	return GH_NOT_FOUND;
}

unsigned station_logged(struct station *station, uint32_t n, enum gh_erased_what what)
{
	struct gh_id id = station_id(n);
	struct gh_bytes json = GH_BYTES_EMPTY;
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status = gh_erasure_prove(station->folder, &id, &json, &error);
	unsigned count = 0;
	json_t *proof, *entry;
	size_t i;

	if (status == GH_NOT_FOUND)
		return 0;
	must(status, "prove", &error);
	proof = json_loadb((const char *)json.data, json.length_bytes, 0, NULL);
	json_array_foreach(json_object_get(proof, "entries"), i, entry)
	{
		const char *word =
			json_string_value(json_object_get(json_object_get(entry, "says"), "what"));

		count += word && strcmp(word, gh_erased_what_name(what)) == 0;
	}
	json_decref(proof);
	gh_bytes_finish(&json);
	return count;
}
