/* SPDX-License-Identifier: Apache-2.0 */
/* Starts the lane in order and stops it in the reverse. */
#include <stdlib.h>
#include <string.h>

#include "daemon.h"
#include "gatehouse/base/file.h"
#include "gatehouse/crypto/certificate.h"
#include "gatehouse/device/driver.h"
#include "gatehouse/outbox/receipts.h"

#define PATH_BYTES 512

static enum gh_status add_actuator(
	struct daemon *daemon, enum gh_device_class device_class, struct gh_error *error)
{
	struct gh_device_address address = compose_device(&daemon->settings, device_class);
	const struct gh_driver *driver;
	struct actuator *actuator;

	if (address.driver[0] == '\0')
		return GH_OK;
	driver = gh_driver_find(address.driver);
	if (!driver || driver->device_class != device_class)
		return gh_error_set(error, GH_SETTINGS, "[%s] driver: this build has no %s",
			gh_device_class_name(device_class), address.driver);
	daemon->facts.virtual_driver |= driver->is_virtual;
	daemon->facts.real_gate |= device_class == GH_DEVICE_GATE && !driver->is_virtual;
	actuator = &daemon->actuators[daemon->actuator_count++];
	actuator->daemon = daemon;
	actuator->device_class = device_class;
	actuator->address = address;
	return GH_OK;
}

static enum gh_status add_camera(struct daemon *daemon, struct gh_error *error)
{
	struct gh_device_address address = compose_device(&daemon->settings, GH_DEVICE_CAMERA);
	const struct gh_driver *driver = gh_driver_find(address.driver);

	if (!driver || !driver->camera)
		return gh_error_set(error, GH_SETTINGS, "[camera] driver: this build has no \"%s\"",
			address.driver);
	daemon->facts.virtual_driver |= driver->is_virtual;
	daemon->camera_address = address;
	return GH_OK;
}

static enum gh_status add_devices(struct daemon *daemon, struct gh_error *error)
{
	enum gh_status status = add_camera(daemon, error);

	for (int i = 0; i < GH_DEVICE_CLASS_COUNT && status == GH_OK; i++)
		if (i != GH_DEVICE_CAMERA)
			status = add_actuator(daemon, (enum gh_device_class)i, error);
	return status;
}

static enum gh_status read_proxy_credentials(struct daemon *daemon, struct gh_error *error)
{
	const char *name = gh_provider_secret_name(daemon->settings.uplink.proxy_credentials);
	enum gh_status status;

	if (!name)
		return GH_OK;
	status = gh_provider_read_secret(daemon->provider, name, &daemon->proxy_credentials, error);
	if (status != GH_OK)
		gh_error_wrap(error, "proxy_credentials");
	return status;
}

static enum gh_status look_at_certificates(struct daemon *daemon, struct gh_error *error)
{
	const struct gh_settings_uplink *uplink = &daemon->settings.uplink;
	struct gh_certificate authority;
	enum gh_status status;

	if (uplink->url[0] == '\0')
		return GH_OK;
	daemon->facts.key_in_file = !gh_provider_secret_name(uplink->key_file);
	status = gh_certificate_read(uplink->ca_file, &authority, error);
	if (status == GH_OK)
		status = read_proxy_credentials(daemon, error);
	if (status == GH_OK)
		status = renew_load(daemon, error);
	if (status == GH_NOT_FOUND)
		gh_error_wrap(error, "no certificate (gatehouse enrol)");
	if (status != GH_OK) {
		gh_error_wrap(error, "[uplink]");
		return status;
	}
	daemon->facts.demo_certificate = atomic_load(&daemon->pair)->facts.demo || authority.demo;
	return GH_OK;
}

