#pragma once
// The part of Max's C interface that sideman~ uses, declared by us so that its tests need no SDK.
// Names, signatures and layouts are Max's; the bodies are in kernel.cpp. When the object is built
// for Max, the SDK's own headers of the same names take this place.

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define MAX_DOUBLE_BEGIN extern "C" {
#define MAX_DOUBLE_END }
#else
#define MAX_DOUBLE_BEGIN
#define MAX_DOUBLE_END
#endif
#define C74_EXPORT __attribute__((visibility("default")))

#ifndef NOMINMAX  // as the windows.h that the SDK brings on Windows
#define min(one, other) ((one) < (other) ? (one) : (other))
#define max(one, other) ((one) > (other) ? (one) : (other))
#endif

MAX_DOUBLE_BEGIN

typedef void* (*method)(void*);
typedef intptr_t t_ptr_int;
typedef t_ptr_int t_atom_long;
typedef double t_atom_float;
typedef t_atom_long t_max_err;

typedef struct maxclass t_class;
typedef struct _qelem t_qelem;
typedef struct _clock t_clock;
typedef struct outlet t_outlet;

typedef struct symbol {
  char* s_name;
  struct object* s_thing;
} t_symbol;

typedef struct object {
  void* o_messlist;
  t_ptr_int o_magic;
  void* o_inlet;
  t_outlet* o_outlet;
} t_object;

typedef struct atom {
  short a_type;
  union {
    t_atom_long w_long;
    t_atom_float w_float;
    t_symbol* w_sym;
    t_object* w_obj;
  } a_w;
} t_atom;

enum { A_NOTHING = 0, A_LONG = 1, A_FLOAT = 2, A_SYM = 3, A_GIMME = 8, A_CANT = 9 };
enum { ASSIST_INLET = 1, ASSIST_OUTLET = 2, ASSIST_MAX_STRING_LEN = 500 };
enum { MAX_ERR_NONE = 0, MAX_ERR_GENERIC = -1 };

t_symbol* gensym(const char* name);

void* outlet_new(void* owner, const char* type);
void* outlet_anything(t_outlet* outlet, t_symbol* selector, short count, t_atom* atoms);

t_clock* clock_new(void* owner, method task);
void clock_delay(t_clock* clock, long milliseconds);

void* qelem_new(void* owner, method task);
void qelem_set(t_qelem* qelem);
void qelem_free(t_qelem* qelem);

void quittask_install(method task, void* argument);

short systhread_ismainthread(void);

void object_post(t_object* object, const char* format, ...);
void object_warn(t_object* object, const char* format, ...);
void object_error(t_object* object, const char* format, ...);
int snprintf_zero(char* text, size_t size, const char* format, ...);

MAX_DOUBLE_END
