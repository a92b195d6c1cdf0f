/* SPDX-License-Identifier: Apache-2.0 */
/* A voyage that has been downloaded is checked and handed to the gallery. */
#include <unistd.h>

#include "daemon.h"

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
	if (status == GH_OK)
		gh_log(GH_LOG_NOTICE, "daemon", "voyage", gh_log_id("voyage", voyage));
	else if (status != GH_EXISTS)
		gh_log(GH_LOG_ERROR, "daemon", "voyage_refused", gh_log_id("voyage", voyage),
			gh_log_error(&error));
	if (status == GH_OK)
		enrol_wake(daemon);
}
