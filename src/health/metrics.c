/* SPDX-License-Identifier: Apache-2.0 */
/* The snapshot in the text format of Prometheus. */
#include "metrics.h"

#include <stddef.h>

#include "gatehouse/health/health.h"
#include "gatehouse/health/warnings.h"

enum metric {
	M_BUILD,
	M_LANE_STATE,
	M_OPEN_REFERRALS,
	M_CAPTURED,
	M_NOT_CAPTURED,
	M_OPTED_OUT,
	M_CAPTURE_RATE,
	M_CAPTURE_GOAL,
	M_GO,
	M_PASSED,
	M_REFERRALS,
	M_RECORD_FAILURES,
	M_REFUSED_TRIGGERS,
	M_VOYAGES,
	M_VOYAGES_ACTIVE,
	M_PERSONS,
	M_TEMPLATES,
	M_PADDING,
	M_WAITING,
	M_UNUSABLE,
	M_LOOK_ALIKES,
	M_VOYAGES_REFUSED,
	M_REFUSALS,
	M_OUTBOX_WAITING,
	M_OUTBOX_OLDEST,
	M_OUTBOX_QUARANTINED,
	M_OUTBOX_ACKNOWLEDGED,
	M_OUTBOX_SIZE,
	M_OUTBOX_SIZE_MAX,
	M_OUTBOX_FULL,
	M_OUTBOX_WRITABLE,
	M_UPLINK_ONLINE,
	M_UPLINK_SUCCESS,
	M_UPLINK_BACKOFF,
	M_UPLINK_DELIVERED,
	M_UPLINK_LATER,
	M_UPLINK_QUARANTINED,
	M_UPLINK_ALARMS,
	M_UPLINK_ALARM,
	M_DEVICE_UP,
	M_DEVICE_DELIVERED,
	M_DEVICE_DROPPED,
	M_DEVICE_DAMAGED,
	M_DEVICE_LOST,
	M_SUPERSEDED,
	M_VISION_FRAMES,
	M_VISION_FAILURES,
	M_VISION_LAST,
	M_WARNING,
	M_CERTIFICATE,
	M_RENEWALS,
	M_RENEWAL_FAILURES,
	M_DISK_FREE,
	M_DISK_SIZE,
	M_CLOCK,
	M_UPTIME,
	M_RESIDENT,
	M_COUNT
};

