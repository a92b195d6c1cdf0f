/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Outbox, uplink and a real central service together: records, photographs and addenda are queued
 * while the centre is away, delivered while it is restarted again and again, and then read back
 * from it: none lost, none doubled. 100,000 encounters with GATEHOUSE_LONG, else a share.
 */
#include <dirent.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "../../support/encounter/specimen.h"
#include "gatehouse/base/log.h"
#include "gatehouse/central/central.h"
#include "gatehouse/crypto/certificate.h"
#include "gatehouse/crypto/hash.h"
#include "gatehouse/outbox/outbox.h"
#include "gatehouse/outbox/receipts.h"
#include "gatehouse/uplink/uplink.h"

#define PHOTO_EVERY 5
#define PHOTO_BYTES 3000

static char folder[64];
static uint32_t encounters;
static struct gh_settings settings;
static struct gh_central *central;
static pthread_t central_thread;
static struct gh_outbox *outbox;
static struct gh_uplink *uplink;
static struct gh_uplink_options options;
static char url[64];
static char paths[8][200];
static atomic_uint quarantined;

static const char *path_of(int slot, const char *name)
{
	snprintf(paths[slot], sizeof(paths[slot]), "%s/%s", folder, name);
	return paths[slot];
}

static void *serve(void *ctx)
{
	return gh_central_serve(ctx, NULL) == GH_OK ? NULL : ctx;
}

static void start_central(void)
{
	struct gh_error error;

	if (gh_central_open(&settings, gh_clock_system(), &central, &error) != GH_OK)
		fail_msg("%s", error.text);
	/* The same port from then on, as after a real restart. */
	settings.central.listen_port = gh_central_port(central);
	assert_int_equal(pthread_create(&central_thread, NULL, serve, central), 0);
}

static void stop_central(void)
{
	void *failed;

	gh_central_stop(central);
	pthread_join(central_thread, &failed);
	assert_null(failed);
	gh_central_close(central);
}

static enum gh_status take(
	void *ctx, struct gh_delivery *delivery, uint64_t *due_in_ms, struct gh_error *error)
{
	static const enum gh_receipt_kind kinds[] = { GH_RECEIPT_ENCOUNTER, GH_RECEIPT_PHOTO,
		GH_RECEIPT_ADDENDUM };
	struct gh_item *item = calloc(1, sizeof(*item));
	enum gh_status status = gh_outbox_take(outbox, item, due_in_ms, error);

	(void)ctx;
	if (status != GH_OK) {
		free(item);
		return status;
	}
	memset(delivery, 0, sizeof(*delivery));
	delivery->id = item->id;
	delivery->attempts = item->attempts;
	delivery->kind = kinds[item->kind];
	delivery->content_type = item->kind == GH_ITEM_PHOTO ? "image/jpeg" : "application/json";
	if (item->kind == GH_ITEM_ENCOUNTER)
		gh_uplink_path_encounter(&item->id, delivery->path);
	else if (item->kind == GH_ITEM_PHOTO)
		gh_uplink_path_photo(&item->encounter, delivery->path);
	else
		gh_uplink_path_addendum(&item->id, delivery->path);
	delivery->body = item->body;
	item->body = (struct gh_bytes)GH_BYTES_EMPTY;
	delivery->token = item;
	return GH_OK;
}

static void verdict(void *ctx, const struct gh_delivery *delivery,
	const struct gh_judgement *judgement, uint64_t delay_ms, const char *detail)
{
	struct gh_item *item = delivery->token;
	enum gh_status status;

	(void)ctx;
	if (judgement->verdict == GH_VERDICT_DELIVERED) {
		status = gh_outbox_acknowledge(
			outbox, item, delivery->has_receipt ? &delivery->receipt : NULL, NULL);
	} else if (judgement->verdict == GH_VERDICT_QUARANTINE) {
		fprintf(stderr, "set aside: %s %s\n", judgement->reason.literal, detail);
		atomic_fetch_add(&quarantined, 1);
		status = gh_outbox_quarantine(outbox, item, judgement->reason.literal, NULL);
	} else {
		status = gh_outbox_retry(outbox, item, delay_ms, judgement->reason.literal, NULL);
	}
	if (status != GH_OK)
		abort();
	gh_item_finish(item);
	free(item);
}

static void no_etag(void *ctx, const struct gh_id *voyage, char etag[65])
{
	(void)ctx;
	(void)voyage;
	etag[0] = '\0';
}

static void no_voyage(void *ctx, const struct gh_id *voyage)
{
	(void)ctx;
	(void)voyage;
}

static void no_bundle(void *ctx, const struct gh_id *voyage, const char *path)
{
	(void)ctx;
	(void)voyage;
	unlink(path);
}

static void no_passage(void *ctx, const struct gh_id *voyage, const struct gh_id *person)
{
	(void)ctx;
	(void)voyage;
	(void)person;
}

static void *run(void *ctx)
{
	return gh_uplink_run(ctx, NULL) == GH_CANCELLED ? NULL : ctx;
}