/* What the exporter shows itself by; whether it can be read is found out when it is opened. */
static void look_at_exporter(struct daemon *daemon)
{
	const struct gh_settings_metrics *metrics = &daemon->settings.metrics;
	struct gh_certificate found;

	if (metrics->listen_port == 0 || metrics->certificate_file[0] == '\0')
		return;
	if (gh_certificate_read(metrics->certificate_file, &found, NULL) == GH_OK)
		daemon->facts.demo_certificate |= found.demo;
	if (gh_certificate_read(metrics->ca_file, &found, NULL) == GH_OK)
		daemon->facts.demo_certificate |= found.demo;
}

/* A calibration decides who is matched: it has to be as it was when somebody known signed it. */
static enum gh_status open_calibration(struct daemon *daemon, struct gh_error *error)
{
	const struct gh_settings_gallery *gallery = &daemon->settings.gallery;
	enum gh_status status =
		gh_calibration_open(gallery->calibration_file, &daemon->calibration, error);

	if (status == GH_OK)
		status =
			gh_calibration_verify(daemon->calibration, gallery->calibration_key, error);
	if (status != GH_OK)
		gh_error_wrap(error, "[gallery] calibration_file");
	return status;
}

/* Everything the purpose may object to is known before anything is opened. */
static enum gh_status check_purpose(struct daemon *daemon, struct gh_error *error)
{
	const struct gh_settings *s = &daemon->settings;
	struct gh_provider_options keys = gh_compose_provider(s);
	enum gh_status status = add_devices(daemon, error);

	if (status == GH_OK)
		status = gh_provider_open_with(&keys, &daemon->provider, error);
	if (status == GH_OK)
		status = look_at_certificates(daemon, error);
	if (status == GH_OK)
		status = open_calibration(daemon, error);
	if (status != GH_OK)
		return status;
	look_at_exporter(daemon);
	daemon->facts.unfit_keys = !gh_provider_for_service(daemon->provider);
	daemon->facts.research_calibration =
		gh_calibration_facts(daemon->calibration)->research_only;
	return gh_purpose_check_lane(s, &daemon->facts, error);
}

static enum gh_status open_vision(struct daemon *daemon, struct gh_error *error)
{
	struct gh_vision_options options = gh_compose_vision(&daemon->settings);
	enum gh_status status;

	options.enough = sight_enough;
	options.enough_ctx = daemon;
	status = gh_vision_create(&options, &daemon->vision, error);

	if (status == GH_OK)
		status = gh_enroller_create(&options, &daemon->enroller, error);
	if (status != GH_OK)
		return status;
	gh_vision_chain(daemon->vision, &daemon->chain);
	if (memcmp(daemon->chain.bytes, gh_calibration_facts(daemon->calibration)->chain.bytes,
		    sizeof(daemon->chain.bytes)) != 0)
		return gh_error_set(error, GH_SETTINGS,
			"[gallery] calibration_file: it was measured with another chain of models "
			"than [vision] sets up");
	return GH_OK;
}

/* Parameters of other templates would give numbers that mean nothing. */
static enum gh_status read_morph(struct daemon *daemon, struct gh_error *error)
{
	const char *path = daemon->settings.vision.morph_file;
	enum gh_status status;

	if (path[0] == '\0')
		return GH_OK;
	status = gh_morph_read(path, &daemon->morph, error);
	if (status == GH_OK &&
		memcmp(daemon->chain.bytes, daemon->morph.chain.bytes,
			sizeof(daemon->chain.bytes)) != 0)
		status = gh_error_set(error, GH_SETTINGS,
			"it was fitted with another chain of models; leave it empty for no "
			"indicator");
	if (status != GH_OK)
		gh_error_wrap(error, "[vision] morph_file");
	return status;
}

static enum gh_status open_stores(struct daemon *daemon, struct gh_error *error)
{
	const struct gh_settings *s = &daemon->settings;
	struct gh_outbox_options outbox;
	struct gh_gallery_options gallery;
	struct gh_erasure_options erasure;
	char folder[PATH_BYTES];
	enum gh_status status;

