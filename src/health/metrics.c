/* SPDX-License-Identifier: Apache-2.0 */
/* The snapshot in the text format of Prometheus. */
#include "gatehouse/health/health.h"

#include <inttypes.h>

/* Where lines go; the first failure stands, later lines are dropped. */
struct writer {
	struct gh_bytes *text;
	struct gh_error *error;
	enum gh_status status;
};

static void head(struct writer *w, const char *name, const char *type, const char *help)
{
	if (w->status == GH_OK)
		w->status = gh_bytes_print(w->text, w->error,
			"# HELP gatehouse_%s %s\n# TYPE gatehouse_%s %s\n", name, help, name, type);
}

static void plain(struct writer *w, const char *name, double value)
{
	if (w->status == GH_OK)
		w->status = gh_bytes_print(w->text, w->error, "gatehouse_%s %.17g\n", name, value);
}

static void labelled(
	struct writer *w, const char *name, const char *label, const char *word, uint64_t value)
{
	if (w->status == GH_OK)
		w->status = gh_bytes_print(w->text, w->error,
			"gatehouse_%s{%s=\"%s\"} %" PRIu64 "\n", name, label, word, value);
}

static void gauge(struct writer *w, const char *name, const char *help, double value)
{
	head(w, name, "gauge", help);
	plain(w, name, value);
}

static void counter(struct writer *w, const char *name, const char *help, uint64_t value)
{
	head(w, name, "counter", help);
	plain(w, name, (double)value);
}

static void write_captures(struct writer *w, const struct gh_lane_counts *counts)
{
	int rate_permille = gh_capture_rate_permille(counts);

	counter(w, "captured_total", "Travellers photographed well enough to compare.",
		counts->captured);
	head(w, "not_captured_total", "counter", "Travellers not photographed, by reason.");
	for (int i = GH_REASON_NONE + 1; i < GH_REASON_COUNT; i++)
		labelled(w, "not_captured_total", "reason", gh_reason_name((enum gh_reason)i),
			counts->not_captured[i]);
	counter(w, "opted_out_total", "Travellers who asked for an officer.", counts->opted_out);
	if (rate_permille >= 0)
		gauge(w, "capture_rate_ratio",
			"Captured of captured and not captured; opt-outs apart.",
			rate_permille / 1000.0);
	gauge(w, "capture_goal_ratio", "The rate that is to be reached.",
		GH_CAPTURE_GOAL_PERMILLE / 1000.0);
}

static void write_decisions(struct writer *w, const struct gh_lane_counts *counts)
{
	counter(w, "go_total", "Travellers the lane let go on.", counts->go);
	counter(w, "passed_total", "Travellers who went through.", counts->passed);
	head(w, "referrals_total", "counter", "Reasons of referrals to an officer.");
	for (int i = 0; i < GH_REFERRAL_COUNT; i++)
		labelled(w, "referrals_total", "reason", gh_referral_name((enum gh_referral)i),
			counts->referrals[i]);
	counter(w, "record_failures_total", "Encounters that could not be put.",
		counts->record_failures);
	counter(w, "refused_triggers_total", "Events refused by the state machine.",
		counts->refused_triggers);
}

static void write_lane(struct writer *w, const struct gh_lane_view *lane)
{
	head(w, "lane_state", "gauge", "1 for the state the lane is in.");
	for (int i = 0; i < GH_STATE_COUNT; i++)
		labelled(w, "lane_state", "state", gh_state_name((enum gh_state)i),
			lane->state == (enum gh_state)i);
	gauge(w, "open_referrals", "Referrals without an officer's disposition.",
		lane->open_referrals);
	write_captures(w, &lane->counts);
	write_decisions(w, &lane->counts);
}

static void write_gallery(struct writer *w, const struct gh_gallery_state *gallery)
{
	gauge(w, "gallery_voyages", "Voyages held.", gallery->voyages);
	gauge(w, "gallery_voyages_active", "Voyages searched now.", gallery->voyages_active);
	gauge(w, "gallery_persons", "Persons held.", (double)gallery->persons);
	gauge(w, "gallery_templates", "Templates held.", (double)gallery->templates);
	gauge(w, "gallery_padding", "Synthetic templates among them (demo).",
		(double)gallery->padding);
	gauge(w, "gallery_waiting", "Portraits not enrolled yet.", (double)gallery->waiting);
	gauge(w, "gallery_unusable", "Portraits without a template.", (double)gallery->unusable);
	gauge(w, "gallery_look_alikes", "Pairs of persons who can be confused.",
		(double)gallery->look_alikes);
}

