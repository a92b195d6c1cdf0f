/* SPDX-License-Identifier: Apache-2.0 */
/* The desk: every request is decided here, whatever brought it. */
#ifndef GATEHOUSE_SRC_CENTRAL_DESK_H
#define GATEHOUSE_SRC_CENTRAL_DESK_H

#include "answer.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/base/words.h"
#include "gatehouse/crypto/provider.h"
#include "request.h"
#include "store.h"

struct desk {
	struct store *store;
	struct gh_provider *provider;
	const struct gh_clock *clock;
	enum gh_purpose purpose;
	char voyages_folder[4096];
	char witness_folder[4096];
};

/* Decide a request whose body, if in memory, has arrived. */
void desk_decide(struct desk *desk, const struct request *request, struct answer *answer);

/* By endpoint; one for each in its file. */
void desk_put_encounter(struct desk *desk, const struct request *request, struct answer *answer);
void desk_put_photo(struct desk *desk, const struct request *request, struct answer *answer);
void desk_put_addendum(struct desk *desk, const struct request *request, struct answer *answer);
void desk_list_encounters(struct desk *desk, const struct request *request, struct answer *answer);
void desk_list_voyages(struct desk *desk, const struct request *request, struct answer *answer);
void desk_get_voyage(struct desk *desk, const struct request *request, struct answer *answer);
void desk_delete_voyage(struct desk *desk, const struct request *request, struct answer *answer);
void desk_list_passages(struct desk *desk, const struct request *request, struct answer *answer);
void desk_put_witness(struct desk *desk, const struct request *request, struct answer *answer);
void desk_health(struct desk *desk, const struct request *request, struct answer *answer);

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
	struct gh_id id;
	uint32_t version;
	struct store_voyage voyage; /* what the bundle says */
	enum gh_status status;
	struct gh_error error;
};

/* Check the bundle. Any thread: it touches nothing but the file. */
void publication_check(struct publication *publication);

/* Put the checked bundle in its place, or remove it; answers either way. */
void desk_publish(struct desk *desk, struct publication *publication, struct answer *answer);

/* A path for an upload; remove what earlier runs left. GH_OK or GH_IO and others. */
enum gh_status desk_upload_path(struct desk *desk, char path[4096], struct gh_error *error);
void desk_clean_uploads(struct desk *desk);

/* Destroy what is due: photographs and records by their class, bundles of voyages long over. */
void desk_destroy_due(struct desk *desk);

#endif
