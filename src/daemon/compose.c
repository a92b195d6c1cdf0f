/* SPDX-License-Identifier: Apache-2.0 */
/* From the settings to what each room wants to know. */
#include "gatehouse/daemon/compose.h"

#include <stdio.h>
#include <string.h>

#include "gatehouse/crypto/aead.h"
#include "gatehouse/crypto/hash.h"
#include "daemon.h"

#define MINUTE_MS (60 * 1000)
#define HOUR_MS (60 * MINUTE_MS)

static struct gh_quality_limits compose_limits(const struct gh_settings_vision *vision)
{
	struct gh_quality_limits limits = gh_quality_limits_default();

	limits.detection_min = (float)vision->detection_min_permille / 1000.0f;
	limits.eye_distance_min_px = (float)vision->eye_distance_min_px;
	limits.face_height_max_permille = (float)vision->face_max_permille;
	limits.yaw_max_degrees = (float)vision->yaw_max_degrees;
	limits.pitch_max_degrees = (float)vision->pitch_max_degrees;
	limits.roll_max_degrees = (float)vision->roll_max_degrees;
	limits.sharpness_min_permille = (float)vision->sharpness_min_permille;
	limits.luminance_min_permille = (float)vision->luminance_min_permille;
	limits.luminance_max_permille = (float)vision->luminance_max_permille;
	limits.eyes_open_min_permille = (float)vision->eyes_open_min_permille;
	limits.edge_margin_min_permille = (float)vision->edge_margin_permille;
	limits.enough_permille = (float)vision->quality_enough_permille;
	return limits;
}

struct gh_vision_options gh_compose_vision(const struct gh_settings *settings)
{
	const struct gh_settings_vision *vision = &settings->vision;
	struct gh_vision_options options = gh_vision_options_default();

	options.models_directory = vision->models_directory;
	options.models_manifest = vision->models_manifest;
	options.engine = vision->engine;
	options.engine_library = vision->engine_library;
	options.model_set = vision->model_set;
	options.attack_file = vision->attack_file;
	options.attack_bpcer_permille = vision->attack_bpcer_permille;
	options.flip = vision->flip;
	options.zone = (struct gh_zone){
		.left_permille = vision->zone_left_permille,
		.top_permille = vision->zone_top_permille,
		.right_permille = vision->zone_right_permille,
		.bottom_permille = vision->zone_bottom_permille,
	};
	options.limits = compose_limits(vision);
	options.settle_ms = vision->settle_ms;
	options.frames_min = vision->frames_min;
	options.frames_max = vision->frames_max;
	options.photo_bytes_max = vision->photo_bytes_max;
	options.coach_show_ms = settings->coaching.show_ms;
	options.coach_stand_ms = settings->coaching.stand_ms;
	options.coach_release_ms = settings->coaching.release_ms;
	if (settings->camera.width_px > options.width_max_px)
		options.width_max_px = settings->camera.width_px;
	if (settings->camera.height_px > options.height_max_px)
		options.height_max_px = settings->camera.height_px;
	return options;
}

/* Without ranges: what the camera can do it says when it is there. */
struct gh_metering_options compose_metering(const struct gh_settings *settings)
{
	const struct gh_settings_exposure *exposure = &settings->exposure;
	struct gh_metering_options options = gh_metering_options_default();

	options.target_permille = exposure->face_target_permille;
	options.band_permille = exposure->face_band_permille;
	options.clipped_max_permille = exposure->clipped_max_permille;
	options.blur_exposure_max_us = exposure->blur_exposure_max_us;
	options.mains_hz = exposure->mains_hz;
	options.settle_ms = exposure->settle_ms;
	options.settle_frames = exposure->settle_frames;
	options.lamp_rest_permille = exposure->lamp_rest_permille;
	options.lamp_start_permille = exposure->lamp_start_permille;
	options.lamp = exposure->control && settings->light.driver[0] != '\0';
	return options;
}

