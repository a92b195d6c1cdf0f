/* SPDX-License-Identifier: Apache-2.0 */
/* What the uplink asks of the centre: the voyages, their bundles, the passages. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gatehouse/base/log.h"
#include "inside.h"
#include "way.h"

/* As manifest/bundle.h; rooms do not know each other. */
#define BUNDLE_BYTES_MAX (3ull * 1024 * 1024 * 1024)

/* Longest pause before a bundle that was not taken is fetched again. */
#define REFUSED_PAUSE_MAX_MS 3600000u

static uint64_t after_ms(const struct gh_uplink *uplink, uint32_t ms)
{
	return uplink_now_us(uplink) + (uint64_t)ms * 1000;
}

static struct known_voyage *find_voyage(struct gh_uplink *uplink, const struct gh_id *id)
{
	for (size_t i = 0; i < uplink->voyage_count; i++) {
		if (gh_id_equal(&uplink->voyages[i].listed.id, id))
			return &uplink->voyages[i];
	}
	return NULL;
}

static void begin(struct gh_uplink *uplink, enum errand_kind kind, const struct ask *ask)
{
	struct errand *errand = &uplink->errand;
	struct gh_error error;
	enum gh_status status = transfer_begin(&errand->transfer, &uplink->link, ask, &error);

	errand->kind = kind;
	errand->transfer.began = uplink->pauses;
	if (status == GH_OK &&
		curl_multi_add_handle(uplink->multi, errand->transfer.easy) == CURLM_OK)
		return;
	gh_log(GH_LOG_ERROR, "uplink", "errand_not_begun", gh_log_status("status", status));
	errand_give_up(uplink);
}

static void ask_list(struct gh_uplink *uplink)
{
	struct ask ask = {
		.method = "GET", .path = "/v1/voyages", .answer_max_bytes = ANSWER_BYTES_MAX
	};

	uplink->list_due_us = after_ms(uplink, uplink->voyages_interval_ms);
	begin(uplink, ERRAND_LIST, &ask);
}

static void listen_only(struct gh_uplink *uplink)
{
	struct ask ask = { .method = "GET", .path = "", .connect_only = true };

	uplink->listens_due = false;
	begin(uplink, ERRAND_LISTEN, &ask);
}

static void ask_bundle(struct gh_uplink *uplink, struct known_voyage *voyage)
{
	struct errand *errand = &uplink->errand;
	char id[GH_ID_TEXT_BYTES];
	struct ask ask = { .method = "GET",
		.path = errand->path,
		.etag = errand->etag,
		.answer_max_bytes = ANSWER_BYTES_MAX,
		.save_max_bytes = BUNDLE_BYTES_MAX,
		.patient = true };

	voyage->wanted = false;
	errand->voyage = voyage->listed.id;
	gh_id_format(&voyage->listed.id, id);
	snprintf(errand->path, sizeof(errand->path), "/v1/voyages/%s", id);
	snprintf(errand->part_path, sizeof(errand->part_path), "%s/%s.part",
		uplink->link.download_folder, id);
	uplink->source.etag(uplink->source.ctx, &voyage->listed.id, errand->etag);
	errand->file = fopen(errand->part_path, "wb");
	if (!errand->file) {
		struct gh_error error;

		gh_error_errno(&error, errno, "%s", errand->part_path);
		gh_log(GH_LOG_ERROR, "uplink", "download_not_begun", gh_log_error(&error));
		return;
	}
	ask.save = errand->file;
	begin(uplink, ERRAND_BUNDLE, &ask);
}

static void ask_passages(struct gh_uplink *uplink, struct known_voyage *voyage)
{
	struct errand *errand = &uplink->errand;
	char id[GH_ID_TEXT_BYTES];
	struct ask ask = {
		.method = "GET", .path = errand->path, .answer_max_bytes = ANSWER_BYTES_MAX
	};

	voyage->passages_due = false;
	errand->voyage = voyage->listed.id;
	gh_id_format(&voyage->listed.id, id);
	snprintf(errand->path, sizeof(errand->path), "/v1/voyages/%s/passages?since=%lld", id,
		(long long)voyage->passages_next);
	begin(uplink, ERRAND_PASSAGES, &ask);
}

