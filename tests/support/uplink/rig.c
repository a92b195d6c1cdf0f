/* SPDX-License-Identifier: Apache-2.0 */
/* An uplink with its keys, a queue in memory behind it and a clock that a test moves. */
#include "rig.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "gatehouse/base/file.h"
#include "gatehouse/crypto/certificate.h"

static void must(bool fine, const char *what)
{
	if (fine)
		return;
	fprintf(stderr, "rig: %s failed\n", what);
	abort();
}

static uint64_t clock_us(const struct gh_clock *clock)
{
	const struct rig_clock *rig = (const struct rig_clock *)clock;

	if (atomic_load(&rig->runs))
		return gh_clock_system()->monotonic_us(gh_clock_system());
	return atomic_load(&rig->us);
}

static int64_t clock_ms(const struct gh_clock *clock)
{
	return INT64_C(1764000000000) + (int64_t)(clock_us(clock) / 1000);
}

static enum gh_clock_quality clock_quality(const struct gh_clock *clock)
{
	(void)clock;
	return GH_CLOCK_SYNCED;
}

static struct rig_item *first_due(struct rig *rig, uint64_t now_us, uint64_t *due_us)
{
	struct rig_item *first = NULL;

	*due_us = UINT64_MAX;
	for (size_t i = 0; i < rig->item_count; i++) {
		struct rig_item *item = &rig->items[i];

		if (item->out || item->verdicts[GH_VERDICT_DELIVERED] ||
			item->verdicts[GH_VERDICT_QUARANTINE])
			continue;
		if (item->due_us < *due_us) {
			*due_us = item->due_us;
			first = item;
		}
	}
	return *due_us <= now_us ? first : NULL;
}

static void make_photo(struct gh_delivery *delivery)
{
	delivery->kind = GH_RECEIPT_PHOTO;
	delivery->content_type = "image/jpeg";
	gh_uplink_path_photo(&delivery->id, delivery->path);
	while (delivery->body.length_bytes < RIG_PHOTO_BYTES)
		must(gh_bytes_append(&delivery->body, "\xff", 1, NULL) == GH_OK, "memory");
}

static enum gh_status take(
	void *ctx, struct gh_delivery *delivery, uint64_t *due_in_ms, struct gh_error *error)
{
	struct rig *rig = ctx;
	uint64_t now_us = clock_us(&rig->clock.clock);
	uint64_t due_us;
	struct rig_item *item;
	bool refuses;
	char text[64];

	memset(delivery, 0, sizeof(*delivery));
	pthread_mutex_lock(&rig->lock);
	rig->takes++;
	refuses = rig->refuses;
	item = refuses ? NULL : first_due(rig, now_us, &due_us);
	if (item) {
		item->out = true;
		rig->out_now++;
		if (rig->out_now > rig->out_most)
			rig->out_most = rig->out_now;
		delivery->id = item->id;
		delivery->kind = GH_RECEIPT_ENCOUNTER;
		delivery->attempts = item->attempts;
		delivery->token = item;
		delivery->content_type = "application/json";
		gh_uplink_path_encounter(&item->id, delivery->path);
		snprintf(text, sizeof(text), "{\"number\":%zu}", (size_t)(item - rig->items));
		must(gh_bytes_append(&delivery->body, text, strlen(text), NULL) == GH_OK, "memory");
		if (rig->photos)
			make_photo(delivery);
	} else if (!refuses) {
		*due_in_ms = due_us == UINT64_MAX ? due_us : (due_us - now_us) / 1000 + 1;
	}
	pthread_mutex_unlock(&rig->lock);
	if (item)
		return GH_OK;
	return gh_error_set(error, refuses ? GH_IO : GH_NOT_FOUND, "nothing");
}

