/* SPDX-License-Identifier: Apache-2.0 */
/* Every key: what it means, its range, its default. A key that is not here does not exist. */
#include "table.h"

static const char *purpose_at(unsigned value)
{
	return gh_purpose_name((enum gh_purpose)value);
}

static const char *mode_at(unsigned value)
{
	return gh_mode_name((enum gh_mode)value);
}

static const char *direction_at(unsigned value)
{
	return gh_direction_name((enum gh_direction)value);
}

static const char *traffic_at(unsigned value)
{
	return gh_traffic_name((enum gh_traffic)value);
}

static const char *level_at(unsigned value)
{
	static const char *const names[] = { "error", "warning", "notice", "info", "debug" };

	return names[value - GH_LOG_ERROR];
}

static const struct gh_row_words purposes = { 0, GH_PURPOSE_COUNT, purpose_at };
static const struct gh_row_words modes = { 0, GH_MODE_COUNT, mode_at };
static const struct gh_row_words directions = { 0, GH_DIRECTION_COUNT, direction_at };
static const struct gh_row_words traffics = { 0, GH_TRAFFIC_COUNT, traffic_at };
static const struct gh_row_words levels = { GH_LOG_ERROR, 5, level_at };

static const char *const engines[] = { "onnxruntime", "opencv", NULL };
static const char *const providers[] = { "file", "systemd-creds", "tpm2", NULL };
static const char *const systemd_keys[] = { "host", "tpm2", "host+tpm2", NULL };

_Static_assert(sizeof(enum gh_purpose) == sizeof(unsigned), "WORD rows store an unsigned");
_Static_assert(sizeof(enum gh_log_level) == sizeof(unsigned), "WORD rows store an unsigned");

/* clang-format off */
#define FIELD(section_, key_) \
	.section = #section_, .key = #key_, .offset = offsetof(struct gh_settings, section_.key_), \
	.size = sizeof(((struct gh_settings *)0)->section_.key_)