static void note_passages(struct gh_uplink *uplink)
{
	if (!uplink->passages_whole)
		return;
	pthread_mutex_lock(&uplink->lock);
	uplink->state.passages_checked_us = uplink->passages_begun_us;
	pthread_mutex_unlock(&uplink->lock);
}

static void begin_passages(struct gh_uplink *uplink)
{
	uplink->passages_due_us = after_ms(uplink, uplink->passages_interval_ms);
	uplink->passages_begun_us = uplink_now_us(uplink);
	uplink->passages_whole = true;
	for (size_t i = 0; i < uplink->voyage_count; i++)
		uplink->voyages[i].passages_due = true;
	if (uplink->voyage_count == 0)
		note_passages(uplink);
}

void errand_start(struct gh_uplink *uplink)
{
	uint64_t now_us = uplink_now_us(uplink);

	if (uplink->errand.kind != ERRAND_NONE)
		return;
	if (uplink->listens_due) {
		listen_only(uplink);
		return;
	}
	if (now_us >= uplink->list_due_us) {
		ask_list(uplink);
		return;
	}
	if (uplink->listed && now_us >= uplink->passages_due_us)
		begin_passages(uplink);
	/* Passages are small and decide who may pass: before bundles. */
	for (size_t i = 0; i < uplink->voyage_count; i++) {
		if (uplink->voyages[i].passages_due) {
			ask_passages(uplink, &uplink->voyages[i]);
			return;
		}
	}
	for (size_t i = 0; i < uplink->voyage_count; i++) {
		if (uplink->voyages[i].wanted && uplink->errand.kind == ERRAND_NONE)
			ask_bundle(uplink, &uplink->voyages[i]);
	}
}

uint64_t errand_due_us(const struct gh_uplink *uplink)
{
	uint64_t due_us = uplink->list_due_us;

	if (uplink->errand.kind != ERRAND_NONE)
		return UINT64_MAX;
	if (uplink->listed && uplink->passages_due_us < due_us)
		due_us = uplink->passages_due_us;
	for (size_t i = 0; i < uplink->voyage_count; i++) {
		if (uplink->voyages[i].wanted || uplink->voyages[i].passages_due)
			return 0;
	}
	return due_us;
}

static bool is_listed(const struct listed_voyage *list, size_t count, const struct gh_id *id)
{
	for (size_t i = 0; i < count; i++) {
		if (gh_id_equal(&list[i].id, id))
			return true;
	}
	return false;
}

/* Those that were listed before, and at first those that are held, but are not listed now. */
static void tell_withdrawn(struct gh_uplink *uplink, const struct listed_voyage *list, size_t count)
{
	static const size_t held_max = 64;
	struct gh_id held[64];
	size_t held_count = 0;

	if (!uplink->listed && uplink->source.held)
		held_count = uplink->source.held(uplink->source.ctx, held, held_max);
	for (size_t i = 0; i < held_count && i < held_max; i++) {
		if (!is_listed(list, count, &held[i]))
			uplink->source.withdrawn(uplink->source.ctx, &held[i]);
	}
	for (size_t i = 0; i < uplink->voyage_count; i++) {
		const struct gh_id *id = &uplink->voyages[i].listed.id;

		if (!is_listed(list, count, id))
			uplink->source.withdrawn(uplink->source.ctx, id);
	}
}

