/* SPDX-License-Identifier: Apache-2.0 */
/* A voyage that has been downloaded is checked and handed to the gallery. */
#include <string.h>
#include <unistd.h>

#include "daemon.h"

static struct gh_health_refusal *find_refusal(struct refusal_desk *desk, const struct gh_id *voyage)
{
	for (size_t i = 0; i < desk->count; i++)
		if (gh_id_equal(&desk->list[i].voyage, voyage))
			return &desk->list[i];
	return NULL;
}

static void remove_refusal(struct refusal_desk *desk, struct gh_health_refusal *at)
{
	size_t behind = (size_t)(desk->list + desk->count - at) - 1;

	memmove(at, at + 1, behind * sizeof(*at));
	desk->count--;
}

void bundle_forget_refusal(struct daemon *daemon, const struct gh_id *voyage)
{
	struct refusal_desk *desk = &daemon->refusals;
	struct gh_health_refusal *at;

	pthread_mutex_lock(&desk->lock);
	at = find_refusal(desk, voyage);
	if (at)
		remove_refusal(desk, at);
	pthread_mutex_unlock(&desk->lock);
}

static void note_refusal(
	struct daemon *daemon, const struct gh_id *voyage, const struct gh_error *reason)
{
	struct refusal_desk *desk = &daemon->refusals;
	struct gh_health_refusal refusal = { .voyage = *voyage,
		.reason = *reason,
		.last_ms = daemon->clock->real_ms(daemon->clock),
		.times = 1 };
	struct gh_health_refusal *at;

	pthread_mutex_lock(&desk->lock);
	at = find_refusal(desk, voyage);
	if (at) {
		refusal.times = at->times + 1;
		remove_refusal(desk, at);
	} else if (desk->count == GH_HEALTH_REFUSED_MAX) {
		remove_refusal(desk, desk->list);
	}
	desk->list[desk->count++] = refusal;
	desk->by_status[reason->status]++;
	pthread_mutex_unlock(&desk->lock);
}

void bundle_refusals(struct daemon *daemon, struct gh_health *health)
{
	struct refusal_desk *desk = &daemon->refusals;

	pthread_mutex_lock(&desk->lock);
	memcpy(health->refused, desk->list, sizeof(health->refused));
	memcpy(health->refusals, desk->by_status, sizeof(health->refusals));
	health->refused_count = desk->count;
	pthread_mutex_unlock(&desk->lock);
}

/* A lane in service takes up no test voyage, also when one comes in later. */
static enum gh_status check_purpose(
	struct daemon *daemon, const struct gh_bundle *bundle, struct gh_error *error)
{
	struct gh_purpose_facts facts = daemon->facts;

	facts.test_voyage = gh_bundle_voyage(bundle)->test;
	return gh_purpose_check_lane(&daemon->settings, &facts, error);
}

static enum gh_status check_id(
	const struct gh_bundle *bundle, const struct gh_id *voyage, struct gh_error *error)
{
	if (gh_id_equal(&gh_bundle_voyage(bundle)->id, voyage))
		return GH_OK;
	return gh_error_set(error, GH_CONFLICT, "the bundle is of another voyage than asked for");
}

/* Whom the centre lets sign; what it sent is looked at before anything of it is used. */
static enum gh_status check_signature(
	struct daemon *daemon, const struct gh_bundle *bundle, struct gh_error *error)
{
	const struct gh_settings_uplink *uplink = &daemon->settings.uplink;
	const char *authority =
		uplink->voyages_ca_file[0] ? uplink->voyages_ca_file : uplink->ca_file;

	return gh_bundle_check_signature(
		bundle, authority, daemon->clock->real_ms(daemon->clock), error);
}

static enum gh_status take(
	struct daemon *daemon, const struct gh_id *voyage, const char *path, struct gh_error *error)
{
	struct gh_bundle *bundle;
	enum gh_status status = gh_bundle_open(path, &bundle, error);

	if (status != GH_OK)
		return status;
	status = check_signature(daemon, bundle, error);
	if (status == GH_OK)
		status = check_id(bundle, voyage, error);
	if (status == GH_OK)
		status = check_purpose(daemon, bundle, error);
	if (status == GH_OK)
		status = gh_gallery_load(daemon->stores.gallery, bundle, error);
	if (status != GH_OK)
		gh_bundle_close(bundle);
	return status;
}

/*
 * The file goes at once: what the gallery needs of it it reads through its
 * open descriptor, and no portrait stays behind under a name.
 */
void bundle_take(struct daemon *daemon, const struct gh_id *voyage, const char *path)
{
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status = take(daemon, voyage, path, &error);

	unlink(path);
	if (status == GH_OK || status == GH_EXISTS) {
		bundle_forget_refusal(daemon, voyage);
	} else {
		note_refusal(daemon, voyage, &error);
		gh_log(GH_LOG_ERROR, "daemon", "voyage_refused", gh_log_id("voyage", voyage),
			gh_log_error(&error));
	}
	if (status == GH_OK) {
		gh_log(GH_LOG_NOTICE, "daemon", "voyage", gh_log_id("voyage", voyage));
		enrol_wake(daemon);
	}
}
