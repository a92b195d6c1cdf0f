/* SPDX-License-Identifier: Apache-2.0 */
/* The desk: every request is decided here, whatever brought it. */
#ifndef GATEHOUSE_SRC_CENTRAL_DESK_H
#define GATEHOUSE_SRC_CENTRAL_DESK_H

#include "answer.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/base/words.h"
#include "gatehouse/crypto/issuer.h"
#include "gatehouse/crypto/provider.h"
#include "gatehouse/settings/settings.h"
#include "metrics.h"
#include "partials.h"
#include "request.h"
#include "store.h"

struct desk {
	struct store *store;
	bool registered_only;     /* lanes that are no device of ours are refused */
	bool issued_only;         /* so are certificates that we have not issued */
	struct gh_issuer *issuer; /* NULL: none are issued */
	struct gh_issue issue;    /* what they say; name and time are filled in */
	struct store_limits limits;
	struct partials *partials;
	struct gh_provider *provider;
	const struct gh_clock *clock;
	enum gh_purpose purpose;
	char voyages_folder[4096];
	char witness_folder[4096];
	struct gh_settings_monitoring monitoring;
	const struct gh_settings_central *settings; /* for the certificates' files; NULL none */
	struct metrics metrics;
};

/*
 * A request, its answer, and what is to be stored before the answer may go out: what a lane brings,
 * and that it was here. Request, its body and answer are borrowed.
 */
struct deposit {
	const struct request *request;
	struct answer *answer;
	struct gh_encounter encounter;
	struct gh_addendum addendum;
	struct gh_bytes wrapped_key;
	struct gh_bytes sealed;
	struct gh_sha256 hash; /* of the body */
	struct gh_bytes whole; /* a photograph put together of its parts */
	struct store_put put;
	struct store_put access;
	bool stores;  /* put is filled; the answer says nothing yet */
	bool audited; /* access is filled */
};

void deposit_begin(struct deposit *deposit, const struct request *request, struct answer *answer);
void deposit_finish(struct deposit *deposit);

/* Whether the peer may speak to us at all, and whose voyages it sees (request->port). */
bool desk_admit(struct desk *desk, struct request *request, struct answer *answer);

/*
 * Whether a newcomer's name and token are good: then request->peer is its name. Whatever is wrong
 * is answered alike and late, and counted; but who has a token is told what became of it.
 */
bool desk_admit_newcomer(struct desk *desk, struct request *request, struct answer *answer);

/* Decide a request whose body, if in memory, has arrived. */
void desk_decide(struct desk *desk, struct deposit *deposit);

/* The request has its answer, or is about to be stored: note who asked, where that is kept. */
void desk_note(struct desk *desk, struct deposit *deposit);

/* Deposits that are stored together, at most. */
#define DESK_TOGETHER_MAX (STORE_TOGETHER_MAX / 2)

/*
 * Store what they hold, in one transaction, and answer. When that fails for a reason of one of
 * them, each is tried alone; when the store is away all are told to come back.
 */
void desk_settle(struct desk *desk, struct deposit *const *deposits, size_t count);

/*
 * Answer 200 or 201 with what is stored and the centre's receipt for it: received_ms is when the
 * first of this content came. A receipt that cannot be signed is a failure: the lane comes again.
 */
void desk_answer_stored(
	struct desk *desk, struct deposit *deposit, bool is_new, int64_t received_ms);

/* By endpoint; one for each in its file. */
void desk_put_encounter(struct desk *desk, struct deposit *deposit);
void desk_put_photo(struct desk *desk, struct deposit *deposit);
void desk_put_addendum(struct desk *desk, struct deposit *deposit);
void desk_patch_photo(struct desk *desk, struct deposit *deposit);
void desk_find_photo_offset(
	struct desk *desk, const struct request *request, struct answer *answer);