	daemon->sealer = compose_sealer(daemon->provider);
	outbox = compose_outbox(daemon);
	status = gh_path_join(s->lane.data_directory, "gallery", folder, sizeof(folder), error);
	if (status == GH_OK)
		status = gh_folder_make(folder, error);
	if (status == GH_OK)
		status = gh_outbox_open(&outbox, &daemon->stores.outbox, error);
	if (status != GH_OK)
		return status;
	gallery = compose_gallery(daemon, folder);
	status = gh_gallery_create(&gallery, &daemon->stores.gallery, error);
	if (status != GH_OK)
		return status;
	erasure = compose_erasure(daemon);
	return gh_erasure_open(&erasure, &daemon->erasure, error);
}

static enum gh_status make_lane(struct daemon *daemon, struct gh_error *error)
{
	struct gh_lane_hands hands = {
		.ctx = daemon, .vision = sight_order, .passages_age_ms = deliver_passages_age_ms
	};
	struct gh_lane_options options;
	enum gh_status status = compose_lane(daemon, &options, error);

	daemon->identity = options.identity;
	hands.act = act_on_device;
	gh_lane_hands_of_stores(&hands);
	if (status == GH_OK)
		status = gh_lane_create(&options, &hands, &daemon->lane, error);
	if (status == GH_OK)
		status = gh_lane_settle(daemon->lane, daemon->stores.outbox, error);
	return status;
}

/* Whose receipts are taken: by the settings, else as the outbox remembers. */
static enum gh_status find_receipts_key(
	struct daemon *daemon, struct gh_uplink_options *options, struct gh_error *error)
{
	const char *given = daemon->settings.uplink.receipts_key_file;
	enum gh_status status;

	if (given[0] != '\0')
		status = gh_receipt_read_key(given, options->receipts_key, error);
	else
		status = gh_outbox_receipt_key(daemon->stores.outbox, options->receipts_key, error);
	options->receipts_key_known = status == GH_OK;
	if (status == GH_NOT_FOUND && given[0] == '\0') {
		gh_error_clear(error);
		return GH_OK;
	}
	if (status != GH_OK)
		gh_error_wrap(error, "the centre's key for receipts");
	return status;
}

static enum gh_status make_uplink(struct daemon *daemon, struct gh_error *error)
{
	struct gh_uplink_source source = deliver_source(daemon);
	struct gh_uplink_options options;
	char folder[PATH_BYTES];
	enum gh_status status;

	if (daemon->settings.uplink.url[0] == '\0') {
		gh_log(GH_LOG_WARNING, "daemon", "no_centre", gh_log_place("url", "none"));
		return GH_OK;
	}
	status = gh_path_join(
		daemon->settings.lane.data_directory, "download", folder, sizeof(folder), error);
	if (status == GH_OK)
		status = gh_folder_make(folder, error);
	if (status != GH_OK)
		return status;
	options = compose_uplink(daemon, folder);
	status = find_receipts_key(daemon, &options, error);
	if (status == GH_OK)
		status = gh_uplink_create(&options, &source, &daemon->uplink, error);
	return status;
}

static enum gh_status make_control(struct daemon *daemon, struct gh_error *error)
{
	struct gh_control_hands hands = {
		.ctx = daemon, .lane = daemon->lane, .health = serve_health, .more = serve_more
	};
	struct gh_control_options options = { .socket_path = daemon->settings.lane.control_socket,
		.clock = daemon->clock };
	char audit[PATH_BYTES];
	enum gh_status status = gh_path_join(
		daemon->settings.lane.data_directory, "audit.log", audit, sizeof(audit), error);

	options.audit_path = audit;
	if (status == GH_OK)
		status = gh_control_create(&options, &hands, &daemon->control, error);
	return status;
}

