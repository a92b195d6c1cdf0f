/* SPDX-License-Identifier: Apache-2.0 */
/* How native values become components: the functions that the standard's mappings are made of. */
#ifndef GATEHOUSE_SRC_VISION_QUALITY_MAPPING_H
#define GATEHOUSE_SRC_VISION_QUALITY_MAPPING_H

/** The logistic function 1 / (1 + exp((x0 - x) / w)), without overflow. */
double gh_logistic(double x, double x0, double w);

/** h (a + s logistic(x, x0, w)): rounded, half away from zero, then clipped to 0..100. */
struct gh_sigmoid {
	double h, a, s, x0, w;
};
int gh_sigmoid_component(const struct gh_sigmoid *sigmoid, double x);

/** Rounded, half away from zero, then clipped to 0..100. */
int gh_component_round(double value);

/** 100 max(0, cos)^2 of an angle in degrees: flat near zero, so gate on degrees instead. */
int gh_angle_component(double degrees);

#endif
