/* SPDX-License-Identifier: Apache-2.0 */
/* The lane's metrics, for those who explain them. */
#ifndef GATEHOUSE_SRC_HEALTH_METRICS_H
#define GATEHOUSE_SRC_HEALTH_METRICS_H

#include "gatehouse/base/exposition.h"

/* In the order of the text. */
extern const struct gh_metric gh_health_metrics_table[];
extern const size_t gh_health_metrics_count;

#endif