/* clang-format off */
const struct gh_metric gh_health_metrics_table[] = {
	[M_BUILD] = { "gatehouse_build_info", GH_METRIC_GAUGE, { "version", "engine" },
		"Always 1: the firmware and what runs the networks." },
	[M_LANE_STATE] = { "gatehouse_lane_state", GH_METRIC_GAUGE, { "state" },
		"1 for the state the lane is in." },
	[M_OPEN_REFERRALS] = { "gatehouse_open_referrals", GH_METRIC_GAUGE, { NULL },
		"Referrals without an officer's disposition." },
	[M_CAPTURED] = { "gatehouse_captured_total", GH_METRIC_COUNTER, { NULL },
		"Travellers photographed well enough to compare." },
	[M_NOT_CAPTURED] = { "gatehouse_not_captured_total", GH_METRIC_COUNTER, { "reason" },
		"Travellers not photographed, by reason." },
	[M_OPTED_OUT] = { "gatehouse_opted_out_total", GH_METRIC_COUNTER, { NULL },
		"Travellers who asked for an officer." },
	[M_CAPTURE_RATE] = { "gatehouse_capture_rate_ratio", GH_METRIC_GAUGE, { NULL },
		"Captured of captured and not captured; opt-outs apart. Missing until "
		"somebody was tried." },
	[M_CAPTURE_GOAL] = { "gatehouse_capture_goal_ratio", GH_METRIC_GAUGE, { NULL },
		"The rate that is to be reached." },
	[M_GO] = { "gatehouse_go_total", GH_METRIC_COUNTER, { NULL },
		"Travellers the lane let go on." },
	[M_PASSED] = { "gatehouse_passed_total", GH_METRIC_COUNTER, { NULL },
		"Travellers who went through." },
	[M_REFERRALS] = { "gatehouse_referrals_total", GH_METRIC_COUNTER, { "reason" },
		"Reasons of referrals to an officer." },
	[M_RECORD_FAILURES] = { "gatehouse_record_failures_total", GH_METRIC_COUNTER, { NULL },
		"Encounters that could not be put." },
	[M_REFUSED_TRIGGERS] = { "gatehouse_refused_triggers_total", GH_METRIC_COUNTER, { NULL },
		"Events refused by the state machine." },
	[M_VOYAGES] = { "gatehouse_gallery_voyages", GH_METRIC_GAUGE, { NULL },
		"Voyages held." },
	[M_VOYAGES_ACTIVE] = { "gatehouse_gallery_voyages_active", GH_METRIC_GAUGE, { NULL },
		"Voyages searched now." },
	[M_PERSONS] = { "gatehouse_gallery_persons", GH_METRIC_GAUGE, { NULL },
		"Persons held." },
	[M_TEMPLATES] = { "gatehouse_gallery_templates", GH_METRIC_GAUGE, { NULL },
		"Templates held." },
	[M_PADDING] = { "gatehouse_gallery_padding", GH_METRIC_GAUGE, { NULL },
		"Synthetic templates among them (demo)." },
	[M_WAITING] = { "gatehouse_gallery_waiting", GH_METRIC_GAUGE, { NULL },
		"Portraits not enrolled yet." },
	[M_UNUSABLE] = { "gatehouse_gallery_unusable", GH_METRIC_GAUGE, { NULL },
		"Portraits without a template." },
	[M_LOOK_ALIKES] = { "gatehouse_gallery_look_alikes", GH_METRIC_GAUGE, { NULL },
		"Pairs of persons who can be confused." },
	[M_VOYAGES_REFUSED] = { "gatehouse_voyages_refused", GH_METRIC_GAUGE, { NULL },
		"Voyages whose newest bundle was not taken." },
	[M_REFUSALS] = { "gatehouse_voyage_refusals_total", GH_METRIC_COUNTER, { "reason" },
		"Bundles that were not taken, by reason." },
	[M_OUTBOX_WAITING] = { "gatehouse_outbox_waiting", GH_METRIC_GAUGE, { NULL },
		"Items that wait to be delivered." },
	[M_OUTBOX_OLDEST] = { "gatehouse_outbox_oldest_waiting_seconds", GH_METRIC_GAUGE, { NULL },
		"Age of the oldest of them; 0 when none waits." },
	[M_OUTBOX_QUARANTINED] = { "gatehouse_outbox_quarantined", GH_METRIC_GAUGE, { NULL },
		"Items the centre refused for good." },
	[M_OUTBOX_ACKNOWLEDGED] = { "gatehouse_outbox_acknowledged_total",
		GH_METRIC_COUNTER, { NULL },
		"Items the centre has, since the outbox was made." },
	[M_OUTBOX_SIZE] = { "gatehouse_outbox_size_bytes", GH_METRIC_GAUGE, { NULL },
		"Size of the outbox." },
	[M_OUTBOX_SIZE_MAX] = { "gatehouse_outbox_size_max_bytes", GH_METRIC_GAUGE, { NULL },
		"Its configured limit." },
	[M_OUTBOX_FULL] = { "gatehouse_outbox_full", GH_METRIC_GAUGE, { NULL },
		"1 when the next put would be refused." },
	[M_OUTBOX_WRITABLE] = { "gatehouse_outbox_writable", GH_METRIC_GAUGE, { NULL },
		"0 when the disk takes nothing." },
	[M_UPLINK_ONLINE] = { "gatehouse_uplink_online", GH_METRIC_GAUGE, { NULL },
		"1 when the last attempt reached the centre." },
	[M_UPLINK_SUCCESS] = { "gatehouse_uplink_last_success_timestamp_seconds",
		GH_METRIC_GAUGE, { NULL },
		"When the centre was reached last; 0 never." },
	[M_UPLINK_BACKOFF] = { "gatehouse_uplink_backoff_seconds", GH_METRIC_GAUGE, { NULL },
		"The wait before the next attempt." },
	[M_UPLINK_DELIVERED] = { "gatehouse_uplink_delivered_total", GH_METRIC_COUNTER, { NULL },
		"Deliveries the centre has." },
	[M_UPLINK_LATER] = { "gatehouse_uplink_later_total", GH_METRIC_COUNTER, { NULL },
		"Attempts to be made again." },
	[M_UPLINK_QUARANTINED] = { "gatehouse_uplink_quarantined_total",
		GH_METRIC_COUNTER, { NULL },
		"Deliveries refused for good." },
	[M_UPLINK_ALARMS] = { "gatehouse_uplink_alarms_total", GH_METRIC_COUNTER, { NULL },
		"Attempts that need a technician." },
	[M_UPLINK_ALARM] = { "gatehouse_uplink_alarm", GH_METRIC_GAUGE, { NULL },
		"1 when the centre is not reached before a technician mends it." },
	[M_DEVICE_UP] = { "gatehouse_device_up", GH_METRIC_GAUGE, { "driver" },
		"1 while the device is there and open." },
	[M_DEVICE_DELIVERED] = { "gatehouse_device_delivered_total",
		GH_METRIC_COUNTER, { "driver" },
		"Frames or events handed on." },
	[M_DEVICE_DROPPED] = { "gatehouse_device_dropped_total", GH_METRIC_COUNTER, { "driver" },
		"Frames lost." },
	[M_DEVICE_DAMAGED] = { "gatehouse_device_damaged_total", GH_METRIC_COUNTER, { "driver" },
		"Frames or events refused." },
	[M_DEVICE_LOST] = { "gatehouse_device_lost_total", GH_METRIC_COUNTER, { "driver" },
		"Times the device left." },
	[M_SUPERSEDED] = { "gatehouse_frames_superseded_total", GH_METRIC_COUNTER, { NULL },
		"Frames dropped for a newer one." },
	[M_VISION_FRAMES] = { "gatehouse_vision_frames_total", GH_METRIC_COUNTER, { NULL },
		"Frames vision has looked at." },
	[M_VISION_FAILURES] = { "gatehouse_vision_failures_total", GH_METRIC_COUNTER, { NULL },
		"Frames vision could not read." },
	[M_VISION_LAST] = { "gatehouse_vision_last_seconds", GH_METRIC_GAUGE, { NULL },
		"Time the last frame took in vision." },
	[M_WARNING] = { "gatehouse_warning", GH_METRIC_GAUGE, { "warning" },
		"1 for what the lane itself warns of (gatehouse lane status)." },
	[M_CERTIFICATE] = { "gatehouse_certificate_not_after_timestamp_seconds",
		GH_METRIC_GAUGE, { "certificate" },
		"When a certificate of the uplink ends: the lane's own, and the "
		"authority's." },
	[M_RENEWALS] = { "gatehouse_certificate_renewals_total", GH_METRIC_COUNTER, { NULL },
		"Certificates that the lane has renewed." },
	[M_RENEWAL_FAILURES] = { "gatehouse_certificate_renewal_failures", GH_METRIC_GAUGE,
		{ NULL }, "Attempts to renew it since the last that succeeded." },
	[M_DISK_FREE] = { "gatehouse_disk_free_bytes", GH_METRIC_GAUGE, { NULL },
		"Free space on the disk of the data directory." },
	[M_DISK_SIZE] = { "gatehouse_disk_size_bytes", GH_METRIC_GAUGE, { NULL },
		"Its size." },
	[M_CLOCK] = { "gatehouse_clock_synchronised", GH_METRIC_GAUGE, { NULL },
		"1 when the kernel says that the clock is synchronised." },
	[M_UPTIME] = { "gatehouse_uptime_seconds", GH_METRIC_GAUGE, { NULL },
		"Time since start." },
	[M_RESIDENT] = { "gatehouse_resident_bytes", GH_METRIC_GAUGE, { NULL },
		"Resident memory of the lane." },
};
/* clang-format on */

