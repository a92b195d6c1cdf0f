/* SPDX-License-Identifier: Apache-2.0 */
/* A short memory of voyages whose time is over. */
#include "ended.h"

const struct gh_ended *gh_ended_find(const struct gh_ended_list *ended, const struct gh_id *voyage)
{
	for (size_t i = 0; i < GH_ENDED_MAX; i++)
		if (!gh_id_is_none(&ended->list[i].voyage) &&
			gh_id_equal(&ended->list[i].voyage, voyage))
			return &ended->list[i];
	return NULL;
}

void gh_ended_note(struct gh_ended_list *ended, const struct gh_ended *one)
{
	const struct gh_ended *known = gh_ended_find(ended, &one->voyage);
	size_t at = known ? (size_t)(known - ended->list) : ended->next;

	ended->list[at] = *one;
	if (!known)
		ended->next = (ended->next + 1) % GH_ENDED_MAX;
}