static void write_outbox(struct writer *w, const struct gh_outbox_state *outbox)
{
	gauge(w, "outbox_waiting", "Items that wait to be delivered.", (double)outbox->waiting);
	gauge(w, "outbox_quarantined", "Items the centre refused for good.",
		(double)outbox->quarantined);
	counter(w, "outbox_acknowledged_total", "Items the centre has.", outbox->acknowledged);
	gauge(w, "outbox_size_bytes", "Size of the outbox.", (double)outbox->size_bytes);
	gauge(w, "outbox_size_max_bytes", "Its configured limit.", (double)outbox->size_max_bytes);
	gauge(w, "outbox_full", "1 when the next put would be refused.", outbox->full);
	gauge(w, "outbox_writable", "0 when the disk takes nothing.", outbox->writable);
}

static void write_uplink(struct writer *w, const struct gh_uplink_state *uplink)
{
	gauge(w, "uplink_online", "1 when the last attempt reached the centre.", uplink->online);
	gauge(w, "uplink_backoff_ms", "The wait before the next attempt.", uplink->backoff_ms);
	counter(w, "uplink_delivered_total", "Deliveries the centre has.", uplink->delivered);
	counter(w, "uplink_later_total", "Attempts to be made again.", uplink->later);
	counter(w, "uplink_quarantined_total", "Deliveries refused for good.", uplink->quarantined);
	counter(w, "uplink_alarms_total", "Attempts that need a technician.", uplink->alarms);
	gauge(w, "uplink_alarm", "1 when the centre is not reached before a technician mends it.",
		uplink->alarm.literal && uplink->alarm.literal[0] != '\0');
	if (uplink->certificate.not_after_ms == 0)
		return;
	gauge(w, "certificate_not_after_seconds",
		"When the lane's own certificate ends, in seconds since 1970.",
		(double)(uplink->certificate.not_after_ms / 1000));
	counter(w, "certificate_renewals_total", "Certificates that the lane has renewed.",
		uplink->certificate.renewals);
	gauge(w, "certificate_renewal_failures",
		"Attempts to renew it since the last that succeeded.",
		(double)uplink->certificate.failures);
}

static void write_refusals(struct writer *w, const struct gh_health *health)
{
	gauge(w, "voyages_refused", "Voyages whose newest bundle was not taken.",
		(double)health->refused_count);
	head(w, "voyage_refusals_total", "counter", "Bundles that were not taken, by reason.");
	for (int i = GH_OK + 1; i < GH_STATUS_COUNT; i++)
		if (health->refusals[i] > 0)
			labelled(w, "voyage_refusals_total", "reason",
				gh_status_name((enum gh_status)i), health->refusals[i]);
}

static void write_devices(struct writer *w, const struct gh_health *health)
{
	static const struct {
		const char *name;
		const char *help;
		size_t offset;
	} counters[] = {
		{ "device_delivered_total", "Frames or events handed on.",
			offsetof(struct gh_device_counters, delivered) },
		{ "device_dropped_total", "Frames lost.",
			offsetof(struct gh_device_counters, dropped) },
		{ "device_damaged_total", "Frames or events refused.",
			offsetof(struct gh_device_counters, damaged) },
		{ "device_lost_total", "Times the device left.",
			offsetof(struct gh_device_counters, lost) },
	};

	for (size_t i = 0; i < sizeof(counters) / sizeof(*counters); i++) {
		head(w, counters[i].name, "counter", counters[i].help);
		for (size_t d = 0; d < health->device_count; d++)
			labelled(w, counters[i].name, "driver", health->devices[d].driver,
				*(const uint64_t *)((const char *)&health->devices[d].counters +
					counters[i].offset));
	}
}

static void write_process(struct writer *w, const struct gh_health *health)
{
	counter(w, "frames_superseded_total", "Frames dropped for a newer one.",
		health->frames_superseded);
	counter(w, "vision_frames_total", "Frames vision has looked at.", health->vision_frames);
	counter(w, "vision_failures_total", "Frames vision could not read.",
		health->vision_failures);
	gauge(w, "vision_last_seconds", "Time the last frame took in vision.",
		(double)health->vision_last_us / 1e6);
	gauge(w, "uptime_seconds", "Time since start.", (double)health->uptime_s);
	gauge(w, "resident_bytes", "Resident memory of the lane.", (double)health->resident_bytes);
}

enum gh_status gh_health_metrics(
	const struct gh_health *health, struct gh_bytes *text, struct gh_error *error)
{
	struct writer w = { text, error, GH_OK };

	write_lane(&w, &health->lane);
	write_gallery(&w, &health->gallery);
	write_refusals(&w, health);
	if (health->outbox_known)
		write_outbox(&w, &health->outbox);
	if (health->uplink_known)
		write_uplink(&w, &health->uplink);
	write_devices(&w, health);
	write_process(&w, health);
	return w.status;
}
