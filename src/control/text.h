/* SPDX-License-Identifier: Apache-2.0 */
/* JSON values as text. */
#ifndef GATEHOUSE_SRC_CONTROL_TEXT_H
#define GATEHOUSE_SRC_CONTROL_TEXT_H

#include <jansson.h>

/* The compact text of any value, to be freed; NULL for NULL or without memory. */
char *text_of_json(const json_t *value);

#endif
