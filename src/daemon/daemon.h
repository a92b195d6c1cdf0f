/* SPDX-License-Identifier: Apache-2.0 */
/* The lane's program: what is wired to what. Shared by the files of this room only. */
#ifndef GATEHOUSE_SRC_DAEMON_DAEMON_H
#define GATEHOUSE_SRC_DAEMON_DAEMON_H

#include <pthread.h>
#include <stdatomic.h>

#include "gatehouse/base/queue.h"
#include "gatehouse/control/control.h"
#include "gatehouse/crypto/certificate.h"
#include "gatehouse/crypto/provider.h"
#include "gatehouse/daemon/compose.h"
#include "gatehouse/device/camera.h"
#include "gatehouse/erasure/round.h"
#include "gatehouse/exporter/exporter.h"
#include "gatehouse/settings/purpose.h"
#include "gatehouse/settings/settings.h"
#include "gatehouse/transaction/lane.h"
#include "gatehouse/uplink/uplink.h"
#include "gatehouse/vision/metering.h"

/* Devices that are not cameras, each with a thread of its own. */
#define ACTUATORS_MAX 7

/* One device: its address, its handle once it could be opened, its thread. */
struct actuator {
	struct daemon *daemon;
	enum gh_device_class device_class;
	struct gh_device_address address;
	_Atomic(struct gh_actuator *) handle;
	pthread_t thread;
	bool running;
};

/* What the lane asks of the vision thread; set by the lane, read by vision. */
struct vision_orders {
	_Atomic(uint32_t) task; /* enum gh_vision_task: OFF, PRESENCE or CAPTURE */
	_Atomic(uint32_t) passage;
	_Atomic(uint64_t) since_us; /* frames from before are not looked at */
	atomic_bool wipe;
	_Atomic(uint32_t) conclude; /* of this passage; 0: nothing to conclude */
};

/* What the threads count for the health snapshot. */
struct daemon_counts {
	_Atomic(uint64_t) vision_frames;
	_Atomic(uint64_t) vision_failures;
	_Atomic(uint64_t) vision_last_us;
};

/*
 * Exposure and gain between the two threads they concern: vision wishes, the camera's own thread
 * sets them.
 */
struct exposure_desk {
	pthread_mutex_t lock;
	uint32_t cameras; /* brought up so far: another number has other ranges */
	struct gh_metering_range exposure_us;
	struct gh_metering_range gain_permille;
	uint32_t wishes; /* so far */
	struct gh_metering_wish wish;
};

/* Voyages that were not taken: the uplink's thread writes, the control thread reads. */
struct refusal_desk {
	pthread_mutex_t lock;
	struct gh_health_refusal list[GH_HEALTH_REFUSED_MAX]; /* oldest first */
	size_t count;
	uint64_t by_status[GH_STATUS_COUNT];
};

/* The certificate and key by which the lane asks the centre; what it asked by before stays. */
struct uplink_pair {
	struct gh_bytes certificate; /* PEM, with its chain */
	struct gh_bytes key;         /* PEM */
	struct gh_certificate facts;
	struct uplink_pair *before;
};

/* How the renewal of the certificate goes; of the renewal's thread alone. */
struct renewal {
	uint64_t renewals;
	uint64_t failures; /* since the last that succeeded */
	uint64_t not_before_us;
	uint32_t random;  /* of this run */
	const char *told; /* the state that was logged last */
	bool files_told;
};

struct daemon {
	struct gh_lane_stores stores; /* first: hands of the transaction read it */
	struct gh_settings settings;
	const struct gh_clock *clock;
	uint64_t started_us;
	atomic_bool stopping;

	struct gh_encounter_lane identity; /* as it stands in records */
	struct gh_provider *provider;
	_Atomic(struct uplink_pair *) pair; /* NULL where there is no centre */
	struct renewal renewal;
	struct gh_bytes proxy_credentials; /* for the uplink, and each question beside it */
	struct gh_sealer sealer;
	struct gh_erasure *erasure;
	int64_t witness_not_before_us; /* of the retention thread */
	struct gh_calibration *calibration;
	struct gh_morph_parameters morph; /* of the file that is set; else unused */
	struct gh_vision *vision;
	struct gh_enroller *enroller;
	struct gh_lane *lane;
	struct gh_uplink *uplink;
	struct gh_control *control;
	struct gh_exporter *exporter;
	struct gh_id start;  /* of this start; counters begin with it */
	uint64_t heartbeats; /* made since then; of the uplink's thread */
	struct gh_purpose_facts facts;

	struct gh_device_address camera_address;
	_Atomic(struct gh_camera *) camera;
	struct gh_mailbox *mailbox;
	struct exposure_desk exposure;
	struct refusal_desk refusals;
	struct actuator actuators[ACTUATORS_MAX];
	size_t actuator_count;
	atomic_bool sensor_occupied;

	struct vision_orders orders;
	struct daemon_counts counts;
	struct gh_model_chain chain;
	pthread_mutex_t enrol_lock;
	pthread_cond_t enrol_wanted;
	bool enrol_work;

	pthread_t camera_thread;
	pthread_t vision_thread;
	pthread_t enrol_thread;
	pthread_t retention_thread;
	pthread_t lane_thread;
	pthread_t uplink_thread;
	pthread_t control_thread;
	pthread_t renew_thread;
	pthread_t exporter_thread;
	unsigned running; /* bits of enum daemon_thread */
};