static void take_list(struct gh_uplink *uplink, const struct listed_voyage *list, size_t count)
{
	struct known_voyage *voyages = calloc(ANSWER_VOYAGES_MAX, sizeof(*voyages));

	if (!voyages)
		return;
	tell_withdrawn(uplink, list, count);
	for (size_t i = 0; i < count; i++) {
		const struct known_voyage *before = find_voyage(uplink, &list[i].id);
		char etag[65] = "";

		if (before)
			voyages[i] = *before;
		else
			voyages[i].passages_due = uplink->listed;
		/* Other content has not been refused yet. */
		if (strcmp(voyages[i].listed.etag, list[i].etag) != 0)
			voyages[i].refused = 0;
		voyages[i].listed = list[i];
		uplink->source.etag(uplink->source.ctx, &list[i].id, etag);
		voyages[i].wanted = strcmp(etag, list[i].etag) != 0 &&
			(voyages[i].refused == 0 || uplink_now_us(uplink) >= voyages[i].again_us);
	}
	free(uplink->voyages);
	uplink->voyages = voyages;
	uplink->voyage_count = count;
	uplink->listed = true;
}

static void finish_list(struct gh_uplink *uplink)
{
	struct listed_voyage *list = calloc(ANSWER_VOYAGES_MAX, sizeof(*list));
	struct gh_error error;
	size_t count = 0;

	if (list &&
		answer_voyages(gh_bytes_view(&uplink->errand.transfer.answer), list, &count,
			&error) == GH_OK)
		take_list(uplink, list, count);
	else if (list)
		gh_log(GH_LOG_WARNING, "uplink", "list_refused", gh_log_error(&error));
	free(list);
}

static void finish_passages(struct gh_uplink *uplink)
{
	struct errand *errand = &uplink->errand;
	struct known_voyage *voyage = find_voyage(uplink, &errand->voyage);
	struct gh_id persons[ANSWER_PASSAGES_MAX];
	struct gh_error error;
	int64_t next;
	size_t count = 0;

	if (!voyage)
		return;
	if (answer_passages(gh_bytes_view(&errand->transfer.answer), persons, &count, &next,
		    &error) != GH_OK) {
		gh_log(GH_LOG_WARNING, "uplink", "passages_refused", gh_log_error(&error));
		uplink->passages_whole = false;
		return;
	}
	for (size_t i = 0; i < count; i++)
		uplink->source.passage(uplink->source.ctx, &errand->voyage, &persons[i]);
	/* A full page has more behind it; one that does not move on would turn for ever. */
	voyage->passages_due = count == ANSWER_PASSAGES_MAX && next > voyage->passages_next;
	if (next > voyage->passages_next)
		voyage->passages_next = next;
}

/*
 * A bundle that the lane does not take (a test voyage in a service, a damaged file at the centre, a
 * full gallery) would come again with every list, and may be of gigabytes.
 */
static void note_refusal(struct gh_uplink *uplink)
{
	struct known_voyage *voyage = find_voyage(uplink, &uplink->errand.voyage);
	uint64_t pause_ms = uplink->voyages_interval_ms;
	char etag[65] = "";

	if (!voyage)
		return;
	uplink->source.etag(uplink->source.ctx, &voyage->listed.id, etag);
	if (strcmp(etag, voyage->listed.etag) == 0) {
		voyage->refused = 0;
		return;
	}
	voyage->refused++;
	for (uint32_t i = 0; i < voyage->refused && pause_ms < REFUSED_PAUSE_MAX_MS; i++)
		pause_ms *= 2;
	voyage->again_us = after_ms(uplink,
		pause_ms < REFUSED_PAUSE_MAX_MS ? (uint32_t)pause_ms : REFUSED_PAUSE_MAX_MS);
}

