/* SPDX-License-Identifier: Apache-2.0 */
/* The lane's certificate: watched, warned about, and renewed under the running lane. */
#include <stdlib.h>
#include <string.h>

#include "daemon.h"
#include "gatehouse/base/file.h"
#include "gatehouse/crypto/credential.h"
#include "gatehouse/uplink/est.h"

#define TICK_MS 5000
#define DAY_MS (INT64_C(24) * 3600 * 1000)
#define CERTIFICATE_BYTES_MAX 65536u

/* After a failure: doubled up to the second. */
#define PAUSE_FIRST_MS 30000u
#define PAUSE_MAX_MS 3600000u

/* How long the uplink may take to end what is under way. */
#define TAKE_MS 90000u

/* Parts of its life at which it ends soon, and urgently: less than a third that is renewed. */
#define SOON_PART 5
#define URGENT_PART 10

/* A fleet that was enrolled in one morning does not come back in one morning. */
#define SPREAD_PERMILLE 50u

static struct gh_credential place_of(struct daemon *daemon)
{
	return (struct gh_credential){ .provider = daemon->provider,
		.certificate_file = daemon->settings.uplink.certificate_file,
		.key = daemon->settings.uplink.key_file,
		.name = daemon->settings.lane.id };
}

/* Pairs that were replaced stay as they are: another thread may be asking by one. */
static enum gh_status hold(struct daemon *daemon, struct gh_bytes *certificate,
	struct gh_bytes *key, struct gh_error *error)
{
	struct uplink_pair *pair = calloc(1, sizeof(*pair));
	enum gh_status status;

	if (!pair)
		return gh_error_set(error, GH_NO_MEMORY, "certificate and key");
	status = gh_certificate_parse(gh_bytes_view(certificate), &pair->facts, error);
	if (status != GH_OK) {
		free(pair);
		return status;
	}
	pair->certificate = *certificate;
	pair->key = *key;
	*certificate = (struct gh_bytes)GH_BYTES_EMPTY;
	*key = (struct gh_bytes)GH_BYTES_EMPTY;
	pair->before = atomic_load(&daemon->pair);
	atomic_store(&daemon->pair, pair);
	return GH_OK;
}

enum gh_status renew_load(struct daemon *daemon, struct gh_error *error)
{
	struct gh_credential place = place_of(daemon);
	struct gh_bytes certificate = GH_BYTES_EMPTY;
	struct gh_bytes key = GH_BYTES_EMPTY;
	enum gh_status status = gh_credential_settle(&place, error);

	if (status == GH_OK)
		status = gh_credential_read(&place, &certificate, &key, error);
	if (status == GH_OK)
		status = hold(daemon, &certificate, &key, error);
	gh_bytes_finish(&certificate);
	gh_bytes_finish(&key);
	return status;
}

void renew_forget(struct daemon *daemon)
{
	struct uplink_pair *pair = atomic_load(&daemon->pair);

	while (pair) {
		struct uplink_pair *before = pair->before;

		gh_bytes_finish(&pair->certificate);
		gh_bytes_finish(&pair->key);
		free(pair);
		pair = before;
	}
	atomic_store(&daemon->pair, NULL);
}

/* From now on everybody asks by this pair; what is under way ends first. */
static enum gh_status use(struct daemon *daemon, struct gh_bytes *certificate, struct gh_bytes *key,
	struct gh_error *error)
{
	const struct uplink_pair *pair;
	enum gh_status status = hold(daemon, certificate, key, error);

	if (status != GH_OK)
		return status;
	pair = atomic_load(&daemon->pair);
	return gh_uplink_use(daemon->uplink, gh_bytes_view(&pair->certificate),
		gh_bytes_view(&pair->key), TAKE_MS, error);
}

/* Somebody has put other files there: they are used once they fit each other. */
static void look_at_files(struct daemon *daemon)
{
	const struct uplink_pair *pair = atomic_load(&daemon->pair);
	struct gh_credential place = place_of(daemon);
	struct gh_bytes certificate = GH_BYTES_EMPTY;
	struct gh_bytes key = GH_BYTES_EMPTY;
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status =
		gh_file_read(place.certificate_file, CERTIFICATE_BYTES_MAX, &certificate, &error);

	if (status == GH_OK &&
		!gh_view_equal(gh_bytes_view(&certificate), gh_bytes_view(&pair->certificate))) {
		status = gh_credential_read(&place, &certificate, &key, &error);
		if (status == GH_OK)
			status = use(daemon, &certificate, &key, &error);
		if (status == GH_OK || status == GH_TIMEOUT)
			gh_log_bare(GH_LOG_NOTICE, "daemon", "certificate_replaced");
	}
	if (status != GH_OK && status != GH_TIMEOUT && !daemon->renewal.files_told)
		gh_log(GH_LOG_ERROR, "daemon", "certificate_files", gh_log_error(&error));
	daemon->renewal.files_told = status != GH_OK && status != GH_TIMEOUT;
	gh_bytes_finish(&certificate);
	gh_bytes_finish(&key);
}

