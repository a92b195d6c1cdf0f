/* SPDX-License-Identifier: Apache-2.0 */
/* What the centre counts of itself, and how Prometheus is told. */
#include "metrics.h"

#include <string.h>

#include "alarm.h"
#include "desk.h"
#include "gatehouse/base/log.h"
#include "gatehouse/crypto/certificate.h"

enum metric {
	M_BUILD,
	M_REQUESTS,
	M_SECONDS,
	M_CONNECTIONS,
	M_CONNECTIONS_MAX,
	M_STORE_ERRORS,
	M_RECORDS,
	M_ADDENDA,
	M_PHOTOS,
	M_VOYAGES,
	M_REGISTERED,
	M_SEEN,
	M_HEARTBEATS,
	M_HEARTBEAT,
	M_OFFSET,
	M_TRIED,
	M_CAPTURED,
	M_ALARMS,
	M_ALARM,
	M_CERTIFICATE,
	M_COUNT
};

/* clang-format off */
const struct gh_metric central_metrics_table[] = {
	[M_BUILD] = { "gatehouse_central_build_info", GH_METRIC_GAUGE, { "version" },
		"Always 1: the version of the centre." },
	[M_REQUESTS] = { "gatehouse_central_requests_total",
		GH_METRIC_COUNTER, { "operation", "outcome" },
		"Requests by operation of the API and outcome: done, refused (4xx), "
		"failed (5xx)." },
	[M_SECONDS] = { "gatehouse_central_request_duration_seconds", GH_METRIC_HISTOGRAM, { NULL },
		"From a request's line to its answer, stored and all." },
	[M_CONNECTIONS] = { "gatehouse_central_connections", GH_METRIC_GAUGE, { NULL },
		"Connections open now." },
	[M_CONNECTIONS_MAX] = { "gatehouse_central_connections_max", GH_METRIC_GAUGE, { NULL },
		"How many are taken at once ([central] lanes_max_connections)." },
	[M_STORE_ERRORS] = { "gatehouse_central_store_errors_total", GH_METRIC_COUNTER, { NULL },
		"Times the database did not do what it was asked." },
	[M_RECORDS] = { "gatehouse_central_records", GH_METRIC_GAUGE, { NULL },
		"Encounter records held; with PostgreSQL an estimate." },
	[M_ADDENDA] = { "gatehouse_central_addenda", GH_METRIC_GAUGE, { NULL },
		"Addenda held; with PostgreSQL an estimate." },
	[M_PHOTOS] = { "gatehouse_central_photos", GH_METRIC_GAUGE, { NULL },
		"Photographs held." },
	[M_VOYAGES] = { "gatehouse_central_voyages", GH_METRIC_GAUGE, { NULL },
		"Voyages published and not withdrawn." },
	[M_REGISTERED] = { "gatehouse_central_lanes_registered", GH_METRIC_GAUGE, { NULL },
		"Lanes that are registered and not revoked." },
	[M_SEEN] = { "gatehouse_central_lanes_seen", GH_METRIC_GAUGE, { NULL },
		"Lanes whose last heartbeat is held." },
	[M_HEARTBEATS] = { "gatehouse_central_heartbeats_total", GH_METRIC_COUNTER, { NULL },
		"Heartbeats taken by this process." },
	[M_HEARTBEAT] = { "gatehouse_central_lane_heartbeat_timestamp_seconds",
		GH_METRIC_GAUGE, { "lane" },
		"When a lane was heard last." },
	[M_OFFSET] = { "gatehouse_central_lane_clock_offset_seconds", GH_METRIC_GAUGE, { "lane" },
		"A lane's clock against the centre's, at its last heartbeat." },
	[M_TRIED] = { "gatehouse_central_lane_window_tried", GH_METRIC_GAUGE, { "lane" },
		"Travellers a lane tried to capture in the alarms' window." },
	[M_CAPTURED] = { "gatehouse_central_lane_window_captured", GH_METRIC_GAUGE, { "lane" },
		"Travellers captured among them." },
	[M_ALARMS] = { "gatehouse_central_alarms", GH_METRIC_GAUGE, { "kind" },
		"Alarms that stand, by kind." },
	[M_ALARM] = { "gatehouse_central_lane_alarm", GH_METRIC_GAUGE, { "lane", "kind" },
		"1 for each alarm that stands." },
	[M_CERTIFICATE] = { "gatehouse_central_certificate_not_after_timestamp_seconds",
		GH_METRIC_GAUGE, { "certificate" },
		"When a certificate of the centre ends: its own, the lanes' authority, "
		"the signer of voyages." },
};
/* clang-format on */

