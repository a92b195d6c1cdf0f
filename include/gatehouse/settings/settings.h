/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of lane and centre: one file, one table, everything with a range. */
#ifndef GATEHOUSE_SETTINGS_SETTINGS_H
#define GATEHOUSE_SETTINGS_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"
#include "gatehouse/base/log.h"
#include "gatehouse/base/words.h"
#include "gatehouse/settings/monitoring.h"
#include "gatehouse/settings/uplink.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes of a word from a short list, its final NUL included. */
#define GH_SETTINGS_CHOICE_BYTES 16

/*
 * Fields are named as their keys; config/gatehouse.conf says of each what it
 * means, its range and its default. A text that may be empty is "" when unset.
 */

/** [lane] Who this lane is, and where it keeps things. */
struct gh_settings_lane {
	char id[32];        /**< in every record */
	char device_id[64]; /**< inventory number, in every record */
	char port[12];      /**< UN/LOCODE or site code */
	enum gh_purpose purpose;
	enum gh_mode mode;           /**< who starts a passage */
	enum gh_direction direction; /**< in every record */
	enum gh_traffic traffic;     /**< GH_TRAFFIC_LAND needs a chip reader */
	char data_directory[GH_SETTINGS_TEXT_BYTES];
	char control_socket[108];                 /**< as long as sockaddr_un allows */
	char notice_file[GH_SETTINGS_TEXT_BYTES]; /**< SHA-256 of it: the notice's version */
	bool rehearsal;                           /**< rehearsed faults are passed on */
};

/** [gate] [light] ... How one device is found. driver "": there is none. */
struct gh_settings_device {
	char driver[32];                      /**< "class/name" */
	char address[GH_SETTINGS_TEXT_BYTES]; /**< the driver's README says */
	char options[GH_SETTINGS_TEXT_BYTES]; /**< key=value,key=value */
};

/** [camera] The same, and the mode asked for. */
struct gh_settings_camera {
	char driver[32];
	char address[GH_SETTINGS_TEXT_BYTES]; /**< the driver's README says */
	char options[GH_SETTINGS_TEXT_BYTES]; /**< key=value,key=value */
	uint32_t width_px;                    /**< asked for; the nearest mode is taken */
	uint32_t height_px;
	uint32_t frame_interval_us; /**< asked for */
};

/** [vision] Models, engine, the stand-here zone and the first quality gate. */
struct gh_settings_vision {
	char models_directory[GH_SETTINGS_TEXT_BYTES]; /**< prepared networks */
	char models_manifest[GH_SETTINGS_TEXT_BYTES];  /**< their hashes */
	char engine[GH_SETTINGS_CHOICE_BYTES];         /**< "onnxruntime" or "opencv" */
	char engine_library[GH_SETTINGS_TEXT_BYTES];   /**< for onnxruntime */
	char model_set[32];                            /**< which networks do what */
	char attack_file[GH_SETTINGS_TEXT_BYTES];      /**< attack detection's parameters */
	uint32_t attack_bpcer_permille;                /**< bona fide that may be suspected */
	char morph_file[GH_SETTINGS_TEXT_BYTES];       /**< morph indicator's; "": none */
	bool flip;                                     /**< average with the mirrored face */
	uint32_t zone_left_permille; /**< zone: of the frame; left < right, top < bottom */
	uint32_t zone_top_permille;
	uint32_t zone_right_permille;
	uint32_t zone_bottom_permille;
	uint32_t detection_min_permille; /**< of the detector's score */
	uint32_t eye_distance_min_px;    /**< below: too far */
	uint32_t face_max_permille;      /**< of the frame's height */
	uint32_t yaw_max_degrees;
	uint32_t pitch_max_degrees;
	uint32_t roll_max_degrees;
	uint32_t sharpness_min_permille; /**< the lane's own scale */
	uint32_t luminance_min_permille; /**< of linear light; < luminance_max_permille */
	uint32_t luminance_max_permille;
	uint32_t eyes_open_min_permille; /**< the lane's own scale */
	uint32_t edge_margin_permille;   /**< of the face's width */
	uint32_t settle_ms;              /**< watched for so long before somebody stands */
	uint32_t frames_min;             /**< <= frames_max */
	uint32_t frames_max;
	uint32_t quality_enough_permille;      /**< no further frame is waited for */
	uint32_t decision_change_max_permille; /**< nor for a smaller chance of another outcome */
	uint32_t photo_bytes_max;              /**< of the record's photograph */
};

