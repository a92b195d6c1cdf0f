/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of an erasure round, as a table, and when it is time for one. */
#include "gatehouse/erasure/round.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/log.h"

/* A round that failed is tried again after this. */
#define AGAIN_MS 60000

struct gh_erasure {
	struct gh_erasure_options options;
	char folder[PATH_MAX];
	struct gh_erasure_log *log;
	bool first;                         /* no round was tried since the start */
	_Atomic(uint64_t) pending_since_us; /* monotonic, of this run; 0: nothing is pending */
	uint64_t not_before_us;             /* after a failure */
	_Atomic(uint64_t) failures;
	_Atomic(int64_t) last_round_ms;
	bool log_set_aside;
};

/* A deleted key may be under the next generation from before that is made: never claimed early. */
static enum gh_status expect(struct gh_erasure *erasure, struct gh_error *error)
{
	struct gh_provider *provider = erasure->options.provider;
	uint64_t generation = gh_provider_generation(provider);

	(void)error;
	if (!gh_provider_changing(provider))
		generation++;
	gh_outbox_expect_generation(erasure->options.outbox, generation);
	return GH_OK;
}

static enum gh_status begin(struct gh_erasure *erasure, struct gh_error *error)
{
	enum gh_status status = gh_provider_begin_change(erasure->options.provider, error);

	return status == GH_EXISTS ? GH_OK : status;
}

static enum gh_status rewrap_outbox(struct gh_erasure *erasure, struct gh_error *error)
{
	return gh_outbox_rewrap(erasure->options.outbox, error);
}

static enum gh_status rewrap_others(struct gh_erasure *erasure, struct gh_error *error)
{
	if (!erasure->options.rewrap)
		return GH_OK;
	return erasure->options.rewrap(erasure->options.ctx, error);
}

static enum gh_status checkpoint(struct gh_erasure *erasure, struct gh_error *error)
{
	return gh_outbox_checkpoint(erasure->options.outbox, error);
}

static enum gh_status finish(struct gh_erasure *erasure, struct gh_error *error)
{
	return gh_provider_finish_change(erasure->options.provider, error);
}

/* Rows whose keys were under a destroyed generation, as many as a batch takes. */
static enum gh_status collect(struct gh_erasure *erasure, uint64_t after, uint64_t destroyed,
	struct gh_erasing *rows, size_t *count, struct gh_error *error)
{
	size_t got;

	*count = 0;
	do {
		enum gh_status status = gh_outbox_erasing_read(
			erasure->options.outbox, after, destroyed, rows + *count, &got, error);

		if (status != GH_OK)
			return status;
		*count += got;
		after = got > 0 ? rows[*count - 1].serial : after;
	} while (
		got == GH_ERASING_READ_MAX && *count + GH_ERASING_READ_MAX <= GH_ERASURE_BATCH_MAX);
	return GH_OK;
}

/* What the log has already goes from the outbox; then the log's word and the outbox's agree. */
static enum gh_status agree(struct gh_erasure *erasure, struct gh_error *error)
{
	struct gh_erasure_head head;
	struct gh_erasing_state state;
	enum gh_status status = gh_outbox_erasing_state(erasure->options.outbox, &state, error);

	gh_erasure_log_head(erasure->log, &head);
	if (status != GH_OK ||
		(state.logged_batch == head.number && state.logged_serial >= head.last_serial))
		return status;
	if (head.last_serial < state.logged_serial)
		head.last_serial = state.logged_serial;
	return gh_outbox_erasing_done(
		erasure->options.outbox, head.last_serial, head.number, error);
}

static enum gh_status log_all(struct gh_erasure *erasure, struct gh_erasing *rows,
	uint64_t destroyed, struct gh_error *error)
{
	enum gh_status status;
	size_t count = 0;

	do {
		status = agree(erasure, error);
		if (status == GH_OK)
			status = collect(erasure, 0, destroyed, rows, &count, error);
		if (status == GH_OK && count > 0)
			status = gh_erasure_log_append(erasure->log, rows, count, destroyed, error);
	} while (status == GH_OK && count > 0);
	return status;
}

/*
 * While a change is under way the generation before the newest is there still, and nothing is true
 * yet. This is the last step, and the first: what a crash kept from the log comes into it then.
 */