const size_t central_metrics_count = M_COUNT;

static const double bounds[METRICS_BOUNDS] = { 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
	0.5, 1, 2.5, 10 };

static const char *const outcomes[] = { "done", "refused", "failed" };

static struct gh_histogram histogram_of(struct metrics *metrics)
{
	return (struct gh_histogram){ bounds, METRICS_BOUNDS, metrics->seconds,
		metrics->seconds_sum };
}

void metrics_count(
	struct metrics *metrics, enum endpoint endpoint, int http_status, uint64_t took_us)
{
	struct gh_histogram histogram = histogram_of(metrics);
	enum metrics_outcome outcome = http_status < 400 ? METRICS_DONE
		: http_status < 500                      ? METRICS_REFUSED
							 : METRICS_FAILED;
	size_t place = (unsigned)endpoint < ENDPOINT_COUNT ? (size_t)endpoint : ENDPOINT_COUNT;

	metrics->requests[place][outcome]++;
	gh_histogram_observe(&histogram, (double)took_us / 1e6);
	metrics->seconds_sum = histogram.sum;
	if (endpoint == ENDPOINT_HEARTBEAT_PUT && outcome == METRICS_DONE)
		metrics->heartbeats++;
}

static void number(struct gh_exposition *e, enum metric metric, double value)
{
	gh_exposition_number(e, &central_metrics_table[metric], value);
}

static void begin(struct gh_exposition *e, enum metric metric)
{
	gh_exposition_metric(e, &central_metrics_table[metric]);
}

/* One row for each operation, whatever the number of its paths. */
static void write_requests(struct gh_exposition *e, const struct metrics *metrics)
{
	begin(e, M_REQUESTS);
	for (int i = 0; i <= ENDPOINT_COUNT; i++) {
		const struct request request = { .endpoint = (enum endpoint)i };
		const char *action = request_action(&request);

		for (int k = 0; k < METRICS_OUTCOMES; k++) {
			const char *const values[] = { *action ? action : "none", outcomes[k] };

			gh_exposition_sample(e, values, (double)metrics->requests[i][k]);
		}
	}
}

static void write_self(struct gh_exposition *e, struct metrics *metrics)
{
	const char *version = GATEHOUSE_VERSION;
	struct gh_histogram histogram = histogram_of(metrics);

	begin(e, M_BUILD);
	gh_exposition_sample(e, &version, 1);
	write_requests(e, metrics);
	gh_exposition_histogram(e, &central_metrics_table[M_SECONDS], &histogram);
	number(e, M_CONNECTIONS, metrics->connections);
	number(e, M_CONNECTIONS_MAX, metrics->connections_max);
	number(e, M_STORE_ERRORS, (double)metrics->store_errors);
	number(e, M_HEARTBEATS, (double)metrics->heartbeats);
}

static void write_counts(struct gh_exposition *e, const struct store_counts *counts)
{
	number(e, M_RECORDS, (double)counts->encounters);
	number(e, M_ADDENDA, (double)counts->addenda);
	number(e, M_PHOTOS, (double)counts->photos);
	number(e, M_VOYAGES, (double)counts->voyages);
}

/* Lanes go through the list once for each metric: a metric's samples stand together. */
struct lanes {
	struct gh_exposition *e;
	enum metric metric;
	uint64_t count;
};

static void write_lane(void *ctx, const struct store_lane *lane)
{
	struct lanes *lanes = ctx;
	const char *name = lane->last.lane;
	double value = (double)lane->last.received_ms / 1000.0;

	lanes->count++;
	if (lanes->metric == M_OFFSET)
		value = (double)(lane->last.sent_ms - lane->last.received_ms) / 1000.0;
	else if (lanes->metric == M_TRIED)
		value = (double)(lane->captured + lane->not_captured);
	else if (lanes->metric == M_CAPTURED)
		value = (double)lane->captured;
	gh_exposition_sample(lanes->e, &name, value);
}