const size_t gh_health_metrics_count = M_COUNT;

static void number(struct gh_exposition *e, enum metric metric, double value)
{
	gh_exposition_number(e, &gh_health_metrics_table[metric], value);
}

static void count(struct gh_exposition *e, enum metric metric, uint64_t value)
{
	gh_exposition_number(e, &gh_health_metrics_table[metric], (double)value);
}

static void begin(struct gh_exposition *e, enum metric metric)
{
	gh_exposition_metric(e, &gh_health_metrics_table[metric]);
}

static void labelled(struct gh_exposition *e, const char *word, double value)
{
	gh_exposition_sample(e, &word, value);
}

static void write_captures(struct gh_exposition *e, const struct gh_lane_counts *counts)
{
	int rate_permille = gh_capture_rate_permille(counts);

	count(e, M_CAPTURED, counts->captured);
	begin(e, M_NOT_CAPTURED);
	for (int i = GH_REASON_NONE + 1; i < GH_REASON_COUNT; i++)
		labelled(e, gh_reason_name((enum gh_reason)i), (double)counts->not_captured[i]);
	count(e, M_OPTED_OUT, counts->opted_out);
	begin(e, M_CAPTURE_RATE);
	if (rate_permille >= 0)
		gh_exposition_sample(e, NULL, rate_permille / 1000.0);
	number(e, M_CAPTURE_GOAL, GH_CAPTURE_GOAL_PERMILLE / 1000.0);
}