static enum gh_status log_erasures(struct gh_erasure *erasure, struct gh_error *error)
{
	struct gh_provider *provider = erasure->options.provider;
	struct gh_erasing *rows;
	enum gh_status status;

	if (gh_provider_changing(provider))
		return agree(erasure, error);
	rows = malloc(GH_ERASURE_BATCH_MAX * sizeof(*rows));
	if (!rows)
		return gh_error_set(error, GH_NO_MEMORY, "a batch of the erasure log");
	status = log_all(erasure, rows, gh_provider_generation(provider) - 1, error);
	free(rows);
	return status;
}

/* The whole round, in its order. */
/* clang-format off */
static const struct {
	const char *name;
	enum gh_status (*run)(struct gh_erasure *erasure, struct gh_error *error);
} steps[] = {
	{ "making a new master",             begin         },
	{ "wrapping the outbox's keys anew", rewrap_outbox },
	{ "wrapping the voyages' keys anew", rewrap_others },
	{ "emptying the write-ahead log",    checkpoint    },
	{ "destroying the old master",       finish        },
	{ "logging what is erased",          log_erasures  },
};
/* clang-format on */

static enum gh_status run_steps(struct gh_erasure *erasure, struct gh_error *error)
{
	enum gh_status status = expect(erasure, error);

	for (size_t i = 0; status == GH_OK && i < sizeof(steps) / sizeof(steps[0]); i++) {
		status = steps[i].run(erasure, error);
		if (status != GH_OK)
			gh_error_wrap(error, "erasure: %s", steps[i].name);
	}
	return status;
}

static uint64_t now_us(const struct gh_erasure *erasure)
{
	return erasure->options.clock->monotonic_us(erasure->options.clock);
}

static enum gh_status run_round(struct gh_erasure *erasure, struct gh_error *error)
{
	struct gh_erasing_state state;
	enum gh_status status = log_erasures(erasure, error);

	if (status == GH_OK)
		status = gh_outbox_erasing_state(erasure->options.outbox, &state, error);
	if (status != GH_OK)
		return status;
	if (state.pending == 0 && !gh_provider_changing(erasure->options.provider))
		return GH_OK;
	status = run_steps(erasure, error);
	if (status == GH_OK) {
		struct gh_erasure_head head;

		gh_erasure_log_head(erasure->log, &head);
		atomic_store(&erasure->last_round_ms, head.time_ms);
		gh_log(GH_LOG_NOTICE, "erasure", "round",
			gh_log_integer("erased", (int64_t)state.pending),
			gh_log_integer("batch", (int64_t)head.number));
	}
	return status;
}

static enum gh_status expire(struct gh_erasure *erasure, int64_t ahead_ms, struct gh_error *error)
{
	const struct gh_erasure_options *options = &erasure->options;

	return gh_outbox_expire_photos(options->outbox,
		options->clock->real_ms(options->clock) + ahead_ms, options->photo_erased,
		options->ctx, error);
}

enum gh_status gh_erasure_round(struct gh_erasure *erasure, struct gh_error *error)
{
	enum gh_status status = expire(erasure, erasure->options.ahead_ms, error);

	if (status == GH_OK)
		status = run_round(erasure, error);
	erasure->first = false;
	erasure->pending_since_us = 0;
	erasure->not_before_us = 0;
	if (status != GH_OK) {
		atomic_fetch_add(&erasure->failures, 1);
		erasure->not_before_us = now_us(erasure) + AGAIN_MS * UINT64_C(1000);
	}
	return status;
}

/* Milliseconds to the next round at latest: by either clock, whichever is first. */
static int64_t round_in(const struct gh_erasure *erasure, const struct gh_erasing_state *state)
{
	const struct gh_erasure_options *options = &erasure->options;
	int64_t interval_ms = options->interval_ms;
	int64_t in_ms = INT64_MAX;

	if (state->next_limit_in_ms != INT64_MAX)
		in_ms = state->next_limit_in_ms - options->ahead_ms / 3;
	if (state->pending > 0) {
		int64_t real_ms = state->first_deleted_ms + interval_ms -
			options->clock->real_ms(options->clock);
		uint64_t since_us = erasure->pending_since_us;
		int64_t waited_ms =
			since_us == 0 ? 0 : (int64_t)((now_us(erasure) - since_us) / 1000);

		if (real_ms < in_ms)
			in_ms = real_ms;
		if (interval_ms - waited_ms < in_ms)
			in_ms = interval_ms - waited_ms;
	}
	return in_ms;
}