static void verdict(void *ctx, const struct gh_delivery *delivery,
	const struct gh_judgement *judgement, uint64_t delay_ms, const char *detail)
{
	struct rig *rig = ctx;
	struct rig_item *item = delivery->token;

	pthread_mutex_lock(&rig->lock);
	must(item->out, "one verdict for each delivery");
	item->out = false;
	rig->out_now--;
	item->attempts++;
	item->verdicts[judgement->verdict]++;
	item->receipts += delivery->has_receipt;
	item->due_us = clock_us(&rig->clock.clock) + delay_ms * 1000;
	/* Where a second attempt is cut off by the stop, the first one's reason counts. */
	if (item->attempts == 1 || strcmp(judgement->reason.literal, "stopped") != 0) {
		item->delay_ms = delay_ms;
		snprintf(item->reason, sizeof(item->reason), "%s", judgement->reason.literal);
		snprintf(item->detail, sizeof(item->detail), "%s", detail);
	}
	pthread_mutex_unlock(&rig->lock);
}

static void etag(void *ctx, const struct gh_id *voyage, char text[65])
{
	struct rig *rig = ctx;

	(void)voyage;
	pthread_mutex_lock(&rig->lock);
	memcpy(text, rig->etag, sizeof(rig->etag));
	pthread_mutex_unlock(&rig->lock);
}

static void bundle(void *ctx, const struct gh_id *voyage, const char *path)
{
	struct rig *rig = ctx;
	struct gh_bytes content = GH_BYTES_EMPTY;

	must(gh_file_read(path, 1u << 20, &content, NULL) == GH_OK, "the bundle's file");
	pthread_mutex_lock(&rig->lock);
	rig->bundles[rig->bundle_count++ % RIG_VOYAGES_MAX] = *voyage;
	snprintf(rig->bundle_text, sizeof(rig->bundle_text), "%.*s", (int)content.length_bytes,
		content.data ? (const char *)content.data : "");
	pthread_mutex_unlock(&rig->lock);
	gh_bytes_finish(&content);
	unlink(path);
}

static void withdrawn(void *ctx, const struct gh_id *voyage)
{
	struct rig *rig = ctx;

	pthread_mutex_lock(&rig->lock);
	rig->withdrawn[rig->withdrawn_count++ % RIG_VOYAGES_MAX] = *voyage;
	pthread_mutex_unlock(&rig->lock);
}

static size_t held(void *ctx, struct gh_id *ids, size_t max)
{
	struct rig *rig = ctx;
	size_t count;

	pthread_mutex_lock(&rig->lock);
	count = rig->held_count < max ? rig->held_count : max;
	memcpy(ids, rig->held, count * sizeof(*ids));
	pthread_mutex_unlock(&rig->lock);
	return count;
}

static void passage(void *ctx, const struct gh_id *voyage, const struct gh_id *person)
{
	struct rig *rig = ctx;

	(void)voyage;
	pthread_mutex_lock(&rig->lock);
	rig->persons[rig->person_count++ % RIG_VOYAGES_MAX] = *person;
	pthread_mutex_unlock(&rig->lock);
}

const char *rig_key(const struct rig *rig, const char *name)
{
	static char paths[4][300];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(paths[turn], sizeof(paths[turn]), "%s/%s", rig->folder, name);
	return paths[turn];
}

void rig_make(struct rig *rig)
{
	static const char *const clients[] = { "lane-1" };
	static const char *const roles[] = { GH_ROLE_LANE };
	struct gh_error error;

	memset(rig, 0, sizeof(*rig));
	strcpy(rig->folder, "/tmp/uplink-XXXXXX");
	must(mkdtemp(rig->folder) != NULL, "mkdtemp");
	must(gh_demo_certificates_make(rig->folder, clients, roles, 1, &error) == GH_OK,
		"demo keys");
	pthread_mutex_init(&rig->lock, NULL);
	rig->clock.clock = (struct gh_clock){ clock_us, clock_ms, clock_quality };
	atomic_store(&rig->clock.us, 1000000);
	strcpy(rig->files[0], rig_key(rig, "ca.pem"));
	strcpy(rig->files[1], rig_key(rig, "lane-1.pem"));
	strcpy(rig->files[2], rig_key(rig, "lane-1.key"));
	strcpy(rig->url, "https://localhost:1");
	rig->options = (struct gh_uplink_options){
		.url = rig->url,
		.ca_file = rig->files[0],
		.certificate_file = rig->files[1],
		.key_file = rig->files[2],
		.connect_timeout_ms = 5000,
		.transfer_timeout_ms = 5000,
		.backoff_first_ms = 1000,
		.backoff_max_ms = 300000,
		.voyages_interval_ms = 60000,
		.passages_interval_ms = 5000,
		.download_folder = rig->folder,
		.clock = &rig->clock.clock,
	};
}

