#pragma once
// Signals; see ext.h.

#include "ext.h"
#include "ext_obex.h"

MAX_DOUBLE_BEGIN

typedef struct t_pxobject {
  t_object z_ob;
  long z_in;
  void* z_proxy;
  long z_disabled;
  short z_count;
  short z_misc;
} t_pxobject;

#define Z_MC_INLETS 32

typedef void (*t_perfroutine64)(t_object* x, t_object* chain, double** in, long ins, double** out,
                                long outs, long samples, long flags, void* user);

void class_dspinit(t_class* c);
void z_dsp_setup(t_pxobject* x, long signal_inlets);
void z_dsp_free(t_pxobject* x);
#define dsp_setup z_dsp_setup
#define dsp_free z_dsp_free
void dsp_add64(t_object* chain, t_object* x, t_perfroutine64 perform, long flags, void* user);
typedef struct _dspchain t_dspchain;
t_dspchain* dspchain_fromobject(t_object* x);
void dspchain_setbroken(t_dspchain* chain);
float sys_getsr(void);
int sys_getmaxblksize(void);

MAX_DOUBLE_END