struct gh_gallery_options compose_gallery(struct daemon *daemon, const char *folder)
{
	const struct gh_settings_gallery *gallery = &daemon->settings.gallery;

	return (struct gh_gallery_options){
		.folder = folder,
		.provider = daemon->provider,
		.calibration = daemon->calibration,
		.clock = daemon->clock,
		.chain = daemon->chain,
		.rows_max = gallery->rows_max,
		.fpir_target = gallery->fpir_target_ppm / 1e6,
		.fmr_claim = gallery->fmr_one_to_one_ppb / 1e9,
		.fmr_look_alike = gallery->fmr_look_alike_ppb / 1e9,
		.padding_rows = gallery->demo_padding,
		.active_before_ms = (int64_t)gallery->load_before_departure_minutes * MINUTE_MS,
		.active_after_ms = (int64_t)gallery->drop_after_departure_minutes * MINUTE_MS,
		.kept_max_ms = (int64_t)gallery->hours_max * HOUR_MS,
		.erased = retention_voyage_erased,
		.erased_ctx = daemon,
	};
}

/* Of this running of the machine; none where the kernel does not tell. */
static struct gh_id boot_id(void)
{
	struct gh_id boot = { { 0 } };
	char text[GH_ID_TEXT_BYTES] = "";
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (!file)
		return boot;
	if (!fgets(text, sizeof(text), file) || gh_id_parse(text, &boot, NULL) != GH_OK)
		boot = (struct gh_id){ { 0 } };
	fclose(file);
	return boot;
}

struct gh_outbox_options compose_outbox(const struct daemon *daemon)
{
	const struct gh_settings_outbox *outbox = &daemon->settings.outbox;

	return (struct gh_outbox_options){
		.folder = daemon->settings.lane.data_directory,
		.size_max_bytes = outbox->size_max_bytes,
		.free_disk_min_bytes = outbox->free_disk_min_bytes,
		.items_max = outbox->items_max,
		.receipt_days = outbox->receipt_days,
		.sealer = daemon->sealer,
		.generation = daemon->provider ? gh_provider_generation(daemon->provider) : 0,
		.boot = boot_id(),
		.clock = daemon->clock,
	};
}

struct gh_provider_options gh_compose_provider(const struct gh_settings *settings)
{
	const struct gh_settings_keys *keys = &settings->keys;

	return (struct gh_provider_options){
		.kind = keys->provider,
		.folder = keys->directory,
		.systemd_key = keys->systemd_key,
		.tpm2_tcti = keys->tpm2_tcti,
		.tpm2_pcrs = keys->tpm2_pcrs,
		.tpm2_index = keys->tpm2_index,
	};
}

struct gh_erasure_options compose_erasure(struct daemon *daemon)
{
	const struct gh_settings_retention *retention = &daemon->settings.retention;

	return (struct gh_erasure_options){
		.folder = daemon->settings.lane.data_directory,
		.lane = daemon->settings.lane.id,
		.provider = daemon->provider,
		.outbox = daemon->stores.outbox,
		.clock = daemon->clock,
		.interval_ms = retention->round_minutes * MINUTE_MS,
		.ahead_ms = retention->ahead_minutes * MINUTE_MS,
		.rewrap = retention_rewrap,
		.photo_erased = retention_photo_erased,
		.ctx = daemon,
	};
}

struct gh_uplink_options compose_uplink(const struct daemon *daemon, const char *folder)
{
	const struct gh_settings_uplink *uplink = &daemon->settings.uplink;
	const struct uplink_pair *pair = atomic_load(&daemon->pair);
	const struct gh_view none = { NULL, 0 };

