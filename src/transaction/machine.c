/* SPDX-License-Identifier: Apache-2.0 */
/* The table of the transaction, and the words of its states and triggers. */
#include "gatehouse/transaction/machine.h"

#include <string.h>

#include "steps.h"

#define BOTH GH_ROW_BOTH
#define EGATE GH_ROW_EGATE
#define BOOTH GH_ROW_BOOTH
#define S(name) GH_STATE_##name
#define T(name) GH_TRIGGER_##name
#define RUN(step) gh_step_##step, #step
#define STAY NULL, ""

/* clang-format off */
static const struct gh_edge edges[] = {
	/* from        on                    modes  to           run                    */
	{ S(MANUAL),   T(MENDED),            BOTH,  S(IDLE),     RUN(rest)              },
	{ S(MANUAL),   T(OPEN),              BOTH,  S(MANUAL),   RUN(reopen)            },
	{ S(MANUAL),   T(CLOSE),             BOTH,  S(MANUAL),   RUN(stay_closed)       },
	{ S(MANUAL),   T(FAULT),             BOTH,  S(MANUAL),   STAY                   },
	{ S(MANUAL),   T(TIMEOUT),           BOTH,  S(MANUAL),   RUN(look_again)        },
	{ S(MANUAL),   T(NOTICE_SHOWN),      BOTH,  S(MANUAL),   RUN(display_answers)   },
	{ S(MANUAL),   T(OCCUPIED),          BOTH,  S(MANUAL),   STAY                   },
	{ S(MANUAL),   T(VACANT),            BOTH,  S(MANUAL),   STAY                   },

	{ S(IDLE),     T(OCCUPIED),          EGATE, S(PRESENT),  RUN(ask_notice)        },
	{ S(IDLE),     T(OCCUPIED),          BOOTH, S(IDLE),     STAY                   },
	{ S(IDLE),     T(START),             BOTH,  S(PRESENT),  RUN(ask_notice)        },
	{ S(IDLE),     T(VACANT),            BOTH,  S(IDLE),     STAY                   },
	{ S(IDLE),     T(FAULT),             BOTH,  S(MANUAL),   RUN(go_manual)         },
	{ S(IDLE),     T(CLOSE),             BOTH,  S(MANUAL),   RUN(go_manual)         },
	{ S(IDLE),     T(OPEN),              BOTH,  S(IDLE),     STAY                   },
	{ S(IDLE),     T(MENDED),            BOTH,  S(IDLE),     STAY                   },
	{ S(IDLE),     T(TIMEOUT),           BOTH,  S(IDLE),     RUN(look_again)        },

	{ S(PRESENT),  T(NOTICE_SHOWN),      BOTH,  S(NOTICE),   RUN(read_notice)       },
	{ S(PRESENT),  T(OPT_OUT),           BOTH,  S(RECORD),   RUN(opt_out)           },
	{ S(PRESENT),  T(CONTINUE),          BOTH,  S(PRESENT),  STAY                   },
	{ S(PRESENT),  T(CLAIM),             BOTH,  S(PRESENT),  RUN(take_claim)        },
	{ S(PRESENT),  T(OCCUPIED),          BOTH,  S(PRESENT),  STAY                   },
	{ S(PRESENT),  T(VACANT),            EGATE, S(IDLE),     RUN(rest)              },
	{ S(PRESENT),  T(VACANT),            BOOTH, S(PRESENT),  STAY                   },
	{ S(PRESENT),  T(TIMEOUT),           BOTH,  S(MANUAL),   RUN(display_is_silent) },
	{ S(PRESENT),  T(FAULT),             BOTH,  S(MANUAL),   RUN(go_manual)         },
	{ S(PRESENT),  T(CLOSE),             BOTH,  S(MANUAL),   RUN(go_manual)         },
	{ S(PRESENT),  T(MENDED),            BOTH,  S(PRESENT),  STAY                   },

	{ S(NOTICE),   T(CONTINUE),          BOTH,  S(DOCUMENT), RUN(ask_document)      },
	{ S(NOTICE),   T(TIMEOUT),           BOTH,  S(DOCUMENT), RUN(ask_document)      },
	{ S(NOTICE),   T(OPT_OUT),           BOTH,  S(RECORD),   RUN(opt_out)           },
	{ S(NOTICE),   T(CLAIM),             BOTH,  S(NOTICE),   RUN(take_claim)        },
	{ S(NOTICE),   T(MORE_TIME),         BOTH,  S(NOTICE),   RUN(more_time)         },
	{ S(NOTICE),   T(NOTICE_SHOWN),      BOTH,  S(NOTICE),   STAY                   },
	{ S(NOTICE),   T(OCCUPIED),          BOTH,  S(NOTICE),   STAY                   },
	{ S(NOTICE),   T(VACANT),            EGATE, S(IDLE),     RUN(rest)              },
	{ S(NOTICE),   T(VACANT),            BOOTH, S(NOTICE),   STAY                   },
	{ S(NOTICE),   T(FAULT),             BOTH,  S(MANUAL),   RUN(go_manual)         },
	{ S(NOTICE),   T(CLOSE),             BOTH,  S(MANUAL),   RUN(go_manual)         },
	{ S(NOTICE),   T(MENDED),            BOTH,  S(NOTICE),   STAY                   },

	{ S(DOCUMENT), T(CONTINUE),          BOTH,  S(CAPTURE),  RUN(start_capture)     },
	{ S(DOCUMENT), T(CLAIM),             BOTH,  S(CAPTURE),  RUN(capture_claimed)   },
	{ S(DOCUMENT), T(TIMEOUT),           BOTH,  S(CAPTURE),  RUN(start_capture)     },
	{ S(DOCUMENT), T(WARN),              BOTH,  S(DOCUMENT), RUN(warn)              },
	{ S(DOCUMENT), T(MORE_TIME),         BOTH,  S(DOCUMENT), RUN(more_time)         },
	{ S(DOCUMENT), T(OPT_OUT),           BOTH,  S(RECORD),   RUN(opt_out)           },
	{ S(DOCUMENT), T(NOTICE_SHOWN),      BOTH,  S(DOCUMENT), STAY                   },
	{ S(DOCUMENT), T(OCCUPIED),          BOTH,  S(DOCUMENT), STAY                   },
	{ S(DOCUMENT), T(VACANT),            EGATE, S(IDLE),     RUN(rest)              },
	{ S(DOCUMENT), T(VACANT),            BOOTH, S(DOCUMENT), STAY                   },
	{ S(DOCUMENT), T(FAULT),             BOTH,  S(MANUAL),   RUN(go_manual)         },
	{ S(DOCUMENT), T(CLOSE),             BOTH,  S(MANUAL),   RUN(go_manual)         },
	{ S(DOCUMENT), T(MENDED),            BOTH,  S(DOCUMENT), STAY                   },

	{ S(CAPTURE),  T(SAMPLE),            BOTH,  S(COMPARE),  RUN(compare)           },
	{ S(CAPTURE),  T(NO_SAMPLE),         BOTH,  S(RECORD),   RUN(not_captured)      },
	{ S(CAPTURE),  T(OPT_OUT),           BOTH,  S(RECORD),   RUN(opt_out)           },
	{ S(CAPTURE),  T(CLAIM),             BOTH,  S(CAPTURE),  RUN(take_claim)        },
	{ S(CAPTURE),  T(WARN),              BOTH,  S(CAPTURE),  RUN(warn)              },
	{ S(CAPTURE),  T(MORE_TIME),         BOTH,  S(CAPTURE),  RUN(more_time)         },
	{ S(CAPTURE),  T(TIMEOUT),           BOTH,  S(CAPTURE),  RUN(conclude)          },
	{ S(CAPTURE),  T(VACANT),            EGATE, S(CAPTURE),  RUN(conclude_left)     },
	{ S(CAPTURE),  T(VACANT),            BOOTH, S(CAPTURE),  STAY                   },
	{ S(CAPTURE),  T(OCCUPIED),          BOTH,  S(CAPTURE),  STAY                   },
	{ S(CAPTURE),  T(CONTINUE),          BOTH,  S(CAPTURE),  STAY                   },
	{ S(CAPTURE),  T(NOTICE_SHOWN),      BOTH,  S(CAPTURE),  STAY                   },
	{ S(CAPTURE),  T(FAULT),             BOTH,  S(CAPTURE),  RUN(lose_in_capture)   },
	{ S(CAPTURE),  T(CLOSE),             BOTH,  S(CAPTURE),  STAY                   },
	{ S(CAPTURE),  T(MENDED),            BOTH,  S(CAPTURE),  STAY                   },

	{ S(COMPARE),  T(COMPARED),          BOTH,  S(DECIDE),   RUN(decide)            },

	{ S(DECIDE),   T(GO),                BOTH,  S(RECORD),   RUN(record)            },
	{ S(DECIDE),   T(REFER),             BOTH,  S(RECORD),   RUN(record)            },

	{ S(RECORD),   T(RECORDED_GO),       EGATE, S(ACT),      RUN(open_gate)         },
	{ S(RECORD),   T(RECORDED_GO),       BOOTH, S(OFFICER),  RUN(ask_officer)       },
	{ S(RECORD),   T(RECORDED_REFER),    BOTH,  S(OFFICER),  RUN(ask_officer)       },
	{ S(RECORD),   T(NOT_RECORDED),      BOTH,  S(MANUAL),   RUN(record_failed)     },

	{ S(ACT),      T(GATE_PASSED),       BOTH,  S(IDLE),     RUN(passed)            },
	{ S(ACT),      T(GATE_TURNED_BACK),  BOTH,  S(IDLE),     RUN(turned_back)       },
	{ S(ACT),      T(TIMEOUT),           BOTH,  S(IDLE),     RUN(turned_back)       },
	{ S(ACT),      T(GATE_FAULT),        BOTH,  S(OFFICER),  RUN(gate_failed)       },
	{ S(ACT),      T(VACANT),            BOTH,  S(ACT),      RUN(left_after_go)     },
	{ S(ACT),      T(OCCUPIED),          BOTH,  S(ACT),      STAY                   },
	{ S(ACT),      T(FAULT),             BOTH,  S(ACT),      RUN(lose_in_act)       },
	{ S(ACT),      T(CLOSE),             BOTH,  S(ACT),      STAY                   },
	{ S(ACT),      T(MENDED),            BOTH,  S(ACT),      STAY                   },

	{ S(OFFICER),  T(DISPOSED),          BOTH,  S(IDLE),     RUN(disposed)          },
	{ S(OFFICER),  T(VACANT),            EGATE, S(IDLE),     RUN(rest)              },
	{ S(OFFICER),  T(VACANT),            BOOTH, S(OFFICER),  STAY                   },
	{ S(OFFICER),  T(OCCUPIED),          BOTH,  S(OFFICER),  STAY                   },
	{ S(OFFICER),  T(TIMEOUT),           BOTH,  S(IDLE),     RUN(abandon)           },
	{ S(OFFICER),  T(FAULT),             BOTH,  S(OFFICER),  STAY                   },
	{ S(OFFICER),  T(CLOSE),             BOTH,  S(OFFICER),  STAY                   },
	{ S(OFFICER),  T(MENDED),            BOTH,  S(OFFICER),  STAY                   },
};
/* clang-format on */

