/* SPDX-License-Identifier: Apache-2.0 */
/* What the daemon itself has to add to a record. */
#include "daemon.h"

enum gh_status addendum_put(struct daemon *daemon, struct gh_addendum *addendum,
	enum gh_settles settles, struct gh_error *error)
{
	struct gh_bytes json = GH_BYTES_EMPTY;
	enum gh_status status = gh_addendum_encode(addendum, &json, error);

	if (status == GH_OK)
		status = gh_outbox_put_addendum(daemon->stores.outbox, &addendum->id,
			&addendum->encounter, gh_bytes_view(&json), settles, error);
	gh_bytes_finish(&json);
	return status;
}
