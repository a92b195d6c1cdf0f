/* SPDX-License-Identifier: Apache-2.0 */
/* What the exporter hands out, and the key it shows itself by. */
#include <stdlib.h>

#include "daemon.h"

enum gh_status scrape_write(void *ctx, struct gh_bytes *text, struct gh_error *error)
{
	struct gh_health *health = calloc(1, sizeof(*health));
	enum gh_status status;

	if (!health)
		return gh_error_set(error, GH_NO_MEMORY, "no memory for a snapshot");
	serve_health(ctx, health);
	status = gh_health_metrics(health, text, error);
	free(health);
	return status;
}

/* In service no private key lies in a file; the uplink's is looked at before. */
static enum gh_status read_key(struct daemon *daemon, struct gh_bytes *key, struct gh_error *error)
{
	const struct gh_settings *settings = &daemon->settings;
	const char *name = gh_provider_secret_name(settings->metrics.key_file);
	enum gh_status status = GH_OK;

	if (name)
		status = gh_provider_read_secret(daemon->provider, name, key, error);
	else if (settings->metrics.key_file[0] && settings->lane.purpose == GH_PURPOSE_SERVICE)
		status = gh_error_set(error, GH_SETTINGS,
			"purpose = service refuses a private key in a file (gatehouse keys "
			"import)");
	if (status != GH_OK)
		gh_error_wrap(error, "[metrics] key_file");
	return status;
}

enum gh_status scrape_open(struct daemon *daemon, struct gh_error *error)
{
	struct gh_exporter_options options = compose_exporter(daemon);
	struct gh_bytes key = GH_BYTES_EMPTY;
	enum gh_status status;

	if (options.listen_port == 0)
		return GH_OK;
	status = read_key(daemon, &key, error);
	options.key = gh_bytes_view(&key);
	if (status == GH_OK)
		status = gh_exporter_open(&options, &daemon->exporter, error);
	gh_bytes_finish(&key);
	return status;
}

void *scrape_main(void *ctx)
{
	gh_exporter_run(((struct daemon *)ctx)->exporter);
	return NULL;
}
