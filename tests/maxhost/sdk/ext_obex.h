#pragma once
// Classes, objects, attributes and atoms; see ext.h.

#include "ext.h"

MAX_DOUBLE_BEGIN

#define CLASS_BOX gensym("box")

t_class* class_new(const char* name, method make, method destroy, long size, method menu,
                   short type, ...);
t_max_err class_addmethod(t_class* c, method function, const char* name, ...);
t_max_err class_addattr(t_class* c, t_object* attribute);
t_max_err class_attr_addattr_parse(t_class* c, const char* attribute, const char* property,
                                   t_symbol* type, long flags, const char* text);
t_max_err class_register(t_symbol* space, t_class* c);

t_object* attribute_new(const char* name, t_symbol* type, long flags, method get, method set);
t_max_err attr_addfilter_clip(void* attribute, double minimum, double maximum, long use_minimum,
                              long use_maximum);

void* object_alloc(t_class* c);
t_max_err object_free(void* object);
void* object_method_imp(void* object, void* selector, void*, void*, void*, void*, void*, void*,
                        void*, void*);
#define object_method(...) MAX_DOUBLE_METHOD(__VA_ARGS__, 0, 0)
#define MAX_DOUBLE_METHOD(object, selector, one, two, ...)                                        \
  object_method_imp(object, selector, (void*)(t_ptr_int)(one), (void*)(t_ptr_int)(two), NULL, NULL, \
                    NULL, NULL, NULL, NULL)
t_max_err object_method_typed(void* object, t_symbol* message, long count, t_atom* atoms,
                              t_atom* result);
t_max_err object_obex_store(void* object, t_symbol* key, t_object* value);
t_max_err object_attr_touch(t_object* object, t_symbol* attribute);

t_max_err atom_setlong(t_atom* atom, t_atom_long value);
t_max_err atom_setfloat(t_atom* atom, double value);
t_max_err atom_setsym(t_atom* atom, t_symbol* value);
t_atom_long atom_getlong(const t_atom* atom);
t_atom_float atom_getfloat(const t_atom* atom);
t_symbol* atom_getsym(const t_atom* atom);
t_max_err atom_alloc_array(long size, long* count, t_atom** atoms, char* allocated);

MAX_DOUBLE_END
