/* SPDX-License-Identifier: Apache-2.0 */
/* Detection error trade-off: curves of two error rates, as a table and as a drawing. */
#include "gatehouse/evaluation/det.h"

#include <math.h>
#include <stdio.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/file.h"

/* The drawing in its own units, which a viewer takes for pixels. */
enum {
	WIDTH = 800,
	HEIGHT = 640,
	LEFT = 84,
	RIGHT = 764,
	TOP = 56,
	BOTTOM = 548,
	DECADES_MAX = 12
};

/* Okabe and Ito's colours, told apart by most eyes; in grey the dashes tell. */
static const struct {
	const char *colour;
	const char *dashes;
} styles[GH_DET_CURVES_MAX] = {
	{ "#0072b2", "none" },
	{ "#d55e00", "9 4" },
	{ "#009e73", "3 3" },
	{ "#cc79a7", "12 3 3 3" },
	{ "#000000", "1 3" },
	{ "#56b4e9", "9 4" },
	{ "#e69f00", "3 3" },
	{ "#7f7f7f", "none" },
};

/* How many decades below 1 each axis shows. */
struct axes {
	int across;
	int up;
};

static enum gh_status check(const struct gh_det_curve *curves, size_t count, struct gh_error *error)
{
	if (count == 0 || count > GH_DET_CURVES_MAX)
		return gh_error_set(error, GH_MALFORMED, "%zu curves: 1 to %d are drawn", count,
			GH_DET_CURVES_MAX);
	for (size_t i = 0; i < count; i++)
		if (curves[i].count > GH_DET_POINTS_MAX)
			return gh_error_set(error, GH_MALFORMED,
				"a curve of %zu points: at most %d", curves[i].count,
				GH_DET_POINTS_MAX);
	return GH_OK;
}

/* Quote for RFC 4180: quotation marks are doubled. */
static enum gh_status print_quoted(struct gh_bytes *out, const char *text, struct gh_error *error)
{
	enum gh_status status = gh_bytes_append(out, "\"", 1, error);

	for (; status == GH_OK && *text; text++) {
		status = gh_bytes_append(out, text, 1, error);
		if (status == GH_OK && *text == '"')
			status = gh_bytes_append(out, "\"", 1, error);
	}
	return status == GH_OK ? gh_bytes_append(out, "\"", 1, error) : status;
}

static enum gh_status print_row(struct gh_bytes *out, const char *name,
	const struct gh_det_point *point, struct gh_error *error)
{
	enum gh_status status = print_quoted(out, name, error);

	if (status == GH_OK)
		status = gh_bytes_print(out, error, ",%.6f,%.6g,%.6g", (double)point->threshold,
			point->false_positive, point->false_negative);
	if (status == GH_OK && point->has_interval)
		return gh_bytes_print(out, error, ",%.6g,%.6g\r\n",
			point->false_negative_interval.low, point->false_negative_interval.high);
	return status == GH_OK ? gh_bytes_print(out, error, ",,\r\n") : status;
}

enum gh_status gh_det_write_csv(
	const char *path, const struct gh_det_curve *curves, size_t count, struct gh_error *error)
{
	struct gh_bytes out = GH_BYTES_EMPTY;
	enum gh_status status = check(curves, count, error);

	if (status == GH_OK)
		status = gh_bytes_print(
			&out, error, "curve,threshold,false_positive,false_negative,low,high\r\n");
	for (size_t i = 0; status == GH_OK && i < count; i++)
		for (size_t k = 0; status == GH_OK && k < curves[i].count; k++)
			status = print_row(&out, curves[i].name, &curves[i].points[k], error);
	if (status == GH_OK)
		status = gh_file_replace(path, gh_bytes_view(&out), 0644, error);
	gh_bytes_finish(&out);
	return status;
}