static void write_decisions(struct gh_exposition *e, const struct gh_lane_counts *counts)
{
	count(e, M_GO, counts->go);
	count(e, M_PASSED, counts->passed);
	begin(e, M_REFERRALS);
	for (int i = 0; i < GH_REFERRAL_COUNT; i++)
		labelled(e, gh_referral_name((enum gh_referral)i), (double)counts->referrals[i]);
	count(e, M_RECORD_FAILURES, counts->record_failures);
	count(e, M_REFUSED_TRIGGERS, counts->refused_triggers);
}

static void write_lane(struct gh_exposition *e, const struct gh_health *health)
{
	const char *const build[] = { health->firmware, health->engine };
	const struct gh_lane_view *lane = &health->lane;

	begin(e, M_BUILD);
	gh_exposition_sample(e, build, 1);
	begin(e, M_LANE_STATE);
	for (int i = 0; i < GH_STATE_COUNT; i++)
		labelled(e, gh_state_name((enum gh_state)i), lane->state == (enum gh_state)i);
	number(e, M_OPEN_REFERRALS, lane->open_referrals);
	write_captures(e, &lane->counts);
	write_decisions(e, &lane->counts);
}

static void write_gallery(struct gh_exposition *e, const struct gh_gallery_state *gallery)
{
	number(e, M_VOYAGES, gallery->voyages);
	number(e, M_VOYAGES_ACTIVE, gallery->voyages_active);
	count(e, M_PERSONS, gallery->persons);
	count(e, M_TEMPLATES, gallery->templates);
	count(e, M_PADDING, gallery->padding);
	count(e, M_WAITING, gallery->waiting);
	count(e, M_UNUSABLE, gallery->unusable);
	count(e, M_LOOK_ALIKES, gallery->look_alikes);
}

static void write_outbox(struct gh_exposition *e, const struct gh_health *health)
{
	const struct gh_outbox_state *outbox = &health->outbox;

	count(e, M_OUTBOX_WAITING, outbox->waiting);
	number(e, M_OUTBOX_OLDEST, (double)gh_health_oldest_waiting_ms(health) / 1000.0);
	count(e, M_OUTBOX_QUARANTINED, outbox->quarantined);
	count(e, M_OUTBOX_ACKNOWLEDGED, outbox->acknowledged);
	count(e, M_OUTBOX_SIZE, outbox->size_bytes);
	count(e, M_OUTBOX_SIZE_MAX, outbox->size_max_bytes);
	number(e, M_OUTBOX_FULL, outbox->full);
	number(e, M_OUTBOX_WRITABLE, outbox->writable);
}