/* The threads, as bits of daemon.running. */
enum daemon_thread {
	THREAD_CAMERA = 1 << 0,
	THREAD_VISION = 1 << 1,
	THREAD_ENROL = 1 << 2,
	THREAD_LANE = 1 << 3,
	THREAD_UPLINK = 1 << 4,
	THREAD_CONTROL = 1 << 5,
	THREAD_RETENTION = 1 << 6,
	THREAD_RENEW = 1 << 7,
	THREAD_EXPORTER = 1 << 8,
};

/* compose.c: from settings to the options of the rooms. */
struct gh_gallery_options compose_gallery(struct daemon *daemon, const char *folder);
struct gh_outbox_options compose_outbox(const struct daemon *daemon);
struct gh_erasure_options compose_erasure(struct daemon *daemon);
struct gh_uplink_options compose_uplink(const struct daemon *daemon, const char *folder);
struct gh_exporter_options compose_exporter(struct daemon *daemon);
GH_MUST_USE enum gh_status compose_lane(
	struct daemon *daemon, struct gh_lane_options *options, struct gh_error *error);
struct gh_metering_options compose_metering(const struct gh_settings *settings);
struct gh_sealer compose_sealer(struct gh_provider *provider);
struct gh_device_address compose_device(
	const struct gh_settings *settings, enum gh_device_class device_class);
struct gh_camera_wish compose_wish(const struct gh_settings *settings);

/* camera.c, actuators.c: the device threads. */
void *camera_main(void *daemon);
void *actuator_main(void *actuator);
struct gh_actuator *actuator_of(struct daemon *daemon, enum gh_device_class device_class);
enum gh_status act_on_device(void *ctx, enum gh_device_class device_class,
	const struct gh_action *action, struct gh_error *error);
void daemon_pause(struct daemon *daemon, uint32_t length_ms);
void daemon_tell_device(
	struct daemon *daemon, enum gh_trigger trigger, enum gh_device_class device_class);

/* exposure.c: what vision wishes of the camera. _camera_: that one's thread, _vision_: vision's. */
void exposure_camera_up(struct daemon *daemon, struct gh_camera *camera);
void exposure_camera_set(struct daemon *daemon, struct gh_camera *camera, uint32_t *done);
bool exposure_vision_begin(struct daemon *daemon, struct gh_metering *metering, uint32_t *cameras);
void exposure_vision_wish(struct daemon *daemon, const struct gh_metering_wish *wish);

/* sight.c: the vision thread. */
void *sight_main(void *daemon);
void sight_order(void *ctx, enum gh_vision_task task, uint32_t passage);
bool sight_enough(void *ctx, const struct gh_template *average, uint32_t frames);

/* enrol.c: the enrolment thread. */
void *enrol_main(void *daemon);
void enrol_wake(struct daemon *daemon);

/* retention.c: the thread that ends what is over. */
void *retention_main(void *daemon);
void retention_run(struct daemon *daemon);
enum gh_status retention_rewrap(void *daemon, struct gh_error *error);
void retention_photo_erased(void *daemon, const struct gh_id *encounter);
enum gh_status retention_voyage_erased(
	void *daemon, const struct gh_gallery_erased *story, struct gh_error *error);

/* clock.c: on the retention thread, too: addenda for records made by a clock in doubt. */
void clock_run(struct daemon *daemon);

/* addendum.c: one that gh_addendum_begin() began, into the outbox. */
GH_MUST_USE enum gh_status addendum_put(struct daemon *daemon, struct gh_addendum *addendum,
	enum gh_settles settles, struct gh_error *error);

/* witness.c: on the retention thread, too; blocks for one request to the centre. */
void witness_run(struct daemon *daemon);

/*
 * renew.c: the pair is loaded at the start, and what a power cut left of a renewal is finished; the
 * thread renews it. The two below are its judgement, by themselves.
 */
GH_MUST_USE enum gh_status renew_load(struct daemon *daemon, struct gh_error *error);
void renew_forget(struct daemon *daemon);
void *renew_main(void *daemon);
struct gh_word renew_state(
	const struct gh_settings_uplink *uplink, const struct gh_certificate *facts, int64_t at_ms);
bool renew_is_due(const struct gh_settings_uplink *uplink, const struct gh_certificate *facts,
	int64_t at_ms, uint32_t random);

/* deliver.c: the outbox joined to the uplink. */
struct gh_uplink_source deliver_source(struct daemon *daemon);
uint64_t deliver_passages_age_ms(void *ctx);

/* serve.c: what the command socket can ask beside the lane's own words. */
void serve_health(void *ctx, struct gh_health *health);
enum gh_status serve_more(void *ctx, const char *command, const char *const *arguments,
	size_t count, struct gh_bytes *answer, struct gh_error *error);

/* scrape.c: the exporter. Without [metrics] listen_port there is none. */
GH_MUST_USE enum gh_status scrape_open(struct daemon *daemon, struct gh_error *error);
enum gh_status scrape_write(void *daemon, struct gh_bytes *text, struct gh_error *error);
void *scrape_main(void *daemon);

/* heartbeat.c: on the uplink's thread, what it tells the centre. */
enum gh_status heartbeat_make(
	void *daemon, char path[96], struct gh_bytes *body, struct gh_error *error);

/* bundles.c: voyages kept on disk between download and departure. */
void bundle_take(struct daemon *daemon, const struct gh_id *voyage, const char *path);
void bundle_forget_refusal(struct daemon *daemon, const struct gh_id *voyage);
void bundle_refusals(struct daemon *daemon, struct gh_health *health);

/* start.c: in order, and back. */
GH_MUST_USE enum gh_status daemon_start(
	struct daemon *daemon, const char *settings_path, struct gh_error *error);
void daemon_stop(struct daemon *daemon);

#endif