#define TEXTUAL(kind_, section_, key_, preset_, about_) \
	{FIELD(section_, key_), .kind = GH_ROW_##kind_, .preset = preset_, .about = about_}
#define NUMBER(section_, key_, preset_, minimum_, maximum_, about_) \
	{FIELD(section_, key_), .kind = GH_ROW_NUMBER, .preset = preset_, .minimum = minimum_, \
		.maximum = maximum_, .about = about_}
#define FLAG(section_, key_, preset_, about_) \
	{FIELD(section_, key_), .kind = GH_ROW_FLAG, .preset = preset_, .about = about_}
#define WORD(section_, key_, preset_, words_, about_) \
	{FIELD(section_, key_), .kind = GH_ROW_WORD, .preset = preset_, .words = &words_, \
		.about = about_}
#define CHOICE(section_, key_, preset_, choices_, about_) \
	{FIELD(section_, key_), .kind = GH_ROW_CHOICE, .preset = preset_, .choices = choices_, \
		.about = about_}

#define DEVICE(section_) \
	TEXTUAL(DRIVER, section_, driver, "", \
		"The driver, as \"gatehouse devices\" lists it. Empty: the lane has no such " \
		"device."), \
	TEXTUAL(TEXT, section_, address, "", \
		"Where the driver finds its device: a path, a serial number or a socket. " \
		"The driver's README says which."), \
	TEXTUAL(TEXT, section_, options, "", \
		"The driver's own settings as key=value,key=value. Its README lists them.")

const struct gh_row_section gh_row_sections[] = {
	{"lane", "Who this lane is, and where it keeps things."},
	{"camera", "The camera. Without one, or while it is away, the lane is manual."},
	{"gate", "The gate of an e-gate lane. purpose = demo never moves a real one."},
	{"light", "The lighting of the traveller's face."},
	{"display",
		"The traveller's screen, which shows the notice. Without one the lane is "
		"manual."},
	{"presence", "A sensor for the stand-here zone. Without one the camera's picture tells."},
	{"document", "The reader of passports and identity cards."},
	{"barcode", "The reader of boarding passes."},
	{"alarm", "The fire alarm's contact and the lane's own alarm."},
	{"vision", "Models, engine, the stand-here zone and the first gate of quality."},
	{"coaching",
		"How patiently a traveller is told what to do. docs/coaching.md says what is "
		"told, and in which order."},
	{"exposure",
		"Lamp, exposure and gain, driven from the brightness of the traveller's face as "
		"far as camera and lamp can be set."},
	{"gallery", "Thresholds, size, and how long a voyage is held."},
	{"transaction", "How long each step of a passage may take."},
	{"retention",
		"How long photographs, records and galleries are kept. Of several limits the "
		"earliest wins. Photograph and record: until the centre acknowledges them. "
		"Photograph: until its class's limit after capture, sent or not: us_citizen, "
		"exempt and unknown 12 hours, which is not a matter of settings; other as set "
		"here; opted_out has none. A voyage's names, portraits and templates: until 2 "
		"hours after departure or the last passage, and [gallery] hours_max after "
		"loading. \"gatehouse retention report\" says what is held, why, until when."},
	{"outbox", "The queue of records on their way to the centre, in [lane] data_directory."},
	{"uplink", "The central service, and how patiently it is tried."},
	{"metrics",
		"The lane's counters over HTTP, for Prometheus (docs/monitoring.md). The centre "
		"serves its own on its port, to the role monitor."},
	{"keys", "Who holds the master key under which all that is personal is sealed."},
	{"log", "What is logged. Logs hold no personal data at any level."},
	{"central",
		"The reference central service (gatehouse-central). Lanes ignore this "
		"section."},
	{"monitoring",
		"When gatehouse-central raises an alarm about a lane (gatehouse alarms). Lanes "
		"ignore this section."},
};

const struct gh_row gh_rows[] = {
	TEXTUAL(NAME, lane, id, "lane-1",
		"The lane's name in every record, unique within the port."),
	TEXTUAL(NAME, lane, device_id, "unassigned",
		"The machine's inventory number, in every record."),
	TEXTUAL(NAME, lane, port, "XXDMO",
		"The port of entry: its UN/LOCODE, or the site code that the centre knows."),
	WORD(lane, purpose, "demo", purposes,
		"What the lane is for. demo marks every record as a test and never moves "
		"a real gate; service refuses to start with anything made for the demo."),
	WORD(lane, mode, "egate", modes,
		"egate: travellers start by standing in the zone. booth: the officer "
		"starts and decides."),
	WORD(lane, direction, "exit", directions, "Which way travellers go."),
	WORD(lane, traffic, "air", traffics,
		"What they travel by. land has no manifest, so it needs a reader of chips."),
	TEXTUAL(PATH, lane, data_directory, "/var/lib/gatehouse",
		"Folder for outbox, galleries and voyages; only the lane's user may enter it."),
	TEXTUAL(PATH, lane, control_socket, "/run/gatehouse/lane.socket",
		"Socket for the gatehouse command on this machine."),
	TEXTUAL(PATH, lane, notice_file, "/etc/gatehouse/notice.txt",
		"The text of the privacy notice. Its SHA-256 names the version that a "
		"traveller was shown."),
	FLAG(lane, rehearsal, "no",
		"Pass rehearsed faults (unplug, drop, delay) from the control "
		"socket on to virtual devices. Refused when purpose is service."),

	DEVICE(camera),
	NUMBER(camera, width_px, "1280", 16, 8192, "Width asked for; the nearest mode is taken."),
	NUMBER(camera, height_px, "720", 16, 8192, "Height asked for."),
	NUMBER(camera, frame_interval_us, "33333", 1000, 1000000,
		"Time between two frames asked for, in microseconds: 33333 is 30 a second."),
	DEVICE(gate),
	DEVICE(light),
	DEVICE(display),
	DEVICE(presence),
	DEVICE(document),
	DEVICE(barcode),
	DEVICE(alarm),

	TEXTUAL(PATH, vision, models_directory, "/usr/share/gatehouse/models",
		"Folder of the prepared model files."),
	TEXTUAL(PATH, vision, models_manifest, "/usr/share/gatehouse/models/MANIFEST",
		"The list of model files with their SHA-256; a file that differs stops "
		"the lane."),
	CHOICE(vision, engine, "onnxruntime", engines, "What runs the networks."),
	TEXTUAL(PATH, vision, engine_library, "/usr/lib/gatehouse/libonnxruntime.so",
		"The library of the engine onnxruntime. opencv needs none."),
	TEXTUAL(NAME, vision, model_set, "fr",
		"The set of models: a folder of sets/ beside models_manifest, which says "
		"which network does what. The calibration has to be of the same set."),
	TEXTUAL(PATH, vision, attack_file, "/usr/share/gatehouse/models/attack.txt",
		"The parameters of presentation attack detection. They were fitted on "
		"simulated attacks only; not tested at iBeta level 1 or 2."),
	NUMBER(vision, attack_bpcer_permille, "50", 10, 200,
		"So many in a thousand travellers with nothing to hide may be suspected of "
		"an attack, and are sent to the officer. Fewer: more attacks are missed."),
	TEXTUAL(PATH, vision, morph_file, "/usr/share/gatehouse/models/morph.txt",
		"The parameters of the morph indicator, fitted with the same set of models "
		"as the calibration. It is written into records and decides nothing. "
		"Empty: no indicator."),
	FLAG(vision, flip, "yes",
		"Average each template with that of the mirrored face: a little "
		"better, twice the work. The calibration has to be of the same "
		"choice."),
	NUMBER(vision, zone_left_permille, "250", 0, 1000,
		"Left edge of the stand-here zone in thousandths of the frame's width. "
		"Only a face in the zone is the traveller; what is outside is not even "
		"looked at."),
	NUMBER(vision, zone_top_permille, "0", 0, 1000,
		"Upper edge in thousandths of the height."),
	NUMBER(vision, zone_right_permille, "750", 0, 1000,
		"Right edge in thousandths of the width, right of zone_left_permille."),
	NUMBER(vision, zone_bottom_permille, "1000", 0, 1000,
		"Lower edge in thousandths of the height, below zone_top_permille."),
	NUMBER(vision, detection_min_permille, "900", 500, 1000,
		"Smallest score of the detector, in thousandths, that counts as a face."),
	NUMBER(vision, eye_distance_min_px, "40", 16, 1000,
		"Smallest distance of the eyes in pixels; below it the traveller is too far."),
	NUMBER(vision, face_max_permille, "800", 100, 1000,
		"Largest face in thousandths of the frame's height; above it the "
		"traveller is too near."),
	NUMBER(vision, yaw_max_degrees, "25", 5, 90, "Largest turn to a side, in degrees."),
	NUMBER(vision, pitch_max_degrees, "30", 5, 90, "Largest nod up or down, in degrees."),
	NUMBER(vision, roll_max_degrees, "20", 5, 90, "Largest tilt to a shoulder, in degrees."),
	NUMBER(vision, sharpness_min_permille, "120", 0, 1000,
		"Smallest sharpness on the lane's own scale; below it the traveller is coached "
		"and a sharper frame is waited for. Where none comes, frames from 60 up are "
		"used. 0: off."),
	NUMBER(vision, luminance_min_permille, "15", 0, 1000,
		"Smallest mean luminance of the face in thousandths of linear light; below it "
		"the traveller is coached and the lamp adjusted, and where nothing better comes "
		"frames from 3 up are used. Keep it low: it varies with skin tone."),
	NUMBER(vision, luminance_max_permille, "800", 0, 1000,
		"Largest mean luminance, above luminance_min_permille; above it the same is done "
		"for too much light, and frames up to 960 are used."),
	NUMBER(vision, eyes_open_min_permille, "350", 0, 1000,
		"Smallest opening of the eyes on the lane's own scale; below it they are "
		"closed. 0: off."),
	NUMBER(vision, edge_margin_permille, "30", 0, 500,
		"Smallest distance of the face to the edge of the picture in thousandths "
		"of its width."),
	NUMBER(vision, settle_ms, "200", 0, 2000,
		"How long somebody new is watched before he counts as standing in the zone: who "
		"walks through it is nobody. 0: at once."),
	NUMBER(vision, frames_min, "1", 1, 8,
		"Usable frames that are taken even if the first is good enough."),
	NUMBER(vision, frames_max, "3", 1, 8,
		"Usable frames averaged at most, at least frames_min. The threshold knows "
		"the number."),
	NUMBER(vision, quality_enough_permille, "600", 0, 1000,
		"Utility of a frame, in thousandths, from which no further one is waited for."),
	NUMBER(vision, decision_change_max_permille, "10", 0, 500,
		"A capture ends before frames_max when the chance that the frames still to come "
		"change the outcome is at most this, in thousandths. 0: all frames are taken."),
	NUMBER(vision, photo_bytes_max, "98304", 16384, 196608,
		"Size of the photograph kept for the record: the JPEG quality is chosen to stay "
		"under it."),

	NUMBER(coaching, show_ms, "1500", 0, 10000,
		"How long an instruction stands at least, so that it can be read and followed "
		"before it changes."),
	NUMBER(coaching, stand_ms, "300", 0, 5000,
		"How long something has to be wrong before the traveller is told."),
	NUMBER(coaching, release_ms, "500", 0, 5000,
		"How long it has to be right again before the instruction is taken away."),

	FLAG(exposure, control, "yes",
		"Drive them at all. With no, the camera does as it likes, and the lamp knows "
		"lamp_rest_permille and lamp_start_permille only."),
	NUMBER(exposure, face_target_permille, "220", 50, 600,
		"Wished mean luminance of the face in thousandths of linear light: 180 is a grey "
		"card."),
	NUMBER(exposure, face_band_permille, "2000", 1200, 8000,
		"Factor, in thousandths, by which the face may be brighter or darker before "
		"anything is changed: 2000 is one stop either way, wide enough for skin of any "
		"tone in the same light."),
	NUMBER(exposure, clipped_max_permille, "150", 10, 1000,
		"Share of the face, in thousandths, that may be washed out whatever its mean."),
	NUMBER(exposure, blur_exposure_max_us, "20000", 1000, 1000000,
		"Longest exposure in microseconds: beyond it a head that moves is blurred. Gain "
		"is used instead."),
	NUMBER(exposure, mains_hz, "60", 0, 60,
		"Frequency of the mains that feed the hall's lamps, 50 or 60: exposure is kept "
		"to whole half periods of it, so that their flicker is not seen. 0: do not "
		"care."),
	NUMBER(exposure, settle_ms, "100", 0, 5000,
		"How long at least the effect of a change is waited for."),
	NUMBER(exposure, settle_frames, "6", 0, 60,
		"How many frames at least: those under way in the camera when it is set, and one "
		"more. Cameras that say what each frame was taken with are not waited for."),
	NUMBER(exposure, lamp_rest_permille, "0", 0, 1000,
		"Level of the lamp with nobody there, at most lamp_start_permille."),
	NUMBER(exposure, lamp_start_permille, "600", 0, 1000,
		"Level of the lamp when somebody comes."),

	TEXTUAL(PATH, gallery, calibration_file,
		"/usr/share/gatehouse/models/calibration-fr-flip.txt",
		"The measured calibration of the models: thresholds come from it and from "
		"the gallery's size."),
	TEXTUAL(PATH, gallery, calibration_key,
		"/usr/share/gatehouse/models/calibration-research.pub",
		"The public key that the calibration has to be signed by. The one that comes with "
		"the models signs research calibrations only."),
	NUMBER(gallery, fpir_target_ppm, "3000", 1, 100000,
		"Highest chance, per million searches, that a traveller who is not in the "
		"gallery is taken for somebody in it."),
	NUMBER(gallery, fmr_one_to_one_ppb, "500000", 1, 10000000,
		"Highest chance, per thousand million comparisons, that another person "
		"passes for the one claimed: 500000 is 1 in 2000."),
	NUMBER(gallery, fmr_look_alike_ppb, "10000", 1, 10000000,
		"Two travellers whose portraits score above what this chance allows are "
		"marked as look-alikes, and a match with either is referred."),
	NUMBER(gallery, rows_max, "100000", 1, 4000000,
		"Portraits held at most in all voyages together; 2 kB of memory each."),
	NUMBER(gallery, demo_padding, "0", 0, 1000000,
		"Synthetic strangers added to each voyage, to give a demo the size of a "
		"flight. Refused when purpose is service."),
	NUMBER(gallery, load_before_departure_minutes, "360", 10, 5760,
		"A voyage is searched from this long before its departure (or first "
		"scheduled passage)."),
	NUMBER(gallery, drop_after_departure_minutes, "120", 0, 120,
		"Its key is destroyed this long after departure (exit) or the last "
		"scheduled passage (entry)."),
	NUMBER(gallery, hours_max, "96", 1, 96,
		"Its key is destroyed this long after loading, whatever its schedule says."),

	NUMBER(transaction, arrive_ms, "100", 0, 5000,
		"How long somebody stands in the zone before it counts as an arrival."),
	NUMBER(transaction, leave_ms, "1000", 100, 10000,
		"How long the zone is empty before it counts as leaving."),
	NUMBER(transaction, notice_timeout_ms, "3000", 500, 60000,
		"How long the display may take to say that it shows the notice; then the "
		"lane is manual."),
	NUMBER(transaction, notice_dwell_ms, "3000", 0, 60000,
		"How long the notice stands before the lane goes on by itself."),
	NUMBER(transaction, document_timeout_ms, "20000", 1000, 120000,
		"How long a document is waited for where there is a reader; more than "
		"warning_before_ms."),
	NUMBER(transaction, capture_timeout_ms, "20000", 1000, 120000,
		"How long a usable photograph is tried for; more than warning_before_ms."),
	NUMBER(transaction, warning_before_ms, "8000", 0, 60000,
		"How long before a time-out the traveller is warned and offered more time."),
	NUMBER(transaction, more_time_ms, "20000", 1000, 120000,
		"What one request for more time gives."),
	NUMBER(transaction, gate_timeout_ms, "15000", 1000, 120000,
		"How long the gate stays open for a traveller who does not go through."),
	NUMBER(transaction, officer_timeout_ms, "900000", 10000, 7200000,
		"How long a referral waits for the officer's disposition; then it is "
		"recorded as abandoned."),
	NUMBER(transaction, already_passed_fresh_ms, "5000", 100, 3600000,
		"How old the centre's list of passages may be; an older one counts as "
		"unchecked in the record."),

	NUMBER(retention, other_hours, "96", 1, 336,
		"Hours after capture by which the photograph of any other traveller is "
		"destroyed, sent or not. The law allows 14 days at most."),
	TEXTUAL(TEXT, retention, exempt_documents, "",
		"Types of document, as the manifest has them and with spaces between, whose "
		"bearers are biometrically exempt: their photographs have the limit of 12 "
		"hours. Example: PD PO. Empty: no type is."),
	NUMBER(retention, round_minutes, "60", 1, 60,
		"Deleted keys are made unrecoverable together, by a new master key: at the "
		"latest so long after the first of them was deleted, and always before a "
		"limit falls."),
	NUMBER(retention, ahead_minutes, "15", 3, 120,
		"Such a round takes with it what would fall due within this time, and so "
		"keeps a third of it as its margin before each limit."),

	NUMBER(outbox, size_max_bytes, "2147483648", 8388608, 1099511627776,
		"Size of the outbox on disk at which the lane becomes manual."),
	NUMBER(outbox, free_disk_min_bytes, "268435456", 0, 1099511627776,
		"Free space below which the outbox says full, before the disk is."),
	NUMBER(outbox, items_max, "400000", 100, 10000000,
		"Items (record, photograph or addendum each) held at most."),
	NUMBER(outbox, receipt_days, "90", 0, 36500,
		"Days that the centre's receipts are kept, by the times in them; sooner when they "
		"would take more than a sixteenth of size_max_bytes. 0: only then."),

	TEXTUAL(URL, uplink, url, "",
		"The central service. Empty: none, records stay in the outbox."),
	TEXTUAL(PATH, uplink, ca_file, "",
		"PEM file of the authority that signs the centre's certificate. Needed "
		"with url."),
	TEXTUAL(PATH, uplink, certificate_file, "",
		"PEM file of the lane's own certificate. Needed with url."),
	TEXTUAL(PATH, uplink, key_file, "",
		"PEM file of its private key, mode 0600; or provider:NAME, where gatehouse keys "
		"import NAME has put it. Needed with url. Service refuses a file."),
	TEXTUAL(PATH, uplink, voyages_ca_file, "",
		"PEM file of the authority that vouches for whoever signs voyages (a "
		"certificate with OU = signer). Empty: ca_file."),
	NUMBER(uplink, connect_timeout_ms, "5000", 100, 60000, "How long a connection may take."),
	NUMBER(uplink, transfer_timeout_ms, "60000", 1000, 3600000,
		"How long one request may take in all."),
	NUMBER(uplink, backoff_first_ms, "1000", 100, 60000,
		"Pause after the first failure; it doubles from failure to failure."),
	NUMBER(uplink, backoff_max_ms, "300000", 1000, 3600000,
		"Longest pause, at least backoff_first_ms."),
	NUMBER(uplink, voyages_interval_ms, "60000", 1000, 3600000,
		"How often the centre is asked for voyages and their new versions."),
	NUMBER(uplink, passages_interval_ms, "2000", 100, 3600000,
		"How often it is asked who has passed at other lanes."),
	NUMBER(uplink, requests_in_flight, "4", 1, 16,
		"Records, photographs and addenda on their way at once."),
	FLAG(uplink, http2, "yes",
		"Whether HTTP/2 is offered to the centre. One that takes it gets all requests over "
		"one connection; one that does not is spoken to as before."),
	NUMBER(uplink, send_bytes_per_s, "0", 0, 2147483647,
		"Bytes sent in a second by all transfers together, which share them evenly. 0: "
		"as many as the line carries."),
	NUMBER(uplink, receive_bytes_per_s, "0", 0, 2147483647,
		"The same for what is received, bundles of voyages above all."),
	TEXTUAL(TEXT, uplink, proxy_url, "",
		"Proxy on the way to the centre: http://HOST:PORT, https://HOST:PORT or "
		"socks5h://HOST:PORT. It sees the centre's name and the length of what goes by. "
		"Empty: none, whatever the environment says."),
	TEXTUAL(PATH, uplink, proxy_ca_file, "",
		"PEM file of the authority that signs the certificate of an https proxy. Needed "
		"with one."),
	TEXTUAL(TEXT, uplink, proxy_credentials, "",
		"provider:NAME, where gatehouse keys import NAME has put a file with "
		"user:password for the proxy; never the credentials themselves. Empty: none."),
	NUMBER(uplink, photo_piece_bytes, "32768", 0, 4194304,
		"A photograph larger than this, whose connection went in the middle, goes on where "
		"the centre has it, in pieces of this size. 0: it is sent again from its "
		"beginning."),
	FLAG(uplink, receipts, "yes",
		"Whether the centre's signed receipts are checked and kept. Once a receipt has "
		"come, a missing one, and one by another key, is an alarm and nothing counts as "
		"delivered. no: for a centre that gives none."),
	TEXTUAL(PATH, uplink, receipts_key_file, "",
		"File with the public key of the centre that signs receipts, 64 digits, as "
		"gatehouse keys list prints it there: then a receipt is required from the "
		"first delivery on. Empty: the key of the first receipt is the one."),
	NUMBER(uplink, renew_left_permille, "333", 0, 999,
		"The lane renews its certificate by itself when so much of its life is left. "
		"0: never."),
	NUMBER(uplink, renew_warn_days, "30", 0, 3650,
		"When the certificate has fewer days left, or less than a fifth of its life, "
		"gatehouse lane status and the log say so."),
	NUMBER(uplink, renew_alarm_days, "7", 0, 3650,
		"And when they call it urgent, or at a tenth of its life; at most "
		"renew_warn_days."),
	NUMBER(uplink, heartbeat_interval_ms, "60000", 0, 3600000,
		"How often the centre is told how the lane is; what is missing too long is an "
		"alarm there. 0: never."),

	TEXTUAL(NAME, metrics, listen_address, "127.0.0.1",
		"Address to serve the counters on, IPv4. Beyond loopback it needs the three "
		"files below, and whoever asks shows a certificate with OU = monitor."),
	NUMBER(metrics, listen_port, "0", 0, 65535, "Port, path /metrics. 0: not served."),
	TEXTUAL(PATH, metrics, certificate_file, "",
		"PEM file of the certificate shown to who asks. Empty: HTTP without TLS."),
	TEXTUAL(PATH, metrics, key_file, "",
		"PEM file of its private key, mode 0600; or provider:NAME, where gatehouse keys "
		"import NAME has put it. Service refuses a file."),
	TEXTUAL(PATH, metrics, ca_file, "",
		"PEM file of the authority that signs the certificates of those who ask."),

	CHOICE(keys, provider, "file", providers,
		"What holds the master key. file is for development: whoever copies the disk "
		"has the keys, so service refuses it. systemd-creds leaves them to the service "
		"manager, tpm2 to a TPM 2.0, where an erasure withstands a copied disk. "
		"docs/keys.md says more."),
	TEXTUAL(PATH, keys, directory, "/var/lib/gatehouse/keys",
		"Folder of the provider, mode 0700."),
	CHOICE(keys, systemd_key, "host+tpm2", systemd_keys,
		"Kind systemd-creds: the key by which it encrypts. The host's is a file on the "
		"same disk, so service refuses it alone."),
	TEXTUAL(TEXT, keys, tpm2_tcti, "device:/dev/tpmrm0",
		"Kind tpm2: how the TPM is reached, for the loader of tpm2-tss."),
	TEXTUAL(TEXT, keys, tpm2_pcrs, "7",
		"Kind tpm2: the PCRs that have to be as they were when the keys were made, with + "
		"between them. 7 is the state of secure boot."),
	TEXTUAL(TEXT, keys, tpm2_index, "0x0181a7e0",
		"Kind tpm2: the NV index that holds the master, 0x01800000 to 0x01bfffff."),

	WORD(log, level, "info", levels, "The least urgent level that is written."),

	WORD(central, purpose, "demo", purposes,
		"What the centre is for: demo takes records marked as a test only, "
		"service refuses them."),
	TEXTUAL(NAME, central, listen_address, "127.0.0.1",
		"Address or interface to listen on, IPv4."),
	NUMBER(central, listen_port, "8443", 0, 65535, "Port to listen on. 0: any that is free."),
	TEXTUAL(PATH, central, data_directory, "/var/lib/gatehouse-central",
		"Folder of the centre's database and voyages."),
	TEXTUAL(PATH, central, ca_file, "/etc/gatehouse/ca.pem",
		"PEM file of the authority that signs the lanes' certificates."),
	TEXTUAL(PATH, central, certificate_file, "/etc/gatehouse/central.pem",
		"PEM file of the centre's certificate."),
	TEXTUAL(PATH, central, key_file, "/etc/gatehouse/central.key",
		"PEM file of its private key, mode 0600; or provider:NAME, where gatehouse keys "
		"import NAME has put it."),
	TEXTUAL(PATH, central, signer_certificate_file, "/etc/gatehouse/signer.pem",
		"PEM file of the certificate by which voyages are signed (OU = signer): lanes "
		"take no other."),
	TEXTUAL(PATH, central, signer_key_file, "/etc/gatehouse/signer.key",
		"PEM file of its private key, mode 0600."),
	NUMBER(central, body_max_bytes, "65536", 4096, 1048576,
		"Largest record or addendum taken."),
	NUMBER(central, photo_max_bytes, "196608", 16384, 4194304, "Largest photograph taken."),
	NUMBER(central, uploads_bytes_max, "16777216", 4194304, 1073741824,
		"Memory for photographs that arrived in part, of all lanes: their rest may follow. "
		"The oldest make room."),
	NUMBER(central, uploads_seconds, "900", 10, 86400,
		"How long such a part is kept after its last byte."),
	NUMBER(central, lanes_max_connections, "64", 1, 4096,
		"Connections of all lanes and operators together."),
	TEXTUAL(TEXT, central, store, "",
		"The database. Empty: SQLite in data_directory, for one process. "
		"postgresql://USER@HOST/DATABASE: PostgreSQL, for as many processes as there are; "
		"a password belongs into libpq's password file."),
	TEXTUAL(PATH, central, voyages_directory, "",
		"Folder of the voyage bundles. Empty: voyages, in data_directory. Processes that "
		"share a database share this folder too, and the keys."),
	NUMBER(central, list_delay_ms, "3000", 0, 60000,
		"With PostgreSQL: lists show what came at least so long ago, so that a reader who "
		"goes on from the last number misses nothing that another process stores "
		"meanwhile. A record that takes longer to store is refused and comes again."),
	FLAG(central, registered_only, "no",
		"Whether a lane must be registered (gatehouse device add). It then sees only the "
		"voyages of its port. A centre in service needs it."),
	NUMBER(central, record_days, "400", 0, 36500,
		"Days after which a record's row, its addenda and passages go. Photograph and "
		"personal fields go much earlier, by their class. 0: never."),
	NUMBER(central, access_days, "400", 0, 36500,
		"Days that it is kept who asked for what. 0: for ever."),
	NUMBER(central, enrol_port, "0", 0, 65535,
		"Port for the first enrolment of lanes (EST, RFC 7030), who have no certificate "
		"yet. 0: there is none."),
	TEXTUAL(PATH, central, issuer_certificate_file, "",
		"PEM file of the authority that issues the lanes' certificates, with those it was "
		"issued by behind it; it leads to one of ca_file. Empty: none is issued."),
	TEXTUAL(PATH, central, issuer_key_file, "",
		"PEM file of its private key, mode 0600; or provider:NAME, where gatehouse keys "
		"import NAME has put it. Service refuses a file."),
	TEXTUAL(TEXT, central, issued_organisation, "",
		"Organisation (O) in the certificates issued. Empty: none."),
	TEXTUAL(TEXT, central, issued_domain, "",
		"Domain behind the lane's name in the DNS name of its certificate. Empty: the "
		"name alone."),
	NUMBER(central, issued_minutes, "525600", 1, 5256000,
		"Life of the certificates issued; 525600 is a year."),
	FLAG(central, issued_only, "no",
		"Whether lanes are let in only by a certificate that this centre has issued, so "
		"that each can be revoked by itself."),

	NUMBER(monitoring, interval_ms, "10000", 500, 600000,
		"How often all lanes are looked at."),
	NUMBER(monitoring, capture_goal_permille, "970", 1, 1000,
		"Captures in a thousand tries that a lane is to reach."),
	NUMBER(monitoring, capture_window_minutes, "60", 5, 1440,
		"Over how long the rate is taken, in steps of five minutes."),
	NUMBER(monitoring, capture_tried_min, "30", 1, 100000,
		"Travellers in that time, below which a rate says nothing. Above, it is an alarm "
		"when chance alone (one in a hundred) does not explain a rate below the goal."),
	NUMBER(monitoring, outbox_oldest_max_s, "900", 1, 1209600,
		"Age of the oldest record that still waits for delivery."),
	NUMBER(monitoring, certificate_min_days, "14", 0, 3650,
		"Days that are left of a lane's certificate."),
	NUMBER(monitoring, clock_offset_max_ms, "2000", 10, 86400000,
		"How far a lane's clock may be from the centre's."),
	NUMBER(monitoring, disk_free_min_permille, "100", 0, 1000,
		"Free space on a lane's disk in thousandths of its size."),
	NUMBER(monitoring, silent_intervals, "5", 2, 1000,
		"Heartbeats that a lane may miss, by the interval it tells."),
	NUMBER(monitoring, clear_after_s, "60", 0, 86400,
		"How long a lane has to be well again before its alarm is over."),
};
/* clang-format on */

const size_t gh_rows_length = sizeof(gh_rows) / sizeof(gh_rows[0]);
const size_t gh_row_sections_length = sizeof(gh_row_sections) / sizeof(gh_row_sections[0]);

_Static_assert(sizeof(gh_rows) / sizeof(gh_rows[0]) <= GH_ROWS_MAX, "more room for rows");
