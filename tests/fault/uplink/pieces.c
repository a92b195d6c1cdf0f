/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A photograph on a line that is cut at chosen bytes, between the uplink and a real central
 * service: it arrives whole, and what had arrived does not go out again.
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

#include "../../support/encounter/specimen.h"
#include "../../support/folder.h"
#include "../../support/uplink/relay.h"
#include "gatehouse/base/log.h"
#include "gatehouse/central/central.h"
#include "gatehouse/crypto/certificate.h"
#include "gatehouse/uplink/uplink.h"

#define PHOTO_BYTES 150000
#define PIECE_BYTES 20000

/* Handshake, certificates and heads of a connection; and of TLS the last record, cut in half. */
#define CONNECTION_BYTES 12000
#define RECORD_BYTES 17000

static struct gh_settings settings;
static struct gh_central *central;
static struct relay *relay;
static pthread_t central_thread;
static char url[64];
static uint8_t photo[PHOTO_BYTES];

/* Two deliveries: a record, and then its photograph until it is there. */
static struct queue {
	struct gh_encounter encounter;
	struct gh_bytes json;
	atomic_int next;    /* 0 the record, 1 the photograph, 2 nothing more */
	atomic_int allowed; /* nothing beyond is handed out */
	atomic_bool held;   /* until the centre has been restarted */
	bool out;
	uint32_t attempts;
	struct gh_receipt receipt;
	char reason[32];
} queue;

static bool restarts; /* the centre, after the first attempt that failed */
static void restart_central(void);

static enum gh_status take(
	void *ctx, struct gh_delivery *delivery, uint64_t *due_in_ms, struct gh_error *error)
{
	int next = atomic_load(&queue.next);

	(void)ctx;
	memset(delivery, 0, sizeof(*delivery));
	*due_in_ms = UINT64_MAX;
	if (queue.out || next >= atomic_load(&queue.allowed))
		return GH_NOT_FOUND;
	if (atomic_load(&queue.held)) {
		*due_in_ms = 5;
		return GH_NOT_FOUND;
	}
	queue.out = true;
	delivery->id = queue.encounter.id;
	delivery->attempts = queue.attempts;
	if (next == 0) {
		gh_uplink_path_encounter(&delivery->id, delivery->path);
		delivery->kind = GH_RECEIPT_ENCOUNTER;
		delivery->content_type = "application/json";
		return gh_bytes_append(
			&delivery->body, queue.json.data, queue.json.length_bytes, error);
	}
	gh_uplink_path_photo(&delivery->id, delivery->path);
	delivery->kind = GH_RECEIPT_PHOTO;
	delivery->content_type = "image/jpeg";
	return gh_bytes_append(&delivery->body, photo, sizeof(photo), error);
}

static void verdict(void *ctx, const struct gh_delivery *delivery,
	const struct gh_judgement *judgement, uint64_t delay_ms, const char *detail)
{
	(void)ctx;
	(void)delay_ms;
	queue.out = false;
	queue.attempts++;
	snprintf(queue.reason, sizeof(queue.reason), "%s %s", judgement->reason.literal, detail);
	if (judgement->verdict != GH_VERDICT_DELIVERED) {
		atomic_store(&queue.held, restarts && queue.attempts == 1);
		return;
	}
	assert_true(delivery->has_receipt);
	queue.receipt = delivery->receipt;
	queue.attempts = 0;
	atomic_fetch_add(&queue.next, 1);
}

static void no_etag(void *ctx, const struct gh_id *voyage, char etag[65])
{
	(void)ctx;
	(void)voyage;
	etag[0] = '\0';
}

static void *serve(void *ctx)
{
	return gh_central_serve(ctx, NULL) == GH_OK ? NULL : ctx;
}

static void *run(void *ctx)
{
	return gh_uplink_run(ctx, NULL) == GH_CANCELLED ? NULL : ctx;
}