void desk_list_encounters(struct desk *desk, const struct request *request, struct answer *answer);
void desk_list_voyages(struct desk *desk, const struct request *request, struct answer *answer);
void desk_get_voyage(struct desk *desk, const struct request *request, struct answer *answer);
void desk_delete_voyage(struct desk *desk, const struct request *request, struct answer *answer);
void desk_list_passages(struct desk *desk, const struct request *request, struct answer *answer);
void desk_list_devices(struct desk *desk, const struct request *request, struct answer *answer);
void desk_put_device(struct desk *desk, const struct request *request, struct answer *answer);
void desk_revoke_device(struct desk *desk, const struct request *request, struct answer *answer);
void desk_put_token(struct desk *desk, const struct request *request, struct answer *answer);
void desk_list_certificates(
	struct desk *desk, const struct request *request, struct answer *answer);
void desk_revoke_certificate(
	struct desk *desk, const struct request *request, struct answer *answer);
void desk_list_authorities(struct desk *desk, const struct request *request, struct answer *answer);
void desk_enrol(struct desk *desk, const struct request *request, struct answer *answer);
void desk_renew(struct desk *desk, const struct request *request, struct answer *answer);
void desk_put_witness(struct desk *desk, const struct request *request, struct answer *answer);
void desk_put_heartbeat(struct desk *desk, struct deposit *deposit);
void desk_get_heartbeat(struct desk *desk, const struct request *request, struct answer *answer);
void desk_list_alarms(struct desk *desk, const struct request *request, struct answer *answer);
void desk_metrics(struct desk *desk, const struct request *request, struct answer *answer);
void desk_health(struct desk *desk, const struct request *request, struct answer *answer);

/* A photograph's body, or a piece of it, whose connection went: kept if it is awaited here. */
void desk_keep_part(struct desk *desk, const struct request *request);

/*
 * Whether the lane may bring the photograph of this record now, whatever its content; answers when
 * it may not. One that is stored already is not refused here.
 */
bool desk_awaits_photo(
	const struct request *request, const struct store_photo *photo, struct answer *answer);

/* Seal a photograph that is what its record names, to be stored. */
void desk_deposit_photo(struct desk *desk, const struct store_photo *photo, struct gh_view bytes,
	struct deposit *deposit);

/*
 * Sealing of records and photographs: each record has a data key of its own,
 * wrapped by the provider. Destroying the wrapped key destroys both.
 */
enum gh_status desk_new_key(struct desk *desk, const struct gh_id *id, struct gh_aead_key *key,
	struct gh_bytes *wrapped, struct gh_error *error);
enum gh_status desk_seal_photo(struct desk *desk, const struct gh_id *id, struct gh_view wrapped,
	struct gh_view plain, struct gh_bytes *sealed, struct gh_error *error);

/* A bundle that was uploaded to path, checked off the service's thread. */
struct publication {
	char path[4096];
	const char *signer_certificate; /* borrowed */
	const char *signer_key;
	struct gh_id id;
	uint32_t version;
	struct store_voyage voyage; /* what the bundle says */
	enum gh_status status;
	struct gh_error error;
};

/* Check and sign the bundle. Any thread: it touches nothing but the file. */
void publication_check(struct publication *publication);

/* Put the checked bundle in its place, or remove it; answers either way. */
void desk_publish(struct desk *desk, struct publication *publication, struct answer *answer);

/* A path for an upload; remove what earlier runs left. GH_OK or GH_IO and others. */
enum gh_status desk_upload_path(struct desk *desk, char path[4096], struct gh_error *error);
void desk_clean_uploads(struct desk *desk);

/* Whether the peer sees voyages of these two ports. */
bool desk_shows(const struct request *request, const struct store_voyage *voyage);

/*
 * Destroy what is due: photographs and records by their class, bundles of voyages long over, rows
 * that are past their days.
 */
void desk_destroy_due(struct desk *desk);

/* Look at all lanes: raise alarms, and end those that are over. */
void desk_look(struct desk *desk);

#endif