static enum gh_status make_queues(struct daemon *daemon, struct gh_error *error)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&daemon->enrol_wanted, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_mutex_init(&daemon->enrol_lock, NULL);
	pthread_mutex_init(&daemon->exposure.lock, NULL);
	pthread_mutex_init(&daemon->refusals.lock, NULL);
	return gh_mailbox_create(&daemon->mailbox, error);
}

static void *lane_main(void *ctx)
{
	gh_lane_run(((struct daemon *)ctx)->lane);
	return NULL;
}

static void *uplink_main(void *ctx)
{
	struct gh_error error = GH_ERROR_NONE;

	if (gh_uplink_run(((struct daemon *)ctx)->uplink, &error) != GH_CANCELLED)
		gh_log(GH_LOG_ERROR, "daemon", "uplink_ended", gh_log_error(&error));
	return NULL;
}

static void *control_main(void *ctx)
{
	gh_control_run(((struct daemon *)ctx)->control);
	return NULL;
}

static enum gh_status start_thread(struct daemon *daemon, enum daemon_thread bit, pthread_t *thread,
	void *(*run)(void *), struct gh_error *error)
{
	int errnum = pthread_create(thread, NULL, run, daemon);

	if (errnum != 0)
		return gh_error_errno(error, errnum, "a thread of the lane");
	daemon->running |= bit;
	return GH_OK;
}

static enum gh_status start_actuators(struct daemon *daemon, struct gh_error *error)
{
	for (size_t i = 0; i < daemon->actuator_count; i++) {
		struct actuator *actuator = &daemon->actuators[i];
		int errnum = pthread_create(&actuator->thread, NULL, actuator_main, actuator);

		if (errnum != 0)
			return gh_error_errno(error, errnum, "a device's thread");
		actuator->running = true;
	}
	return GH_OK;
}

static enum gh_status start_threads(struct daemon *d, struct gh_error *error)
{
	enum gh_status status = start_thread(d, THREAD_LANE, &d->lane_thread, lane_main, error);

	if (status == GH_OK)
		status = start_actuators(d, error);
	if (status == GH_OK)
		status = start_thread(d, THREAD_VISION, &d->vision_thread, sight_main, error);
	if (status == GH_OK)
		status = start_thread(d, THREAD_CAMERA, &d->camera_thread, camera_main, error);
	if (status == GH_OK)
		status = start_thread(d, THREAD_ENROL, &d->enrol_thread, enrol_main, error);
	if (status == GH_OK)
		status = start_thread(
			d, THREAD_RETENTION, &d->retention_thread, retention_main, error);
	if (status == GH_OK && d->uplink)
		status = start_thread(d, THREAD_UPLINK, &d->uplink_thread, uplink_main, error);
	if (status == GH_OK && d->uplink)
		status = start_thread(d, THREAD_RENEW, &d->renew_thread, renew_main, error);
	if (status == GH_OK)
		status = start_thread(d, THREAD_CONTROL, &d->control_thread, control_main, error);
	if (status == GH_OK && d->exporter)
		status = start_thread(d, THREAD_EXPORTER, &d->exporter_thread, scrape_main, error);
	return status;
}

static enum gh_status load(struct daemon *daemon, const char *path, struct gh_error *error)
{
	enum gh_status status = gh_settings_load(path, &daemon->settings, error);

	if (status != GH_OK)
		return status;
	gh_log_set_level(daemon->settings.log.level);
	status = gh_folder_make(daemon->settings.lane.data_directory, error);
	if (status == GH_OK)
		status = gh_folder_check_own(daemon->settings.lane.data_directory, error);
	if (status != GH_OK)
		gh_error_wrap(error, "[lane] data_directory");
	return status;
}

enum gh_status daemon_start(
	struct daemon *daemon, const char *settings_path, struct gh_error *error)
{
	enum gh_status status;