static int set_up_all(void **state)
{
	static const char *const clients[] = { "lane-1" };
	static const char *const roles[] = { GH_ROLE_LANE };
	struct gh_settings_central *set = &settings.central;

	if (folder_set_up(state) != 0 ||
		gh_demo_certificates_make(folder_path(), clients, roles, 1, NULL) != GH_OK)
		return -1;
	gh_settings_default(&settings);
	set->listen_port = 0;
	gh_text_copy(set->data_directory, sizeof(set->data_directory), folder_place("data"));
	gh_text_copy(set->ca_file, sizeof(set->ca_file), folder_place("ca.pem"));
	gh_text_copy(
		set->certificate_file, sizeof(set->certificate_file), folder_place("central.pem"));
	gh_text_copy(set->key_file, sizeof(set->key_file), folder_place("central.key"));
	gh_text_copy(set->signer_certificate_file, sizeof(set->signer_certificate_file),
		folder_place("signer.pem"));
	gh_text_copy(
		set->signer_key_file, sizeof(set->signer_key_file), folder_place("signer.key"));
	gh_text_copy(
		settings.keys.directory, sizeof(settings.keys.directory), folder_place("keys"));
	if (gh_central_open(&settings, gh_clock_system(), &central, NULL) != GH_OK ||
		pthread_create(&central_thread, NULL, serve, central) != 0)
		return -1;
	relay = relay_start(gh_central_port(central));
	snprintf(url, sizeof(url), "https://localhost:%u", relay_port(relay));
	for (size_t i = 0; i < sizeof(photo); i++)
		photo[i] = (uint8_t)(i * i / 251 + i);
	return 0;
}

static int tear_down_all(void **state)
{
	relay_stop(relay);
	gh_central_stop(central);
	pthread_join(central_thread, NULL);
	gh_central_close(central);
	return folder_tear_down(state);
}

static void make_record(uint32_t n)
{
	struct gh_sha256 hash;
	struct gh_view bytes = { photo, sizeof(photo) };
	int64_t now_ms = gh_clock_system()->real_ms(gh_clock_system());

	memset(&queue, 0, sizeof(queue));
	memcpy(photo, &n, sizeof(n));
	specimen_encounter_of(SPECIMEN_NOT_FOUND, n + 1, &queue.encounter);
	strcpy(queue.encounter.lane.lane, "lane-1");
	queue.encounter.destroy_by_ms += now_ms - queue.encounter.event_ms;
	queue.encounter.event_ms = now_ms;
	assert_int_equal(gh_sha256_of(bytes, &hash, NULL), GH_OK);
	memcpy(queue.encounter.photo_sha256, hash.bytes, sizeof(hash.bytes));
	queue.encounter.photo_bytes = PHOTO_BYTES;
	assert_int_equal(gh_encounter_encode(&queue.encounter, &queue.json, NULL), GH_OK);
}

static void wait_for(int next)
{
	const struct timespec nap = { 0, 5000000 };

	for (int i = 0; i < 6000 && atomic_load(&queue.next) < next; i++) {
		nanosleep(&nap, NULL);
		if (!restarts || !atomic_load(&queue.held))
			continue;
		restart_central();
		atomic_store(&queue.held, false);
	}
	if (atomic_load(&queue.next) < next)
		fail_msg("not delivered: %s", queue.reason);
}

static struct gh_uplink_options options_of(uint32_t piece_bytes)
{
	return (struct gh_uplink_options){ .url = url,
		.ca_file = folder_place("ca.pem"),
		.certificate_file = folder_place("lane-1.pem"),
		.key_file = folder_place("lane-1.key"),
		.connect_timeout_ms = 5000,
		.transfer_timeout_ms = 20000,
		.backoff_first_ms = 20,
		.backoff_max_ms = 40,
		.voyages_interval_ms = 600000,
		.passages_interval_ms = 600000,
		.photo_piece_bytes = piece_bytes,
		.receipts = true,
		.download_folder = folder_path(),
		.clock = gh_clock_system() };
}

/* Deliver a record, and then its photograph with so many cuts; what was carried for that. */
static struct relay_counts deliver(uint32_t piece_bytes, unsigned cuts, uint64_t after_bytes)
{
	const struct gh_uplink_source source = {
		.take = take, .verdict = verdict, .etag = no_etag
	};
	struct gh_uplink_options options = options_of(piece_bytes);
	struct relay_counts before = { 0 }, after;
	struct gh_uplink *uplink;
	pthread_t thread;