static void set_up_all(void)
{
	static const char *const clients[] = { "lane-1", "operator" };
	static const char *const roles[] = { GH_ROLE_LANE, GH_ROLE_OPERATOR };
	struct gh_settings_central *set = &settings.central;
	const struct gh_outbox_options queue = { .folder = folder,
		.size_max_bytes = UINT64_C(1) << 40,
		.items_max = UINT64_C(1) << 40,
		.clock = gh_clock_system() };

	snprintf(folder, sizeof(folder), "%s/delivery-XXXXXX",
		access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(folder));
	assert_int_equal(gh_demo_certificates_make(folder, clients, roles, 2, NULL), GH_OK);
	gh_settings_default(&settings);
	set->listen_port = 0;
	snprintf(set->data_directory, sizeof(set->data_directory), "%s", path_of(0, "data"));
	snprintf(set->ca_file, sizeof(set->ca_file), "%s", path_of(0, "ca.pem"));
	snprintf(set->certificate_file, sizeof(set->certificate_file), "%s",
		path_of(0, "central.pem"));
	snprintf(set->key_file, sizeof(set->key_file), "%s", path_of(0, "central.key"));
	snprintf(set->signer_certificate_file, sizeof(set->signer_certificate_file), "%s",
		path_of(0, "signer.pem"));
	snprintf(
		set->signer_key_file, sizeof(set->signer_key_file), "%s", path_of(0, "signer.key"));
	snprintf(settings.keys.provider, sizeof(settings.keys.provider), "file");
	snprintf(
		settings.keys.directory, sizeof(settings.keys.directory), "%s", path_of(0, "keys"));
	assert_int_equal(gh_outbox_open(&queue, &outbox, NULL), GH_OK);
	start_central();
	snprintf(url, sizeof(url), "https://127.0.0.1:%u", settings.central.listen_port);
	options = (struct gh_uplink_options){ .url = url,
		.ca_file = path_of(1, "ca.pem"),
		.certificate_file = path_of(2, "lane-1.pem"),
		.key_file = path_of(3, "lane-1.key"),
		.connect_timeout_ms = 5000,
		.transfer_timeout_ms = 20000,
		.backoff_first_ms = 20,
		.backoff_max_ms = 200,
		.voyages_interval_ms = 600000,
		.passages_interval_ms = 600000,
		.download_folder = folder,
		.receipts = true,
		.clock = gh_clock_system() };
}

/* Each of them signed by the one key that the first had; returns how many. */
static uint64_t check_receipts(void)
{
	static struct gh_outbox_receipt rows[GH_OUTBOX_RECEIPTS_READ_MAX];
	uint8_t key[GH_PUBLIC_KEY_BYTES];
	int64_t after = 0;
	uint64_t sum = 0;
	size_t count;

	assert_int_equal(gh_outbox_receipt_key(outbox, key, NULL), GH_OK);
	do {
		assert_int_equal(gh_outbox_receipts(outbox, after, rows, &count, NULL), GH_OK);
		for (size_t i = 0; i < count; i++)
			assert_int_equal(gh_receipt_verify(&rows[i].receipt, key, NULL), GH_OK);
		sum += count;
		after = count > 0 ? rows[count - 1].number : after;
	} while (count == GH_OUTBOX_RECEIPTS_READ_MAX);
	return sum;
}

static void put_one(uint32_t n)
{
	static uint8_t photo[PHOTO_BYTES];
	bool with_photo = n % PHOTO_EVERY == 0;
	struct gh_encounter encounter;
	struct gh_addendum addendum;
	struct gh_bytes json = GH_BYTES_EMPTY;
	struct gh_outbox_put put = { .id = { { 0 } } };
	struct gh_sha256 hash;

	specimen_encounter_of(
		with_photo ? SPECIMEN_NOT_FOUND : SPECIMEN_OPTED_OUT, n + 1, &encounter);
	strcpy(encounter.lane.lane, "lane-1");
	if (with_photo) {
		/* Of now: a photograph whose time is over is not taken. */
		encounter.destroy_by_ms +=
			gh_clock_system()->real_ms(gh_clock_system()) - encounter.event_ms;
		encounter.event_ms = gh_clock_system()->real_ms(gh_clock_system());
		memcpy(photo, &n, sizeof(n));
		put.photo = (struct gh_view){ photo, sizeof(photo) };
		assert_int_equal(gh_sha256_of(put.photo, &hash, NULL), GH_OK);
		memcpy(encounter.photo_sha256, hash.bytes, sizeof(hash.bytes));
		encounter.photo_bytes = PHOTO_BYTES;
	}
	assert_int_equal(gh_encounter_encode(&encounter, &json, NULL), GH_OK);
	put.id = encounter.id;
	put.json = gh_bytes_view(&json);
	assert_int_equal(gh_outbox_put(outbox, &put, NULL), GH_OK);
	gh_bytes_clear(&json);
	specimen_addendum((uint64_t)(n + 1000000) * GH_ADDENDUM_COUNT, &addendum);
	addendum.encounter = encounter.id;
	assert_int_equal(gh_addendum_encode(&addendum, &json, NULL), GH_OK);
	assert_int_equal(gh_outbox_put_addendum(outbox, &addendum.id, &encounter.id,
				 gh_bytes_view(&json), false, NULL),
		GH_OK);
	gh_bytes_finish(&json);
}