	memset(daemon, 0, sizeof(*daemon));
	daemon->clock = gh_clock_system();
	daemon->started_us = daemon->clock->monotonic_us(daemon->clock);
	status = make_queues(daemon, error);
	if (status == GH_OK)
		status = gh_id_make(&daemon->start, error);
	if (status == GH_OK)
		status = load(daemon, settings_path, error);
	if (status == GH_OK)
		status = check_purpose(daemon, error);
	if (status == GH_OK)
		status = open_vision(daemon, error);
	if (status == GH_OK)
		status = read_morph(daemon, error);
	if (status == GH_OK)
		status = open_stores(daemon, error);
	if (status == GH_OK)
		status = make_lane(daemon, error);
	/* A lane that was off past a limit erases before it does anything else. */
	if (status == GH_OK)
		retention_run(daemon);
	if (status == GH_OK)
		status = make_uplink(daemon, error);
	if (status == GH_OK)
		status = make_control(daemon, error);
	if (status == GH_OK)
		status = scrape_open(daemon, error);
	if (status == GH_OK)
		status = start_threads(daemon, error);
	return status;
}

static void join(struct daemon *daemon, enum daemon_thread bit, pthread_t thread)
{
	if (daemon->running & bit)
		pthread_join(thread, NULL);
	daemon->running &= ~(unsigned)bit;
}

/* Those who tell the lane end before the lane does. */
static void join_all(struct daemon *daemon)
{
	join(daemon, THREAD_CONTROL, daemon->control_thread);
	join(daemon, THREAD_EXPORTER, daemon->exporter_thread);
	join(daemon, THREAD_CAMERA, daemon->camera_thread);
	join(daemon, THREAD_VISION, daemon->vision_thread);
	for (size_t i = 0; i < daemon->actuator_count; i++)
		if (daemon->actuators[i].running)
			pthread_join(daemon->actuators[i].thread, NULL);
	join(daemon, THREAD_ENROL, daemon->enrol_thread);
	join(daemon, THREAD_RETENTION, daemon->retention_thread);
	join(daemon, THREAD_RENEW, daemon->renew_thread);
	join(daemon, THREAD_UPLINK, daemon->uplink_thread);
	join(daemon, THREAD_LANE, daemon->lane_thread);
}

static void ask_to_stop(struct daemon *daemon)
{
	atomic_store(&daemon->stopping, true);
	if (daemon->control)
		gh_control_stop(daemon->control);
	if (daemon->exporter)
		gh_exporter_stop(daemon->exporter);
	if (daemon->uplink)
		gh_uplink_stop(daemon->uplink);
	if (daemon->lane)
		gh_lane_stop(daemon->lane);
	if (daemon->mailbox)
		gh_mailbox_close(daemon->mailbox);
	enrol_wake(daemon);
}

void daemon_stop(struct daemon *daemon)
{
	ask_to_stop(daemon);
	join_all(daemon);
	gh_control_destroy(daemon->control);
	gh_exporter_close(daemon->exporter);
	gh_uplink_destroy(daemon->uplink);
	gh_lane_destroy(daemon->lane);
	gh_mailbox_destroy(daemon->mailbox);
	gh_camera_close(atomic_load(&daemon->camera));
	for (size_t i = 0; i < daemon->actuator_count; i++)
		gh_actuator_close(atomic_load(&daemon->actuators[i].handle));
	gh_erasure_close(daemon->erasure);
	gh_gallery_destroy(daemon->stores.gallery);
	gh_outbox_close(daemon->stores.outbox);
	gh_vision_destroy(daemon->vision);
	gh_enroller_destroy(daemon->enroller);
	gh_calibration_close(daemon->calibration);
	renew_forget(daemon);
	gh_bytes_finish(&daemon->proxy_credentials);
	gh_provider_close(daemon->provider);
	pthread_cond_destroy(&daemon->enrol_wanted);
	pthread_mutex_destroy(&daemon->enrol_lock);
	pthread_mutex_destroy(&daemon->exposure.lock);
	pthread_mutex_destroy(&daemon->refusals.lock);
}
