/* SPDX-License-Identifier: Apache-2.0 */
/* Words of the cues. */
#include "gatehouse/vision/attack.h"

static const char *const words[] = {
#define ATTACK_WORD(name, word) word,
	GH_ATTACK_CUE_LIST(ATTACK_WORD)
#undef ATTACK_WORD
};

const char *gh_attack_cue_word(enum gh_attack_cue cue)
{
	return (unsigned)cue < GH_ATTACK_CUE_COUNT ? words[cue] : "unknown";
}