static int decades_of(double lowest)
{
	int decades = lowest > 0.0 && lowest < 1.0 ? (int)ceil(-log10(lowest) - 1e-9) : 1;

	return decades < 1 ? 1 : decades > DECADES_MAX ? DECADES_MAX : decades;
}

static struct axes axes_of(const struct gh_det_curve *curves, size_t count)
{
	double across = 1.0;
	double up = 1.0;

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < curves[i].count; k++) {
			const struct gh_det_point *point = &curves[i].points[k];

			if (point->false_positive > 0.0)
				across = fmin(across, point->false_positive);
			if (point->false_negative > 0.0)
				up = fmin(up, point->false_negative);
		}
	return (struct axes){ decades_of(across), decades_of(up) };
}

static double place(double rate, int decades, int from, int to)
{
	double into = rate > 0.0 ? 1.0 + log10(rate) / decades : -1.0;

	return from + fmin(fmax(into, 0.0), 1.0) * (to - from);
}

static double x_of(const struct axes *axes, double rate)
{
	return place(rate, axes->across, LEFT, RIGHT);
}

static double y_of(const struct axes *axes, double rate)
{
	return place(rate, axes->up, BOTTOM, TOP);
}

/* Text of ours and of others: what means something in XML or cannot stand there is replaced. */
static enum gh_status print_text(struct gh_bytes *out, const char *text, struct gh_error *error)
{
	enum gh_status status = GH_OK;

	for (; status == GH_OK && *text; text++) {
		if (*text == '<')
			status = gh_bytes_print(out, error, "&lt;");
		else if (*text == '&')
			status = gh_bytes_print(out, error, "&amp;");
		else if ((unsigned char)*text < ' ')
			status = gh_bytes_print(out, error, " ");
		else
			status = gh_bytes_append(out, text, 1, error);
	}
	return status;
}

static enum gh_status print_label(
	struct gh_bytes *out, const char *place_and_style, const char *text, struct gh_error *error)
{
	enum gh_status status = gh_bytes_print(out, error, "<text %s>", place_and_style);

	if (status == GH_OK)
		status = print_text(out, text, error);
	return status == GH_OK ? gh_bytes_print(out, error, "</text>\n") : status;
}

/* A share as people write it: 10 %, 0.1 %, and below a thousandth its power of ten. */
static void write_rate(int decade, char *text, size_t text_bytes)
{
	static const char *const percent[] = { "100 %", "10 %", "1 %", "0.1 %" };
	static const char *const digits[] = { "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹" };

	if (decade < 4)
		gh_text_copy(text, text_bytes, percent[decade]);
	else
		snprintf(text, text_bytes, "10⁻%s%s", decade >= 10 ? digits[decade / 10] : "",
			digits[decade % 10]);
}

static enum gh_status rule_across(
	struct gh_bytes *out, const struct axes *axes, int decade, struct gh_error *error)
{
	char text[32];
	double x = x_of(axes, pow(10.0, -decade));
	enum gh_status status;

	write_rate(decade, text, sizeof(text));
	status = gh_bytes_print(out, error,
		"<path class=\"rule\" d=\"M%.1f %dV%d\"/>\n"
		"<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
		x, TOP, BOTTOM, x, BOTTOM + 20, text);
	for (int fine = 2; status == GH_OK && decade > 0 && fine <= 5; fine += 3)
		status = gh_bytes_print(out, error, "<path class=\"fine\" d=\"M%.1f %dV%d\"/>\n",
			x_of(axes, fine * pow(10.0, -decade)), TOP, BOTTOM);
	return status;
}

static enum gh_status rule_up(
	struct gh_bytes *out, const struct axes *axes, int decade, struct gh_error *error)
{
	char text[32];
	double y = y_of(axes, pow(10.0, -decade));
	enum gh_status status;

