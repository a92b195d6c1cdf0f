/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures and videos for tests: drawn by code, encoded, and laid out in folders. */
#ifndef GATEHOUSE_TESTS_SUPPORT_PICTURES_H
#define GATEHOUSE_TESTS_SUPPORT_PICTURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/bytes.h"

/* An RGB picture; rows lie width_px * 3 apart. */
struct picture {
	uint32_t width_px;
	uint32_t height_px;
	uint8_t *rgb;
};

/* A gradient with a face of ellipses whose place depends on number. */
struct picture picture_draw(uint32_t width_px, uint32_t height_px, unsigned number);

void picture_free(struct picture *picture);

/* How a JPEG is written; all zero: 4:2:0 baseline, quality 90. */
struct jpeg_style {
	int quality;
	bool full_chroma; /* 4:4:4 */
	bool grey;
	bool rgb; /* no colour transform */
	bool cmyk;
	bool progressive;
	bool no_tables; /* without DHT, as in AVI */
	int restart_rows;
};

/* Append a JPEG to bytes. */
void picture_jpeg(
	const struct picture *picture, const struct jpeg_style *style, struct gh_bytes *bytes);

/* How a PNG is written; all zero: 8-bit RGB. */
struct png_style {
	bool grey;
	bool alpha;
	bool deep; /* 16 bits */
	bool interlaced;
};

/* Append a PNG to bytes. */
void picture_png(
	const struct picture *picture, const struct png_style *style, struct gh_bytes *bytes);

/* How an AVI is written; all zero: one stream "MJPG" at 30 a second with idx1. */
struct avi_style {
	const char *compression; /* four letters; NULL: "MJPG" */
	uint32_t scale;
	uint32_t rate;    /* 0: scale 1, rate 30 */
	bool no_rate;     /* neither the stream nor the file tells one */
	bool audio_first; /* a sound stream before the video's */
	bool records;     /* pictures in LIST rec */
	bool no_index;
	bool no_padding;  /* odd chunks follow each other without a pad byte */
	bool unfinished;  /* sizes of RIFF and movi are 0 */
	bool second_riff; /* half of the pictures in RIFF AVIX, as OpenDML */
	size_t dropped;   /* a chunk of length 0 before this picture; 0: none */
};

/* Append an AVI of these JPEGs. */
void avi_write(const struct gh_bytes *pictures, size_t count, const struct avi_style *style,
	struct gh_bytes *bytes);

/* A new folder below $TMPDIR; the path is the caller's to free() after folder_remove(). */
char *folder_make(void);

/* Remove a folder and the files in it, and free the path. */
void folder_remove(char *folder);

/* Write a file into a folder; path is set when not NULL and holds 512 bytes. */
void folder_write(const char *folder, const char *name, const struct gh_bytes *bytes, char *path);

/* Fill a folder with count JPEGs of a size, "000.jpg" and on. */
void folder_fill(const char *folder, uint32_t width_px, uint32_t height_px, unsigned count);

#endif