	return (struct gh_uplink_options){
		.url = uplink->url,
		.ca_file = uplink->ca_file,
		.certificate_file = uplink->certificate_file,
		.key_file = uplink->key_file,
		.key = pair ? gh_bytes_view(&pair->key) : none,
		.certificate = pair ? gh_bytes_view(&pair->certificate) : none,
		.connect_timeout_ms = uplink->connect_timeout_ms,
		.transfer_timeout_ms = uplink->transfer_timeout_ms,
		.backoff_first_ms = uplink->backoff_first_ms,
		.backoff_max_ms = uplink->backoff_max_ms,
		.voyages_interval_ms = uplink->voyages_interval_ms,
		.passages_interval_ms = uplink->passages_interval_ms,
		.heartbeat_interval_ms = uplink->heartbeat_interval_ms,
		.download_folder = folder,
		.requests_in_flight = uplink->requests_in_flight,
		.http2 = uplink->http2,
		.send_bytes_per_s = uplink->send_bytes_per_s,
		.receive_bytes_per_s = uplink->receive_bytes_per_s,
		.proxy_url = uplink->proxy_url,
		.proxy_ca_file = uplink->proxy_ca_file,
		.proxy_credentials = gh_bytes_view(&daemon->proxy_credentials),
		.photo_piece_bytes = uplink->photo_piece_bytes,
		.receipts = uplink->receipts,
		.clock = daemon->clock,
	};
}

struct gh_exporter_options compose_exporter(struct daemon *daemon)
{
	const struct gh_settings_metrics *metrics = &daemon->settings.metrics;

	return (struct gh_exporter_options){
		.listen_address = metrics->listen_address,
		.listen_port = metrics->listen_port,
		.certificate_file = metrics->certificate_file,
		.key_file = metrics->key_file,
		.ca_file = metrics->ca_file,
		.write = scrape_write,
		.ctx = daemon,
		.clock = daemon->clock,
	};
}

static void compose_identity(struct daemon *daemon, struct gh_encounter_lane *identity)
{
	const struct gh_settings_lane *lane = &daemon->settings.lane;

	gh_text_copy(identity->lane, sizeof(identity->lane), lane->id);
	gh_text_copy(identity->device, sizeof(identity->device), lane->device_id);
	gh_text_copy(identity->port, sizeof(identity->port), lane->port);
	identity->purpose = lane->purpose;
	identity->mode = lane->mode;
	identity->direction = lane->direction;
	identity->traffic = lane->traffic;
	gh_text_copy(identity->firmware, sizeof(identity->firmware), GATEHOUSE_VERSION);
	memcpy(identity->model_chain, daemon->chain.bytes, sizeof(identity->model_chain));
	gh_text_copy(
		identity->engine, sizeof(identity->engine), gh_vision_engine_name(daemon->vision));
}

static void compose_times(
	const struct gh_settings_transaction *times, struct gh_lane_options *options)
{
	options->arrive_ms = times->arrive_ms;
	options->leave_ms = times->leave_ms;
	options->notice_timeout_ms = times->notice_timeout_ms;
	options->notice_dwell_ms = times->notice_dwell_ms;
	options->document_timeout_ms = times->document_timeout_ms;
	options->capture_timeout_ms = times->capture_timeout_ms;
	options->warning_before_ms = times->warning_before_ms;
	options->more_time_ms = times->more_time_ms;
	options->gate_timeout_ms = times->gate_timeout_ms;
	options->officer_timeout_ms = times->officer_timeout_ms;
	options->passages_fresh_ms = times->already_passed_fresh_ms;
}

enum gh_status compose_lane(
	struct daemon *daemon, struct gh_lane_options *options, struct gh_error *error)
{
	const struct gh_settings *settings = &daemon->settings;
	struct gh_sha256 notice;
	enum gh_status status;