	write_rate(decade, text, sizeof(text));
	status = gh_bytes_print(out, error,
		"<path class=\"rule\" d=\"M%d %.1fH%d\"/>\n"
		"<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
		LEFT, y, RIGHT, LEFT - 8, y + 4.5, text);
	for (int fine = 2; status == GH_OK && decade > 0 && fine <= 5; fine += 3)
		status = gh_bytes_print(out, error, "<path class=\"fine\" d=\"M%d %.1fH%d\"/>\n",
			LEFT, y_of(axes, fine * pow(10.0, -decade)), RIGHT);
	return status;
}

static enum gh_status draw_axes(struct gh_bytes *out, const struct axes *axes,
	const struct gh_det_frame *frame, struct gh_error *error)
{
	char place_and_style[128];
	enum gh_status status = GH_OK;

	for (int i = 0; status == GH_OK && i <= axes->across; i++)
		status = rule_across(out, axes, i, error);
	for (int i = 0; status == GH_OK && i <= axes->up; i++)
		status = rule_up(out, axes, i, error);
	snprintf(place_and_style, sizeof(place_and_style),
		"x=\"%d\" y=\"%d\" text-anchor=\"middle\"", (LEFT + RIGHT) / 2, BOTTOM + 46);
	if (status == GH_OK)
		status = print_label(out, place_and_style, frame->false_positive_name, error);
	snprintf(place_and_style, sizeof(place_and_style),
		"transform=\"translate(22 %d) rotate(-90)\" text-anchor=\"middle\"",
		(TOP + BOTTOM) / 2);
	return status == GH_OK
		? print_label(out, place_and_style, frame->false_negative_name, error)
		: status;
}

/* Upper ends from left to right, lower ends back. */
static enum gh_status draw_band(struct gh_bytes *out, const struct axes *axes,
	const struct gh_det_curve *curve, size_t style, struct gh_error *error)
{
	enum gh_status status = GH_OK;
	char step = 'M';

	for (size_t side = 0; side < 2; side++)
		for (size_t k = 0; status == GH_OK && k < curve->count; k++) {
			const struct gh_det_point *point =
				&curve->points[side == 0 ? k : curve->count - 1 - k];
			const struct gh_interval *interval = &point->false_negative_interval;

			if (!point->has_interval)
				continue;
			if (step == 'M')
				status = gh_bytes_print(out, error,
					"<path class=\"band\" fill=\"%s\" d=\"",
					styles[style].colour);
			if (status == GH_OK)
				status = gh_bytes_print(out, error, "%c%.1f %.1f", step,
					x_of(axes, point->false_positive),
					y_of(axes, side == 0 ? interval->high : interval->low));
			step = 'L';
		}
	return status == GH_OK && step == 'L' ? gh_bytes_print(out, error, "Z\"/>\n") : status;
}

static enum gh_status draw_curve(struct gh_bytes *out, const struct axes *axes,
	const struct gh_det_curve *curve, size_t style, struct gh_error *error)
{
	enum gh_status status = gh_bytes_print(out, error,
		"<path class=\"curve\" stroke=\"%s\" stroke-dasharray=\"%s\" d=\"",
		styles[style].colour, styles[style].dashes);
	char step = 'M';

	for (size_t k = 0; status == GH_OK && k < curve->count; k++) {
		const struct gh_det_point *point = &curve->points[k];

		if (!(point->false_negative > 0.0) || !(point->false_positive > 0.0))
			continue;
		status = gh_bytes_print(out, error, "%c%.1f %.1f", step,
			x_of(axes, point->false_positive), y_of(axes, point->false_negative));
		step = 'L';
	}
	/* Without an error there is nothing to draw, but a path needs a start. */
	if (status == GH_OK && step == 'M')
		status = gh_bytes_print(out, error, "M%d %d", RIGHT, BOTTOM);
	return status == GH_OK ? gh_bytes_print(out, error, "\"/>\n") : status;
}

