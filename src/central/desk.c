/* SPDX-License-Identifier: Apache-2.0 */
/* Which function answers which endpoint. */
#include "desk.h"

#include <stddef.h>

/* A bundle is answered by desk_publish() once it has been checked. */
static void (*const decides[ENDPOINT_COUNT])(
	struct desk *desk, const struct request *request, struct answer *answer) = {
	[ENDPOINT_ENCOUNTER_PUT] = desk_put_encounter,
	[ENDPOINT_PHOTO_PUT] = desk_put_photo,
	[ENDPOINT_ADDENDUM_PUT] = desk_put_addendum,
	[ENDPOINT_VOYAGE_LIST] = desk_list_voyages,
	[ENDPOINT_VOYAGE_GET] = desk_get_voyage,
	[ENDPOINT_VOYAGE_DELETE] = desk_delete_voyage,
	[ENDPOINT_PASSAGE_LIST] = desk_list_passages,
	[ENDPOINT_ENCOUNTER_LIST] = desk_list_encounters,
	[ENDPOINT_WITNESS_PUT] = desk_put_witness,
	[ENDPOINT_HEALTH] = desk_health,
};

void desk_decide(struct desk *desk, const struct request *request, struct answer *answer)
{
	if (decides[request->endpoint])
		decides[request->endpoint](desk, request, answer);
	else
		answer_error(answer, 500, "internal", "nobody answers this path", NULL);
}