static struct gh_outbox_state queue_state(void)
{
	struct gh_outbox_state state;

	assert_int_equal(gh_outbox_state(outbox, &state, NULL), GH_OK);
	return state;
}

/* Restart the centre a few times on the way; give up after a generous while without progress. */
static void drain(uint64_t items)
{
	uint64_t restart_at = items / 4;
	uint64_t last = 0;
	int idle = 0;

	while (queue_state().acknowledged < items && idle < 3000) {
		const struct timespec nap = { 0, 10000000 };
		uint64_t now = queue_state().acknowledged;

		idle = now == last ? idle + 1 : 0;
		last = now;
		if (now >= restart_at) {
			stop_central();
			start_central();
			gh_uplink_wake(uplink);
			restart_at += items / 4;
		}
		nanosleep(&nap, NULL);
	}
	assert_int_equal(queue_state().acknowledged, items);
}

/* One page of the operator's list; returns where the next begins, or -1 at the end. */
static int64_t read_page(int64_t since, uint32_t *rows, uint32_t *photos, uint32_t *notes)
{
	struct gh_uplink_options reader = options;
	char path[64];
	struct gh_request request = {
		.method = "GET", .path = path, .answer_max_bytes = 16u << 20
	};
	struct gh_bytes answer = GH_BYTES_EMPTY;
	long http_status;

	reader.certificate_file = path_of(4, "operator.pem");
	reader.key_file = path_of(5, "operator.key");
	snprintf(path, sizeof(path), "/v1/encounters?since=%lld", (long long)since);
	assert_int_equal(gh_uplink_request(&reader, &request, &http_status, &answer, NULL), GH_OK);
	assert_int_equal(http_status, 200);
	json_t *root = json_loadb((const char *)answer.data, answer.length_bytes, 0, NULL);
	json_t *list = json_object_get(root, "encounters");
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *row = json_array_get(list, i);

		(*rows)++;
		*photos += strcmp(json_string_value(json_object_get(row, "photo")), "stored") == 0;
		*notes += (uint32_t)json_array_size(json_object_get(row, "addenda"));
	}
	int64_t next =
		json_array_size(list) > 0 ? json_integer_value(json_object_get(root, "next")) : -1;
	json_decref(root);
	gh_bytes_finish(&answer);
	return next;
}

static void remove_tree(const char *path)
{
	DIR *open = opendir(path);
	struct dirent *entry;
	char name[512];

	while (open && (entry = readdir(open))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		if (unlink(name) != 0)
			remove_tree(name);
	}
	if (open)
		closedir(open);
	rmdir(path);
}

static void a_long_queue_arrives_once_each(void **state)
{
	const struct gh_uplink_source source = { .take = take,
		.verdict = verdict,
		.etag = no_etag,
		.bundle = no_bundle,
		.withdrawn = no_voyage,
		.passage = no_passage };
	const char *whole = getenv("GATEHOUSE_LONG");
	uint32_t photos = 0;
	uint32_t found_rows = 0, found_photos = 0, found_notes = 0;
	pthread_t thread;
	void *failed;

	encounters = whole && strcmp(whole, "1") == 0 ? 100000 : 600;
	set_up_all();
	stop_central();
	for (uint32_t n = 0; n < encounters; n++) {
		put_one(n);
		photos += n % PHOTO_EVERY == 0;
	}
	assert_int_equal(gh_uplink_create(&options, &source, &uplink, NULL), GH_OK);
	assert_int_equal(pthread_create(&thread, NULL, run, uplink), 0);
	start_central();
	drain(2 * (uint64_t)encounters + photos);
	gh_uplink_stop(uplink);
	pthread_join(thread, &failed);
	assert_null(failed);

	assert_int_equal(atomic_load(&quarantined), 0);
	assert_int_equal(queue_state().waiting, 0);
	assert_int_equal(check_receipts(), 2 * (uint64_t)encounters + photos);
	/* Ids are unique in the store, so as many rows as encounters are each of them once. */
	for (int64_t since = 0; since >= 0;)
		since = read_page(since, &found_rows, &found_photos, &found_notes);
	assert_int_equal(found_rows, encounters);
	assert_int_equal(found_photos, photos);
	assert_int_equal(found_notes, encounters);
	printf("%u encounters, %u photographs, %u addenda arrived once each\n", found_rows,
		found_photos, found_notes);
	gh_uplink_destroy(uplink);
	stop_central();
	gh_outbox_close(outbox);
	remove_tree(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_long_queue_arrives_once_each),
	};

	gh_log_set_level((enum gh_log_level)0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