/** [coaching] How patiently the traveller is told what to do. */
struct gh_settings_coaching {
	uint32_t show_ms;    /**< an instruction stands at least so long */
	uint32_t stand_ms;   /**< its cause has stood so long before it is given */
	uint32_t release_ms; /**< and is over so long before it is taken away */
};

/** [exposure] Lamp, exposure and gain, driven from the face. */
struct gh_settings_exposure {
	bool control;                  /**< they are driven at all */
	uint32_t face_target_permille; /**< of linear light */
	uint32_t face_band_permille;   /**< factor either way that is left alone */
	uint32_t clipped_max_permille; /**< of the face, washed out */
	uint32_t blur_exposure_max_us; /**< longest exposure of a person */
	uint32_t mains_hz;             /**< 0: do not care */
	uint32_t settle_ms;            /**< least wait for a change to show */
	uint32_t settle_frames;        /**< and least frames */
	uint32_t lamp_rest_permille;   /**< with nobody there; <= lamp_start_permille */
	uint32_t lamp_start_permille;  /**< when somebody comes */
};

/** [gallery] Thresholds, size, and how long a voyage is held. */
struct gh_settings_gallery {
	char calibration_file[GH_SETTINGS_TEXT_BYTES]; /**< thresholds come from it */
	char calibration_key[GH_SETTINGS_TEXT_BYTES];  /**< public key that it is signed by */
	uint32_t fpir_target_ppm;                      /**< per million searches */
	uint32_t fmr_one_to_one_ppb;                   /**< per 10^9 comparisons with a claim */
	uint32_t fmr_look_alike_ppb;            /**< per 10^9; pairs above it are look-alikes */
	uint32_t rows_max;                      /**< portraits of all voyages */
	uint32_t demo_padding;                  /**< rows; 0 in service */
	uint32_t load_before_departure_minutes; /**< searched from then on */
	uint32_t drop_after_departure_minutes;  /**< key destroyed */
	uint32_t hours_max;                     /**< key destroyed, after loading */
};

/** [transaction] How long each step may take. */
struct gh_settings_transaction {
	uint32_t arrive_ms;               /**< in the zone before it counts */
	uint32_t leave_ms;                /**< out of it before it counts */
	uint32_t notice_timeout_ms;       /**< for the display's acknowledgement */
	uint32_t notice_dwell_ms;         /**< for reading */
	uint32_t document_timeout_ms;     /**< > warning_before_ms */
	uint32_t capture_timeout_ms;      /**< > warning_before_ms */
	uint32_t warning_before_ms;       /**< before a time-out */
	uint32_t more_time_ms;            /**< per request */
	uint32_t gate_timeout_ms;         /**< open without a passage */
	uint32_t officer_timeout_ms;      /**< referral that nobody takes up */
	uint32_t already_passed_fresh_ms; /**< age of the centre's list */
};

/** [retention] Hours for travellers of class "other", and who is exempt; the rest is fixed. */
struct gh_settings_retention {
	uint32_t other_hours;      /**< after capture, at most 14 days */
	char exempt_documents[64]; /**< document types with spaces between */
	uint32_t round_minutes;    /**< from a deletion to the end of its master key */
	uint32_t ahead_minutes;    /**< erased this long before a limit at least */
};

/** [outbox] Bounds; it lives in lane.data_directory. */
struct gh_settings_outbox {
	uint64_t size_max_bytes;      /**< the lane is manual from there on */
	uint64_t free_disk_min_bytes; /**< full below it */
	uint32_t items_max;           /**< records, photographs, addenda */
	uint32_t receipt_days;        /**< the centre's receipts; 0 for ever */
};

/** [keys] Who holds the master key. */
struct gh_settings_keys {
	char provider[GH_SETTINGS_CHOICE_BYTES]; /**< a kind of gh_provider_open() */
	char directory[GH_SETTINGS_TEXT_BYTES];  /**< mode 0700 */

	/* As in struct gh_provider_options. */
	char systemd_key[GH_SETTINGS_CHOICE_BYTES];
	char tpm2_tcti[GH_SETTINGS_TEXT_BYTES];
	char tpm2_pcrs[GH_SETTINGS_TEXT_BYTES];
	char tpm2_index[GH_SETTINGS_TEXT_BYTES];
};

/** [log] */
struct gh_settings_log {
	enum gh_log_level level; /**< the least urgent written */
};