static void finish_bundle(struct gh_uplink *uplink)
{
	struct errand *errand = &uplink->errand;
	char path[sizeof(errand->part_path) + 8];
	size_t stem = strlen(errand->part_path) - strlen(".part");
	int flushed = fflush(errand->file) | fsync(fileno(errand->file));

	if ((fclose(errand->file) | flushed) != 0) {
		errand->file = NULL;
		gh_log(GH_LOG_ERROR, "uplink", "download_not_written",
			gh_log_id("voyage", &errand->voyage));
		return;
	}
	errand->file = NULL;
	snprintf(path, sizeof(path), "%.*s.bundle", (int)stem, errand->part_path);
	if (rename(errand->part_path, path) != 0)
		return;
	gh_log(GH_LOG_NOTICE, "uplink", "bundle", gh_log_id("voyage", &errand->voyage),
		gh_log_integer("bytes", (int64_t)errand->transfer.saved));
	uplink->source.bundle(uplink->source.ctx, &errand->voyage, path);
	note_refusal(uplink);
}

static void answered(struct gh_uplink *uplink, long http_status)
{
	const struct errand *errand = &uplink->errand;

	if (http_status == 200 && errand->kind == ERRAND_LIST)
		finish_list(uplink);
	else if (http_status == 200 && errand->kind == ERRAND_PASSAGES)
		finish_passages(uplink);
	else if (http_status == 200 && errand->kind == ERRAND_BUNDLE)
		finish_bundle(uplink);
	else if (errand->kind == ERRAND_PASSAGES && http_status != 404)
		uplink->passages_whole = false;
}

/* After the last passage list of a round all lanes' passages are known up to its beginning. */
static void end_round(struct gh_uplink *uplink)
{
	for (size_t i = 0; i < uplink->voyage_count; i++) {
		if (uplink->voyages[i].passages_due)
			return;
	}
	note_passages(uplink);
}

void errand_finish(struct gh_uplink *uplink, CURLcode code)
{
	struct errand *errand = &uplink->errand;
	long http_status = transfer_http_status(&errand->transfer);
	struct gh_judgement judgement;
	bool passages = errand->kind == ERRAND_PASSAGES;

	if (errand->kind == ERRAND_LISTEN && code == CURLE_OK) {
		code = transfer_listen(&errand->transfer);
		if (code == CURLE_OK) {
			uplink->list_due_us = 0;
			errand_give_up(uplink);
			return;
		}
	}
	judgement = way_judge(&errand->transfer, code);

	/* An answer that is not to be used is still an answer. */
	if (errand->transfer.too_large)
		judgement = (struct gh_judgement){ GH_VERDICT_ALARM, GH_WORD("answer_too_large"),
			false };
	if (http_status == 304 && code == CURLE_OK)
		judgement.centre_wide = false;
	uplink_pace(uplink, &judgement, errand->transfer.began,
		answer_retry_after(
			errand->transfer.retry_after, uplink->clock->real_ms(uplink->clock)));
	if (code == CURLE_OK && !errand->transfer.too_large) {
		answered(uplink, http_status);
	} else {
		bool alarm = judgement.verdict == GH_VERDICT_ALARM;

		if (alarm)
			uplink_count(uplink, GH_VERDICT_ALARM);
		/* What concerns the whole centre is said once, as the alarm. */
		gh_log(alarm && !judgement.centre_wide ? GH_LOG_ERROR : GH_LOG_INFO, "uplink",
			"errand_failed", gh_log_word("reason", judgement.reason));
		if ((errand->kind == ERRAND_LIST || !uplink->doubted) &&
			errand->kind != ERRAND_LISTEN &&
			transfer_broke_off(&errand->transfer, code))
			uplink_doubt(uplink);
		if (passages)
			uplink->passages_whole = false;
	}
	errand_give_up(uplink);
	if (passages)
		end_round(uplink);
}

void errand_give_up(struct gh_uplink *uplink)
{
	struct errand *errand = &uplink->errand;

	if (errand->transfer.easy)
		curl_multi_remove_handle(uplink->multi, errand->transfer.easy);
	transfer_end(&errand->transfer);
	if (errand->file)
		fclose(errand->file);
	if (errand->part_path[0])
		unlink(errand->part_path);
	memset(errand, 0, sizeof(*errand));
}