static enum gh_status is_due(struct gh_erasure *erasure, bool *due, struct gh_error *error)
{
	struct gh_erasing_state state;
	enum gh_status status = gh_outbox_erasing_state(erasure->options.outbox, &state, error);

	*due = false;
	if (status != GH_OK)
		return status;
	if (state.pending > 0 && erasure->pending_since_us == 0)
		erasure->pending_since_us = now_us(erasure);
	if (now_us(erasure) < erasure->not_before_us)
		return GH_OK;
	*due = erasure->first || gh_provider_changing(erasure->options.provider) ||
		round_in(erasure, &state) <= 0;
	return GH_OK;
}

enum gh_status gh_erasure_tick(struct gh_erasure *erasure, struct gh_error *error)
{
	bool due = false;
	enum gh_status status = is_due(erasure, &due, error);

	if (status != GH_OK)
		return status;
	/* What falls due calls for a round; only while one has failed it is just deleted. */
	return due ? gh_erasure_round(erasure, error) : expire(erasure, 0, error);
}

static enum gh_status open_log(struct gh_erasure *erasure, struct gh_error *error)
{
	const struct gh_erasure_options *options = &erasure->options;
	struct gh_erasure_log_options log = { .folder = erasure->folder,
		.lane = options->lane,
		.provider = options->provider,
		.clock = options->clock };
	struct gh_erasing_state state;
	enum gh_status status = gh_outbox_erasing_state(options->outbox, &state, error);

	if (status != GH_OK)
		return status;
	log.confirmed = state.logged_batch;
	status = gh_erasure_log_open(&log, &erasure->log, error);
	if (status != GH_INTEGRITY && status != GH_TRUNCATED && status != GH_MALFORMED)
		return status;
	if (error)
		gh_log(GH_LOG_ERROR, "erasure", "log_refused", gh_log_error(error));
	erasure->log_set_aside = true;
	status = gh_erasure_log_set_aside(
		erasure->folder, options->clock->real_ms(options->clock), error);
	if (status == GH_OK)
		status = gh_outbox_erasing_done(options->outbox, state.logged_serial, 0, error);
	log.confirmed = 0;
	return status == GH_OK ? gh_erasure_log_open(&log, &erasure->log, error) : status;
}

enum gh_status gh_erasure_open(const struct gh_erasure_options *options,
	struct gh_erasure **erasure, struct gh_error *error)
{
	struct gh_erasure *made = calloc(1, sizeof(*made));
	enum gh_status status = GH_OK;

	*erasure = NULL;
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "erasure");
	made->options = *options;
	made->first = true;
	if (!gh_text_copy(made->folder, sizeof(made->folder), options->folder))
		status = gh_error_set(error, GH_TOO_LARGE, "the folder's name is too long");
	made->options.folder = made->folder;
	if (status == GH_OK)
		status = open_log(made, error);
	if (status == GH_OK)
		status = agree(made, error);
	if (status != GH_OK) {
		gh_erasure_close(made);
		return status;
	}
	*erasure = made;
	return GH_OK;
}

void gh_erasure_close(struct gh_erasure *erasure)
{
	if (!erasure)
		return;
	gh_erasure_log_close(erasure->log);
	free(erasure);
}

struct gh_erasure_log *gh_erasure_log_of(struct gh_erasure *erasure)
{
	return erasure->log;
}

enum gh_status gh_erasure_state(
	struct gh_erasure *erasure, struct gh_erasure_state *state, struct gh_error *error)
{
	struct gh_erasing_state outbox;
	struct gh_erasure_head head;
	enum gh_status status = gh_outbox_erasing_state(erasure->options.outbox, &outbox, error);

	memset(state, 0, sizeof(*state));
	gh_erasure_log_head(erasure->log, &head);
	state->pending = outbox.pending;
	state->round_in_ms = status == GH_OK ? round_in(erasure, &outbox) : INT64_MAX;
	state->batches = head.number;
	state->witnessed = head.witnessed;
	state->last_round_ms = atomic_load(&erasure->last_round_ms);
	state->failures = atomic_load(&erasure->failures);
	state->log_set_aside = erasure->log_set_aside;
	return status;
}
