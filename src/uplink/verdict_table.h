/* SPDX-License-Identifier: Apache-2.0 */
/* What tests ask of the table of verdicts. */
#ifndef GATEHOUSE_SRC_UPLINK_VERDICT_TABLE_H
#define GATEHOUSE_SRC_UPLINK_VERDICT_TABLE_H

#include <stdbool.h>

/* Whether a curl code has a row of its own. */
bool verdict_lists(int curl_code);

#endif