static void write_uplink(struct gh_exposition *e, const struct gh_uplink_state *uplink)
{
	number(e, M_UPLINK_ONLINE, uplink->online);
	number(e, M_UPLINK_SUCCESS, (double)uplink->last_success_ms / 1000.0);
	number(e, M_UPLINK_BACKOFF, uplink->backoff_ms / 1000.0);
	count(e, M_UPLINK_DELIVERED, uplink->delivered);
	count(e, M_UPLINK_LATER, uplink->later);
	count(e, M_UPLINK_QUARANTINED, uplink->quarantined);
	count(e, M_UPLINK_ALARMS, uplink->alarms);
	number(e, M_UPLINK_ALARM, uplink->alarm.literal && uplink->alarm.literal[0] != '\0');
	if (uplink->certificate.not_after_ms == 0)
		return;
	count(e, M_RENEWALS, uplink->certificate.renewals);
	number(e, M_RENEWAL_FAILURES, (double)uplink->certificate.failures);
}

static void write_refusals(struct gh_exposition *e, const struct gh_health *health)
{
	count(e, M_VOYAGES_REFUSED, health->refused_count);
	begin(e, M_REFUSALS);
	for (int i = GH_OK + 1; i < GH_STATUS_COUNT; i++)
		if (health->refusals[i] > 0)
			labelled(e, gh_status_name((enum gh_status)i), (double)health->refusals[i]);
}

static void write_devices(struct gh_exposition *e, const struct gh_health *health)
{
	static const struct {
		enum metric metric;
		size_t offset;
	} counters[] = {
		{ M_DEVICE_DELIVERED, offsetof(struct gh_device_counters, delivered) },
		{ M_DEVICE_DROPPED, offsetof(struct gh_device_counters, dropped) },
		{ M_DEVICE_DAMAGED, offsetof(struct gh_device_counters, damaged) },
		{ M_DEVICE_LOST, offsetof(struct gh_device_counters, lost) },
	};

	begin(e, M_DEVICE_UP);
	for (size_t d = 0; d < health->device_count; d++)
		labelled(e, health->devices[d].driver, gh_health_device_up(&health->devices[d]));
	for (size_t i = 0; i < sizeof(counters) / sizeof(*counters); i++) {
		begin(e, counters[i].metric);
		for (size_t d = 0; d < health->device_count; d++)
			labelled(e, health->devices[d].driver,
				(double)*(const uint64_t *)(const void
						*)((const char *)&health->devices[d].counters +
					counters[i].offset));
	}
}

static void write_vision(struct gh_exposition *e, const struct gh_health *health)
{
	count(e, M_SUPERSEDED, health->frames_superseded);
	count(e, M_VISION_FRAMES, health->vision_frames);
	count(e, M_VISION_FAILURES, health->vision_failures);
	number(e, M_VISION_LAST, (double)health->vision_last_us / 1e6);
}

static void write_certificate(
	struct gh_exposition *e, const char *word, const struct gh_health_certificate *certificate)
{
	if (certificate->not_after_ms != 0)
		labelled(e, word, (double)certificate->not_after_ms / 1000.0);
}

static void write_machine(struct gh_exposition *e, const struct gh_health *health)
{
	const struct gh_health_machine *machine = &health->machine;
	uint32_t warnings = gh_health_warnings(health);

	begin(e, M_WARNING);
	for (int i = 0; i < GH_WARNING_COUNT; i++)
		labelled(e, gh_warning_name((enum gh_warning)i), warnings >> i & 1);
	begin(e, M_CERTIFICATE);
	write_certificate(e, "own", &machine->own);
	write_certificate(e, "authority", &machine->authority);
	count(e, M_DISK_FREE, machine->disk_free_bytes);
	count(e, M_DISK_SIZE, machine->disk_size_bytes);
	number(e, M_CLOCK, machine->clock_quality == GH_CLOCK_SYNCED);
	count(e, M_UPTIME, health->uptime_s);
	count(e, M_RESIDENT, health->resident_bytes);
}

enum gh_status gh_health_metrics(
	const struct gh_health *health, struct gh_bytes *text, struct gh_error *error)
{
	struct gh_exposition e;

	gh_exposition_begin(&e, text, error);
	write_lane(&e, health);
	write_gallery(&e, &health->gallery);
	write_refusals(&e, health);
	if (health->outbox_known)
		write_outbox(&e, health);
	if (health->uplink_known)
		write_uplink(&e, &health->uplink);
	write_devices(&e, health);
	write_vision(&e, health);
	write_machine(&e, health);
	return e.status;
}