static enum gh_status write_lanes(
	struct desk *desk, struct gh_exposition *e, struct gh_error *error)
{
	static const enum metric metrics[] = { M_HEARTBEAT, M_OFFSET, M_TRIED, M_CAPTURED };
	int64_t since_ms = desk->clock->real_ms(desk->clock) -
		desk->monitoring.capture_window_minutes * INT64_C(60000);
	struct lanes lanes = { .e = e };
	enum gh_status status = GH_OK;

	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]) && status == GH_OK; i++) {
		lanes.metric = metrics[i];
		lanes.count = 0;
		begin(e, metrics[i]);
		status = store_list_lanes(desk->store, since_ms, write_lane, &lanes, error);
	}
	number(e, M_SEEN, (double)lanes.count);
	return status;
}

static void count_device(void *ctx, const struct store_device *device)
{
	*(uint64_t *)ctx += device->revoked_ms == 0;
}

static enum gh_status write_registered(
	struct desk *desk, struct gh_exposition *e, struct gh_error *error)
{
	uint64_t count = 0;
	enum gh_status status = store_list_devices(desk->store, count_device, &count, error);

	number(e, M_REGISTERED, (double)count);
	return status;
}

struct alarms {
	struct gh_exposition *e;
	uint64_t by_kind[ALARM_KINDS];
};

static void write_alarm(void *ctx, const struct store_alarm *alarm)
{
	struct alarms *alarms = ctx;
	const char *const values[] = { alarm->lane, alarm->kind };
	enum alarm_kind kind = alarm_of(alarm->kind);

	if (kind == ALARM_KINDS)
		return;
	alarms->by_kind[kind]++;
	gh_exposition_sample(alarms->e, values, 1);
}

static enum gh_status write_alarms(
	struct desk *desk, struct gh_exposition *e, struct gh_error *error)
{
	struct alarms alarms = { .e = e };
	enum gh_status status;

	begin(e, M_ALARM);
	status = store_list_alarms(desk->store, write_alarm, &alarms, error);
	begin(e, M_ALARMS);
	for (int i = 0; i < ALARM_KINDS; i++) {
		const char *name = alarm_name((enum alarm_kind)i);

		gh_exposition_sample(e, &name, (double)alarms.by_kind[i]);
	}
	return status;
}

static void write_certificates(struct gh_exposition *e, const struct gh_settings_central *settings)
{
	const char *const files[][2] = {
		{ "own", settings->certificate_file },
		{ "authority", settings->ca_file },
		{ "signer", settings->signer_certificate_file },
	};

	begin(e, M_CERTIFICATE);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct gh_certificate certificate;

		if (gh_certificate_read(files[i][1], &certificate, NULL) == GH_OK)
			gh_exposition_sample(
				e, &files[i][0], (double)certificate.not_after_ms / 1000.0);
	}
}

static enum gh_status write_all(struct desk *desk, struct gh_bytes *text, struct gh_error *error)
{
	struct store_counts counts = { 0, 0, 0, 0 };
	struct gh_exposition e;
	enum gh_status status;

	gh_exposition_begin(&e, text, error);
	write_self(&e, &desk->metrics);
	status = store_count(desk->store, &counts, error);
	write_counts(&e, &counts);
	if (status == GH_OK)
		status = write_registered(desk, &e, error);
	if (status == GH_OK)
		status = write_lanes(desk, &e, error);
	if (status == GH_OK)
		status = write_alarms(desk, &e, error);
	if (desk->settings)
		write_certificates(&e, desk->settings);
	return status == GH_OK ? e.status : status;
}

void desk_metrics(struct desk *desk, const struct request *request, struct answer *answer)
{
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status;

	(void)request;
	status = write_all(desk, &answer->body, &error);
	if (status == GH_OK) {
		answer->status = 200;
		answer->content_type = GH_EXPOSITION_TYPE;
		return;
	}
	desk->metrics.store_errors++;
	gh_log(GH_LOG_ERROR, "central", "metrics_not_told", gh_log_error(&error));
	answer_failure(answer, status);
}
