#pragma once
// buffer~; see ext.h.

#include "ext.h"
#include "ext_obex.h"

MAX_DOUBLE_BEGIN

typedef struct _buffer_ref t_buffer_ref;
typedef t_object t_buffer_obj;

t_buffer_ref* buffer_ref_new(t_object* self, t_symbol* name);
t_buffer_obj* buffer_ref_getobject(t_buffer_ref* reference);
float* buffer_locksamples(t_buffer_obj* buffer);
void buffer_unlocksamples(t_buffer_obj* buffer);
t_atom_long buffer_getchannelcount(t_buffer_obj* buffer);
t_atom_long buffer_getframecount(t_buffer_obj* buffer);
t_atom_float buffer_getsamplerate(t_buffer_obj* buffer);
t_max_err buffer_setdirty(t_buffer_obj* buffer);

MAX_DOUBLE_END