static int64_t now_ms(struct daemon *daemon)
{
	return daemon->clock->real_ms(daemon->clock);
}

/* So many days, but of a certificate that lives for hours a part of its life. */
static bool is_within(const struct gh_certificate *facts, int64_t left_ms, uint32_t days, int part)
{
	int64_t limit_ms = (int64_t)days * DAY_MS;
	int64_t part_ms = (facts->not_after_ms - facts->not_before_ms) / part;

	return left_ms < (limit_ms < part_ms ? limit_ms : part_ms);
}

struct gh_word renew_state(
	const struct gh_settings_uplink *uplink, const struct gh_certificate *facts, int64_t at_ms)
{
	int64_t left_ms = facts->not_after_ms - at_ms;

	if (left_ms <= 0)
		return GH_WORD("over");
	if (is_within(facts, left_ms, uplink->renew_alarm_days, URGENT_PART))
		return GH_WORD("urgent");
	if (is_within(facts, left_ms, uplink->renew_warn_days, SOON_PART))
		return GH_WORD("soon");
	return GH_WORD("fine");
}

bool renew_is_due(const struct gh_settings_uplink *uplink, const struct gh_certificate *facts,
	int64_t at_ms, uint32_t random)
{
	int64_t life_ms = facts->not_after_ms - facts->not_before_ms;
	int64_t left_ms = facts->not_after_ms - at_ms;
	uint32_t spread = 1000 - uplink->renew_left_permille;
	uint32_t due = uplink->renew_left_permille;

	if (due == 0 || life_ms <= 0 || left_ms <= 0)
		return false;
	if (spread > SPREAD_PERMILLE)
		spread = SPREAD_PERMILLE;
	/* Later by chance, but not so late that nothing is left. */
	if (spread > due / 2)
		spread = due / 2;
	due -= (uint32_t)((uint64_t)spread * random / UINT32_MAX);
	return left_ms * 1000 <= life_ms * (int64_t)due;
}

static void note(struct daemon *daemon)
{
	const struct uplink_pair *pair = atomic_load(&daemon->pair);
	struct gh_uplink_certificate certificate = {
		.not_after_ms = pair->facts.not_after_ms,
		.renewals = daemon->renewal.renewals,
		.failures = daemon->renewal.failures,
		.state = renew_state(&daemon->settings.uplink, &pair->facts, now_ms(daemon)),
	};

	gh_uplink_note_certificate(daemon->uplink, &certificate);
	if (strcmp(certificate.state.literal, daemon->renewal.told) == 0)
		return;
	daemon->renewal.told = certificate.state.literal;
	if (strcmp(certificate.state.literal, "fine") != 0)
		gh_log(strcmp(certificate.state.literal, "soon") == 0 ? GH_LOG_WARNING
								      : GH_LOG_ERROR,
			"daemon", "certificate_ends", gh_log_word("state", certificate.state),
			gh_log_integer(
				"days_left", (certificate.not_after_ms - now_ms(daemon)) / DAY_MS));
}

/* Nobody but the centre says what the next certificate is: asked by the living pair. */
static enum gh_status fetch(
	struct daemon *daemon, const struct gh_credential *place, struct gh_error *error)
{
	struct gh_uplink_options options = compose_uplink(daemon, ".");
	struct gh_certs above = { .count = 0 };
	struct gh_bytes csr = GH_BYTES_EMPTY;
	struct gh_bytes der = GH_BYTES_EMPTY;
	enum gh_status status = gh_credential_begin(place, &csr, error);

	if (status == GH_OK)
		status = gh_est_certify(&options, gh_bytes_view(&csr), &der, error);
	if (status == GH_OK)
		status = gh_est_authorities(&options, &above, error);
	if (status == GH_OK)
		status = gh_credential_keep(
			place, gh_bytes_view(&der), &above, now_ms(daemon), error);
	gh_certs_finish(&above);
	gh_bytes_finish(&csr);
	gh_bytes_finish(&der);
	return status;
}