static enum gh_status draw_legend(struct gh_bytes *out, const struct gh_det_curve *curves,
	size_t count, struct gh_error *error)
{
	enum gh_status status = gh_bytes_print(out, error,
		"<rect class=\"legend\" x=\"%d\" y=\"%d\" width=\"274\" height=\"%zu\"/>\n",
		RIGHT - 286, TOP + 12, 14 + 22 * count);

	for (size_t i = 0; status == GH_OK && i < count; i++) {
		char place_and_style[64];
		int y = TOP + 30 + 22 * (int)i;

		status = gh_bytes_print(out, error,
			"<path class=\"curve\" stroke=\"%s\" stroke-dasharray=\"%s\" "
			"d=\"M%d %dh44\"/>\n",
			styles[i].colour, styles[i].dashes, RIGHT - 274, y);
		snprintf(place_and_style, sizeof(place_and_style), "x=\"%d\" y=\"%d\"", RIGHT - 220,
			y + 5);
		if (status == GH_OK)
			status = print_label(out, place_and_style, curves[i].name, error);
	}
	return status;
}

static enum gh_status draw_head(
	struct gh_bytes *out, const struct gh_det_frame *frame, struct gh_error *error)
{
	char place_and_style[64];
	enum gh_status status = gh_bytes_print(out, error,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" width=\"%d\" "
		"height=\"%d\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" "
		"font-size=\"14\" fill=\"#222\">\n<title>",
		WIDTH, HEIGHT, WIDTH, HEIGHT);

	if (status == GH_OK)
		status = print_text(out, frame->title, error);
	if (status == GH_OK)
		status = gh_bytes_print(out, error,
			"</title>\n<style>.rule{stroke:#b8b8b8;fill:none}"
			".fine{stroke:#ececec;fill:none}.curve{fill:none;stroke-width:2}"
			".band{fill-opacity:.14;stroke:none}"
			".legend{fill:#fff;fill-opacity:.85;stroke:#b8b8b8}</style>\n"
			"<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n",
			WIDTH, HEIGHT);
	snprintf(place_and_style, sizeof(place_and_style), "x=\"%d\" y=\"34\" font-size=\"18\"",
		LEFT);
	return status == GH_OK ? print_label(out, place_and_style, frame->title, error) : status;
}

static enum gh_status draw_foot(
	struct gh_bytes *out, const struct gh_det_frame *frame, struct gh_error *error)
{
	char place_and_style[64];
	enum gh_status status = GH_OK;

	snprintf(place_and_style, sizeof(place_and_style), "x=\"%d\" y=\"%d\" font-size=\"12\"",
		LEFT, HEIGHT - 16);
	if (frame->note)
		status = print_label(out, place_and_style, frame->note, error);
	return status == GH_OK ? gh_bytes_print(out, error, "</svg>\n") : status;
}

static enum gh_status draw(struct gh_bytes *out, const struct gh_det_frame *frame,
	const struct gh_det_curve *curves, size_t count, struct gh_error *error)
{
	struct axes axes = axes_of(curves, count);
	enum gh_status status = draw_head(out, frame, error);

	if (status == GH_OK)
		status = draw_axes(out, &axes, frame, error);
	for (size_t i = 0; status == GH_OK && i < count; i++)
		status = draw_band(out, &axes, &curves[i], i, error);
	for (size_t i = 0; status == GH_OK && i < count; i++)
		status = draw_curve(out, &axes, &curves[i], i, error);
	if (status == GH_OK)
		status = draw_legend(out, curves, count, error);
	return status == GH_OK ? draw_foot(out, frame, error) : status;
}

enum gh_status gh_det_write_svg(const char *path, const struct gh_det_frame *frame,
	const struct gh_det_curve *curves, size_t count, struct gh_error *error)
{
	struct gh_bytes out = GH_BYTES_EMPTY;
	enum gh_status status = check(curves, count, error);

	if (status == GH_OK)
		status = draw(&out, frame, curves, count, error);
	if (status == GH_OK)
		status = gh_file_replace(path, gh_bytes_view(&out), 0644, error);
	gh_bytes_finish(&out);
	return status;
}