/** [central] The reference central service; lanes ignore it. */
struct gh_settings_central {
	enum gh_purpose purpose;
	char listen_address[64]; /**< IPv4 address or interface */
	uint32_t listen_port;    /**< 0: any that is free */
	char data_directory[GH_SETTINGS_TEXT_BYTES];
	char ca_file[GH_SETTINGS_TEXT_BYTES];
	char certificate_file[GH_SETTINGS_TEXT_BYTES];
	char key_file[GH_SETTINGS_TEXT_BYTES];
	char signer_certificate_file[GH_SETTINGS_TEXT_BYTES];
	char signer_key_file[GH_SETTINGS_TEXT_BYTES];
	uint32_t body_max_bytes;            /**< of a record or addendum */
	uint32_t photo_max_bytes;           /**< of a photograph */
	uint32_t uploads_bytes_max;         /**< parts of photographs, in memory */
	uint32_t uploads_seconds;           /**< that a part is kept */
	uint32_t lanes_max_connections;     /**< all together */
	char store[GH_SETTINGS_TEXT_BYTES]; /**< postgresql://..., "" SQLite in data_directory */
	char voyages_directory[GH_SETTINGS_TEXT_BYTES];       /**< "" in data_directory */
	uint32_t list_delay_ms;                               /**< with PostgreSQL only */
	bool registered_only;                                 /**< lanes must be registered */
	uint32_t record_days;                                 /**< 0 for ever */
	uint32_t access_days;                                 /**< 0 for ever */
	uint32_t enrol_port;                                  /**< 0 none */
	char issuer_certificate_file[GH_SETTINGS_TEXT_BYTES]; /**< "" none is issued */
	char issuer_key_file[GH_SETTINGS_TEXT_BYTES];         /**< set when the above is */
	char issued_organisation[GH_SETTINGS_TEXT_BYTES];     /**< "" none */
	char issued_domain[GH_SETTINGS_TEXT_BYTES];           /**< "" none */
	uint32_t issued_minutes;                              /**< a certificate's life */
	bool issued_only; /**< lanes need a certificate of ours */
};

/** All of it: a plain value without pointers. */
struct gh_settings {
	struct gh_settings_lane lane;
	struct gh_settings_camera camera;
	struct gh_settings_device gate;
	struct gh_settings_device light;
	struct gh_settings_device display;
	struct gh_settings_device presence;
	struct gh_settings_device document;
	struct gh_settings_device barcode;
	struct gh_settings_device alarm;
	struct gh_settings_vision vision;
	struct gh_settings_coaching coaching;
	struct gh_settings_exposure exposure;
	struct gh_settings_gallery gallery;
	struct gh_settings_transaction transaction;
	struct gh_settings_retention retention;
	struct gh_settings_outbox outbox;
	struct gh_settings_uplink uplink;
	struct gh_settings_metrics metrics;
	struct gh_settings_keys keys;
	struct gh_settings_log log;
	struct gh_settings_central central;
	struct gh_settings_monitoring monitoring;
};

/** Every key at its default. Any thread. */
void gh_settings_default(struct gh_settings *settings);

/**
 * Read a settings file: defaults, then what the file says.
 *
 * GH_OK        *settings is whole and within all ranges.
 * GH_SETTINGS  unknown section or key, a value out of range or not of its kind,
 *              a key given twice, a line that is too long, is indented or no
 *              setting at all, bytes that are not UTF-8 text, or two keys that
 *              contradict each other. The error begins "file:line: ".
 * Statuses of gh_file_read() when it cannot be read (256 KiB at most).
 * On failure *settings is as gh_settings_default() leaves it.
 *
 * Paths are taken as they are: relative ones start from the program's working
 * folder. Any thread. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_settings_load(
	const char *path, struct gh_settings *settings, struct gh_error *error);

/** The same from text in memory; name stands for the file in errors. */
GH_MUST_USE enum gh_status gh_settings_parse(struct gh_view text, const char *name,
	struct gh_settings *settings, struct gh_error *error);

/** One key, as gh_settings_describe() tells it. Valid during the call. */
struct gh_setting {
	const char *section;
	const char *key;
	const char *range;         /**< in words: "1000 to 60000", "yes or no", ... */
	const char *default_value; /**< as it would stand in a file */
	const char *about;         /**< one or two sentences */
};

/** Call for every key, section by section, in the order of the reference file. */
void gh_settings_describe(void (*call)(void *ctx, const struct gh_setting *setting), void *ctx);

/**
 * Append the reference file: every key at its default, with what it means and
 * its range. config/gatehouse.conf is exactly this. GH_OK or GH_NO_MEMORY.
 */
GH_MUST_USE enum gh_status gh_settings_reference(struct gh_bytes *text, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