	for (int part = 1; part <= 2; part++) {
		before = relay_counts(relay);
		if (part == 2)
			relay_cut(relay, cuts, after_bytes);
		atomic_store(&queue.allowed, part);
		assert_int_equal(gh_uplink_create(&options, &source, &uplink, NULL), GH_OK);
		assert_int_equal(pthread_create(&thread, NULL, run, uplink), 0);
		wait_for(part);
		gh_uplink_stop(uplink);
		pthread_join(thread, NULL);
		gh_uplink_destroy(uplink);
	}
	relay_cut(relay, 0, 0);
	gh_bytes_finish(&queue.json);
	assert_memory_equal(queue.receipt.hash.bytes, queue.encounter.photo_sha256, 32);
	assert_int_equal(queue.receipt.kind, GH_RECEIPT_PHOTO);
	after = relay_counts(relay);
	return (struct relay_counts){ after.bytes - before.bytes,
		after.connections - before.connections, after.cut - before.cut };
}

static void a_cut_line_goes_on_where_it_was(void **state)
{
	static const uint64_t cut_at[] = { 10000, 33333, 70000, 120000, 149000 };

	for (uint32_t i = 0; i < sizeof(cut_at) / sizeof(cut_at[0]); i++) {
		struct relay_counts counts;

		make_record(i);
		counts = deliver(PIECE_BYTES, 1, cut_at[i]);
		printf("cut at %llu: %llu bytes on %u connections\n", (unsigned long long)cut_at[i],
			(unsigned long long)counts.bytes, counts.connections);
		assert_int_equal(counts.cut, 1);
		assert_true(counts.bytes <=
			PHOTO_BYTES + counts.connections * CONNECTION_BYTES + RECORD_BYTES);
	}
}

static void a_line_that_is_cut_again_and_again_is_no_hindrance(void **state)
{
	struct relay_counts counts;

	make_record(100);
	counts = deliver(PIECE_BYTES, 3, 45000);
	printf("cut %u times: %llu bytes on %u connections\n", counts.cut,
		(unsigned long long)counts.bytes, counts.connections);
	assert_int_equal(counts.cut, 3);
	assert_true(counts.bytes <=
		PHOTO_BYTES + counts.connections * CONNECTION_BYTES + counts.cut * RECORD_BYTES);
}

/* Without pieces the same cut costs all that was sent: the bound above can be missed. */
static void without_pieces_all_goes_out_again(void **state)
{
	struct relay_counts counts;

	make_record(200);
	counts = deliver(0, 1, 120000);
	assert_int_equal(counts.cut, 1);
	assert_true(counts.bytes > PHOTO_BYTES + 110000);
}

static void restart_central(void)
{
	struct gh_error error;

	gh_central_stop(central);
	pthread_join(central_thread, NULL);
	settings.central.listen_port = gh_central_port(central);
	gh_central_close(central);
	if (gh_central_open(&settings, gh_clock_system(), &central, &error) != GH_OK)
		fail_msg("%s", error.text);
	assert_int_equal(pthread_create(&central_thread, NULL, serve, central), 0);
}

/* What the centre kept is gone with it: the photograph begins anew, and arrives. */
static void a_centre_that_forgot_gets_it_whole(void **state)
{
	struct relay_counts counts;

	make_record(300);
	restarts = true;
	counts = deliver(PIECE_BYTES, 1, 120000);
	restarts = false;
	assert_int_equal(counts.cut, 1);
	assert_true(counts.bytes > PHOTO_BYTES + 110000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cut_line_goes_on_where_it_was),
		cmocka_unit_test(a_line_that_is_cut_again_and_again_is_no_hindrance),
		cmocka_unit_test(without_pieces_all_goes_out_again),
		cmocka_unit_test(a_centre_that_forgot_gets_it_whole),
	};

	gh_log_set_level((enum gh_log_level)0);
	return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