/* The centre takes the next pair, or the old one stays. */
static enum gh_status try_next(struct daemon *daemon, const struct gh_bytes *certificate,
	const struct gh_bytes *key, struct gh_error *error)
{
	struct gh_uplink_options options = compose_uplink(daemon, ".");
	struct gh_certs above = { .count = 0 };
	enum gh_status status;

	options.certificate = gh_bytes_view(certificate);
	options.key = gh_bytes_view(key);
	status = gh_est_authorities(&options, &above, error);
	gh_certs_finish(&above);
	if (status != GH_OK)
		gh_error_wrap(error, "with the new certificate");
	return status;
}

static enum gh_status renew(struct daemon *daemon, struct gh_error *error)
{
	struct gh_credential place = place_of(daemon);
	struct gh_bytes certificate = GH_BYTES_EMPTY;
	struct gh_bytes key = GH_BYTES_EMPTY;
	enum gh_status status = gh_credential_settle(&place, error);

	if (status == GH_OK)
		status = gh_credential_next(&place, now_ms(daemon), &certificate, &key, error);
	if (status == GH_NOT_FOUND) {
		gh_error_clear(error);
		status = fetch(daemon, &place, error);
		if (status == GH_OK)
			status = gh_credential_next(
				&place, now_ms(daemon), &certificate, &key, error);
	}
	if (status == GH_OK)
		status = try_next(daemon, &certificate, &key, error);
	if (status == GH_OK)
		status = gh_credential_adopt(&place, now_ms(daemon), error);
	gh_bytes_finish(&certificate);
	gh_bytes_finish(&key);
	return status;
}

/* A key that the centre will never certify, or no more, makes room for another. */
static void drop_refused(struct daemon *daemon)
{
	struct gh_credential place = place_of(daemon);
	struct gh_error error = GH_ERROR_NONE;

	if (gh_credential_drop(&place, &error) != GH_OK)
		gh_log(GH_LOG_ERROR, "daemon", "next_key_not_dropped", gh_log_error(&error));
}

static void note_failure(struct daemon *daemon, enum gh_status status, const struct gh_error *error)
{
	struct renewal *renewal = &daemon->renewal;
	uint32_t random = 0;

	if (gh_random_fill(&random, sizeof(random), NULL) != GH_OK)
		random = 0;
	renewal->failures++;
	renewal->not_before_us = daemon->clock->monotonic_us(daemon->clock) +
		gh_uplink_backoff_ms((uint32_t)(renewal->failures - 1), PAUSE_FIRST_MS,
			PAUSE_MAX_MS, 0, random) *
			1000;
	gh_log(GH_LOG_WARNING, "daemon", "not_renewed",
		gh_log_integer("failures", (int64_t)renewal->failures), gh_log_error(error));
	if (status == GH_DENIED || status == GH_REFUSED || status == GH_INTEGRITY)
		drop_refused(daemon);
}

static void tick(struct daemon *daemon)
{
	struct renewal *renewal = &daemon->renewal;
	const struct uplink_pair *pair;
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status;

	look_at_files(daemon);
	pair = atomic_load(&daemon->pair);
	note(daemon);
	if (!renew_is_due(
		    &daemon->settings.uplink, &pair->facts, now_ms(daemon), renewal->random) ||
		daemon->clock->monotonic_us(daemon->clock) < renewal->not_before_us)
		return;
	status = renew(daemon, &error);
	if (status != GH_OK) {
		note_failure(daemon, status, &error);
		note(daemon);
		return;
	}
	renewal->renewals++;
	renewal->failures = 0;
	renewal->not_before_us = 0;
	gh_log(GH_LOG_NOTICE, "daemon", "certificate_renewed",
		gh_log_integer("renewals", (int64_t)renewal->renewals));
	look_at_files(daemon);
	note(daemon);
}

void *renew_main(void *ctx)
{
	struct daemon *daemon = ctx;

	daemon->renewal.told = "";
	if (gh_random_fill(&daemon->renewal.random, sizeof(daemon->renewal.random), NULL) != GH_OK)
		daemon->renewal.random = 0;
	while (!atomic_load(&daemon->stopping)) {
		tick(daemon);
		daemon_pause(daemon, TICK_MS);
	}
	return NULL;
}