	*options = gh_lane_options_default();
	status = gh_sha256_of_file(settings->lane.notice_file, 1024 * 1024, &notice, error);
	if (status != GH_OK) {
		gh_error_wrap(error, "[lane] notice_file");
		return status;
	}
	gh_sha256_format(&notice, options->notice_hash);
	compose_identity(daemon, &options->identity);
	compose_times(&settings->transaction, options);
	options->reader =
		settings->document.driver[0] != '\0' || settings->barcode.driver[0] != '\0';
	options->gate = settings->gate.driver[0] != '\0';
	options->retention_other_hours = settings->retention.other_hours;
	gh_text_copy(options->exempt_documents, sizeof(options->exempt_documents),
		settings->retention.exempt_documents);
	options->calibration = daemon->calibration;
	if (settings->vision.morph_file[0] != '\0')
		options->morph = &daemon->morph;
	options->lamp_rest_permille = settings->exposure.lamp_rest_permille;
	options->lamp_start_permille = settings->exposure.lamp_start_permille;
	options->fpir_target = settings->gallery.fpir_target_ppm / 1e6;
	options->fmr_claim = settings->gallery.fmr_one_to_one_ppb / 1e9;
	options->change_max = settings->vision.decision_change_max_permille / 1e3;
	options->clock = daemon->clock;
	return GH_OK;
}

static struct gh_device_address compose_address(
	const char *driver, const char *address, const char *options)
{
	struct gh_device_address made = { .driver = "" };

	gh_text_copy(made.driver, sizeof(made.driver), driver);
	gh_text_copy(made.address, sizeof(made.address), address);
	gh_text_copy(made.options, sizeof(made.options), options);
	return made;
}

struct gh_device_address compose_device(
	const struct gh_settings *settings, enum gh_device_class device_class)
{
	const struct gh_settings_device *const devices[GH_DEVICE_CLASS_COUNT] = {
		[GH_DEVICE_GATE] = &settings->gate,
		[GH_DEVICE_LIGHT] = &settings->light,
		[GH_DEVICE_DISPLAY] = &settings->display,
		[GH_DEVICE_PRESENCE] = &settings->presence,
		[GH_DEVICE_DOCUMENT] = &settings->document,
		[GH_DEVICE_BARCODE] = &settings->barcode,
		[GH_DEVICE_ALARM] = &settings->alarm,
	};
	const struct gh_settings_camera *camera = &settings->camera;

	if (device_class == GH_DEVICE_CAMERA)
		return compose_address(camera->driver, camera->address, camera->options);
	return compose_address(devices[device_class]->driver, devices[device_class]->address,
		devices[device_class]->options);
}

struct gh_camera_wish compose_wish(const struct gh_settings *settings)
{
	const struct gh_settings_camera *camera = &settings->camera;

	return (struct gh_camera_wish){
		.width_px = camera->width_px,
		.height_px = camera->height_px,
		.frame_interval_us = camera->frame_interval_us,
	};
}

/* Each body under a random key of its own, wrapped for the same place. */
static enum gh_status seal(void *ctx, struct gh_view context, struct gh_view plain,
	struct gh_bytes *wrapped, struct gh_bytes *sealed, struct gh_error *error)
{
	struct gh_aead_key key;
	enum gh_status status = gh_random_fill(key.bytes, sizeof(key.bytes), error);

	gh_bytes_clear(wrapped);
	gh_bytes_clear(sealed);
	if (status == GH_OK)
		status = gh_provider_wrap(ctx, context, &key, wrapped, error);
	if (status == GH_OK)
		status = gh_aead_seal(&key, context, plain, sealed, error);
	gh_wipe(&key, sizeof(key));
	return status;
}

static enum gh_status unseal(void *ctx, struct gh_view context, struct gh_view wrapped,
	struct gh_view sealed, struct gh_bytes *plain, struct gh_error *error)
{
	struct gh_aead_key key;
	enum gh_status status = gh_provider_unwrap(ctx, context, wrapped, &key, error);

	gh_bytes_clear(plain);
	if (status == GH_OK)
		status = gh_aead_open(&key, context, sealed, plain, error);
	gh_wipe(&key, sizeof(key));
	return status;
}

static enum gh_status rewrap(void *ctx, struct gh_view context, struct gh_view wrapped,
	struct gh_bytes *rewrapped, struct gh_error *error)
{
	return gh_provider_rewrap(ctx, context, wrapped, rewrapped, error);
}

struct gh_sealer compose_sealer(struct gh_provider *provider)
{
	return (struct gh_sealer){
		.ctx = provider, .seal = seal, .open = unseal, .rewrap = rewrap
	};
}