void rig_remove(struct rig *rig)
{
	DIR *folder = opendir(rig->folder);
	struct dirent *entry;

	rig_stop(rig);
	while (folder && (entry = readdir(folder)))
		unlink(rig_key(rig, entry->d_name));
	if (folder)
		closedir(folder);
	rmdir(rig->folder);
	pthread_mutex_destroy(&rig->lock);
}

struct fake_centre *rig_centre(struct rig *rig, fake_decide *decide, void *ctx)
{
	struct fake_centre *centre = fake_centre_start(rig_key(rig, "central.pem"),
		rig_key(rig, "central.key"), rig_key(rig, "ca.pem"), decide, ctx);

	snprintf(rig->url, sizeof(rig->url), "https://localhost:%u", fake_centre_port(centre));
	return centre;
}

void rig_put(struct rig *rig, size_t n)
{
	pthread_mutex_lock(&rig->lock);
	must(rig->item_count + n <= RIG_ITEMS_MAX, "room for items");
	for (size_t i = 0; i < n; i++) {
		struct rig_item *item = &rig->items[rig->item_count];

		memset(item, 0, sizeof(*item));
		item->id = (struct gh_id){ { 0xe1, 0, 0, 0, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0,
			(uint8_t)(rig->item_count >> 8), (uint8_t)rig->item_count } };
		rig->item_count++;
	}
	pthread_mutex_unlock(&rig->lock);
	if (rig->uplink)
		gh_uplink_wake(rig->uplink);
}

static enum gh_status heartbeat(
	void *ctx, char path[96], struct gh_bytes *body, struct gh_error *error)
{
	struct rig *rig = ctx;

	pthread_mutex_lock(&rig->lock);
	rig->beats++;
	pthread_mutex_unlock(&rig->lock);
	strcpy(path, "/v1/heartbeats/lane-1");
	return gh_bytes_append(body, "{\"beat\":1}", 10, error);
}

static void *run(void *ctx)
{
	struct rig *rig = ctx;

	must(gh_uplink_run(rig->uplink, NULL) == GH_CANCELLED, "the end of the run");
	return NULL;
}

void rig_start(struct rig *rig)
{
	const struct gh_uplink_source source = { rig, take, verdict, etag, bundle, withdrawn, held,
		passage, rig->heartbeats ? heartbeat : NULL };
	struct gh_error error = GH_ERROR_NONE;

	must(gh_uplink_create(&rig->options, &source, &rig->uplink, &error) == GH_OK, error.text);
	must(pthread_create(&rig->thread, NULL, run, rig) == 0, "thread");
	rig->started = true;
}

void rig_stop(struct rig *rig)
{
	if (!rig->started)
		return;
	gh_uplink_stop(rig->uplink);
	pthread_join(rig->thread, NULL);
	rig->started = false;
	gh_uplink_destroy(rig->uplink);
	rig->uplink = NULL;
}

bool rig_wait(struct rig *rig, bool (*done)(struct rig *rig))
{
	for (int i = 0; i < 10000; i++) {
		const struct timespec nap = { 0, 2000000 };
		bool now;

		pthread_mutex_lock(&rig->lock);
		now = done(rig);
		pthread_mutex_unlock(&rig->lock);
		if (now)
			return true;
		nanosleep(&nap, NULL);
	}
	return false;
}

void rig_advance(struct rig *rig, uint64_t ms)
{
	atomic_fetch_add(&rig->clock.us, ms * 1000);
	gh_uplink_wake(rig->uplink);
}

bool rig_all_judged(struct rig *rig)
{
	for (size_t i = 0; i < rig->item_count; i++) {
		if (rig->items[i].attempts == 0)
			return false;
	}
	return true;
}

bool rig_all_delivered(struct rig *rig)
{
	for (size_t i = 0; i < rig->item_count; i++) {
		if (rig->items[i].verdicts[GH_VERDICT_DELIVERED] == 0)
			return false;
	}
	return true;
}