static const char *const state_names[] = {
	[GH_STATE_MANUAL] = "manual",
	[GH_STATE_IDLE] = "idle",
	[GH_STATE_PRESENT] = "present",
	[GH_STATE_NOTICE] = "notice",
	[GH_STATE_DOCUMENT] = "document",
	[GH_STATE_CAPTURE] = "capture",
	[GH_STATE_COMPARE] = "compare",
	[GH_STATE_DECIDE] = "decide",
	[GH_STATE_RECORD] = "record",
	[GH_STATE_ACT] = "act",
	[GH_STATE_OFFICER] = "officer",
};

static const char *const trigger_names[] = {
	[GH_TRIGGER_OCCUPIED] = "occupied",
	[GH_TRIGGER_VACANT] = "vacant",
	[GH_TRIGGER_START] = "start",
	[GH_TRIGGER_NOTICE_SHOWN] = "notice_shown",
	[GH_TRIGGER_CONTINUE] = "continue",
	[GH_TRIGGER_OPT_OUT] = "opt_out",
	[GH_TRIGGER_MORE_TIME] = "more_time",
	[GH_TRIGGER_CLAIM] = "claim",
	[GH_TRIGGER_SAMPLE] = "sample",
	[GH_TRIGGER_NO_SAMPLE] = "no_sample",
	[GH_TRIGGER_COMPARED] = "compared",
	[GH_TRIGGER_GO] = "go",
	[GH_TRIGGER_REFER] = "refer",
	[GH_TRIGGER_RECORDED_GO] = "recorded_go",
	[GH_TRIGGER_RECORDED_REFER] = "recorded_refer",
	[GH_TRIGGER_NOT_RECORDED] = "not_recorded",
	[GH_TRIGGER_GATE_PASSED] = "gate_passed",
	[GH_TRIGGER_GATE_TURNED_BACK] = "gate_turned_back",
	[GH_TRIGGER_GATE_FAULT] = "gate_fault",
	[GH_TRIGGER_DISPOSED] = "disposed",
	[GH_TRIGGER_WARN] = "warn",
	[GH_TRIGGER_TIMEOUT] = "timeout",
	[GH_TRIGGER_FAULT] = "fault",
	[GH_TRIGGER_MENDED] = "mended",
	[GH_TRIGGER_CLOSE] = "close",
	[GH_TRIGGER_OPEN] = "open",
};

