/* SPDX-License-Identifier: Apache-2.0 */
/* The table of an item's states, which is the code. */
#include "item_state.h"

#include <stddef.h>

struct edge {
	enum item_state from;
	enum item_event event;
	enum item_state to;
};

/* The whole machine. A pair not listed is refused. */
/* clang-format off */
static const struct edge edges[] = {
	{ ITEM_HELD,        ITEM_RECORD_ARRIVED, ITEM_WAITING     },
	{ ITEM_HELD,        ITEM_EXPIRED,        ITEM_GONE        },
	{ ITEM_WAITING,     ITEM_TAKEN,          ITEM_SENDING     },
	{ ITEM_WAITING,     ITEM_RELEASED,       ITEM_WAITING     },
	{ ITEM_WAITING,     ITEM_EXPIRED,        ITEM_GONE        },
	{ ITEM_SENDING,     ITEM_ACKNOWLEDGED,   ITEM_GONE        },
	{ ITEM_SENDING,     ITEM_POSTPONED,      ITEM_WAITING     },
	{ ITEM_SENDING,     ITEM_REFUSED,        ITEM_QUARANTINED },
	{ ITEM_SENDING,     ITEM_REOPENED,       ITEM_WAITING     },
	{ ITEM_SENDING,     ITEM_EXPIRED,        ITEM_GONE        },
	{ ITEM_QUARANTINED, ITEM_RELEASED,       ITEM_WAITING     },
	{ ITEM_QUARANTINED, ITEM_EXPIRED,        ITEM_GONE        },
};
/* clang-format on */

bool item_step(enum item_state state, enum item_event event, enum item_state *next)
{
	for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
		if (edges[i].from == state && edges[i].event == event) {
			*next = edges[i].to;
			return true;
		}
	}
	return false;
}

const char *item_state_name(enum item_state state)
{
	switch (state) {
	case ITEM_WAITING:
		return "waiting";
	case ITEM_SENDING:
		return "sending";
	case ITEM_QUARANTINED:
		return "quarantined";
	case ITEM_HELD:
		return "held";
	case ITEM_GONE:
	case ITEM_STATE_COUNT:
		break;
	}
	return "gone";
}
