#pragma once
// The C table between the external (no libpython) and the bridge library that the pip-installed
// package carries (links libpython). Plain C types only. All functions may be called from any
// thread but the audio thread; `session` calls from one thread at a time, `cancel` from any.
// Strings are UTF-8. Functions return 0 on success, else a bridge code with one line in `error`.

#include <stdint.h>

#define SIDEMAN_BRIDGE_ABI 4u
#define SIDEMAN_BRIDGE_SYMBOL "sideman_bridge"
#define SIDEMAN_BRIDGE_NAMES 64   /* most names in a list */
#define SIDEMAN_BRIDGE_NAME 64    /* bytes of one name, with the final zero */

#ifdef __cplusplus
extern "C" {
#endif

enum { SIDEMAN_BRIDGE_OK = 0, SIDEMAN_BRIDGE_FAILED = 1, SIDEMAN_BRIDGE_CANCELLED = 2 };

typedef struct sideman_bridge_session sideman_bridge_session;

typedef struct {
  char* text;
  uint32_t capacity;
} sideman_bridge_error;

/* One line of Python's stdout or stderr; called with the GIL released, on any Python thread. */
typedef void (*sideman_bridge_console)(void* user, const char* line);

typedef struct {
  const char* model;
  const char* device;
  int32_t threads;
  int32_t parts;
  const char* const* part_names;
} sideman_bridge_open;

typedef struct {
  char name[SIDEMAN_BRIDGE_NAME];
  int32_t sample_rate, frame_samples;
  int32_t hops, hop_frames[SIDEMAN_BRIDGE_NAMES];
  int32_t lead_frames, lead_minimum, lead_maximum;
  int32_t window_frames;
  int32_t parts;
  char part_names[SIDEMAN_BRIDGE_NAMES][SIDEMAN_BRIDGE_NAME];
  int32_t tags;
  char tag_names[SIDEMAN_BRIDGE_NAMES][SIDEMAN_BRIDGE_NAME];
  int32_t any_tag; /* 1: it takes every word as a tag */
} sideman_bridge_model;

typedef struct {
  int32_t hop_frames, lead_frames, window_frames;
  int32_t parts;
  const char* const* part_names;
  int64_t seed;
} sideman_bridge_plan;

typedef struct {
  int64_t hop_id;
  int64_t slot_begin, slot_end;
  const float* window; /* [window_samples * channels], interleaved: the music, the sketch */
  int64_t window_samples;
  int32_t channels;
  int32_t steps;                /* -1: the model's own */
  double guidance, temperature; /* -1: the model's own */
  int32_t clock_known; /* at the start of the slot */
  double bpm, beat;
  int32_t beats_per_bar;
  int32_t track; /* 1: no clock is known, the model may listen for one */
  const char* mode;
  int32_t tags;
  const char* const* tag_names;
  const double* tag_weights;
  double inertia;
  const char* sampler; /* may be "auto" */
  double feedback, mix, patience;
  float* audio; /* [parts * hop_samples] */
  int64_t hop_samples;
  int32_t parts;
  /* out */
  int32_t continuous;
  int32_t heard_clock_known; /* at the end of the window */
  double heard_bpm, heard_beat;
  int32_t heard_beats_per_bar;
  double heard_confidence; /* 0..1 */
} sideman_bridge_hop;

typedef struct {
  uint32_t abi;
  uint32_t size; /* of this struct */
  /* Starts the interpreter of the venv, once per process; later calls wait for the first. */
  int (*start)(const char* venv, sideman_bridge_console console, void* user,
               sideman_bridge_error* error);
  /* Opens (or shares) a model; *session is a new client of it. */
  int (*open)(const sideman_bridge_open* request, sideman_bridge_model* model,
              sideman_bridge_session** session, sideman_bridge_error* error);
  int (*reset)(sideman_bridge_session*, const sideman_bridge_plan*, sideman_bridge_error*);
  int (*generate)(sideman_bridge_session*, sideman_bridge_hop*, sideman_bridge_error*);
  void (*cancel)(sideman_bridge_session*);
  void (*close)(sideman_bridge_session*);
  /* Cancels all sessions and waits up to `milliseconds` until no Python call runs; 0 when quiet. */
  int (*stop)(int32_t milliseconds);
} sideman_bridge_table;

/* Exported by the bridge library: NULL when `abi` is not the one it speaks. */
typedef const sideman_bridge_table* (*sideman_bridge_entry)(uint32_t abi);

#ifdef __cplusplus
}
#endif