_Static_assert(sizeof(state_names) / sizeof(*state_names) == GH_STATE_COUNT, "a state has no name");
_Static_assert(sizeof(trigger_names) / sizeof(*trigger_names) == GH_TRIGGER_COUNT,
	"a trigger has no name");

static size_t index_of(const char *const *names, size_t count, const char *text)
{
	size_t i = 0;

	while (i < count && strcmp(names[i], text) != 0)
		i++;
	return i;
}

const char *gh_state_name(enum gh_state value)
{
	return (unsigned)value < GH_STATE_COUNT ? state_names[value] : "unknown";
}

struct gh_word gh_state_word(enum gh_state value)
{
	return (struct gh_word){ gh_state_name(value) };
}

enum gh_status gh_state_parse(const char *text, enum gh_state *value)
{
	size_t i = index_of(state_names, GH_STATE_COUNT, text);

	if (i == GH_STATE_COUNT)
		return GH_NOT_FOUND;
	*value = (enum gh_state)i;
	return GH_OK;
}

const char *gh_trigger_name(enum gh_trigger value)
{
	return (unsigned)value < GH_TRIGGER_COUNT ? trigger_names[value] : "unknown";
}

struct gh_word gh_trigger_word(enum gh_trigger value)
{
	return (struct gh_word){ gh_trigger_name(value) };
}

enum gh_status gh_trigger_parse(const char *text, enum gh_trigger *value)
{
	size_t i = index_of(trigger_names, GH_TRIGGER_COUNT, text);

	if (i == GH_TRIGGER_COUNT)
		return GH_NOT_FOUND;
	*value = (enum gh_trigger)i;
	return GH_OK;
}

const struct gh_edge *gh_machine_table(size_t *count)
{
	*count = sizeof(edges) / sizeof(*edges);
	return edges;
}

const struct gh_edge *gh_machine_edge(enum gh_state from, enum gh_trigger on, enum gh_mode mode)
{
	for (size_t i = 0; i < sizeof(edges) / sizeof(*edges); i++)
		if (edges[i].from == from && edges[i].on == on && (edges[i].modes >> mode & 1))
			return &edges[i];
	return NULL;
}
