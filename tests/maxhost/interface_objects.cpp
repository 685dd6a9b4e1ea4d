// Max's C interface: names, classes, objects, attributes, atoms.

#include <cstdlib>
#include <cstring>

#include "buffers.h"
#include "chain.h"

namespace maxhost {

namespace {

constexpr t_ptr_int magic = 1758379419;

std::string unquoted(std::string text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    return text.substr(1, text.size() - 2);
  }
  return text;
}

void free_clock(t_clock* clock) {
  const std::lock_guard lock(world().scheduler_mutex);
  world().clocks.erase(clock);
  delete clock;
}

void free_box(t_object* object) {
  reinterpret_cast<void (*)(t_object*)>(
      reinterpret_cast<void (*)()>(world().box_class->destroy))(object);
  {
    const std::lock_guard lock(world().boxes_mutex);
    world().boxes.erase(object);
  }
  std::memset(static_cast<void*>(object), 0xdd, static_cast<size_t>(world().box_class->size));
  std::free(object);
}

}  // namespace

World& world() {
  static World& one = *new World;
  return one;
}

Attribute* find_attribute(const std::string& name) {
  for (const auto& attribute : world().box_class->attributes) {
    if (attribute->view.name == name) {
      return attribute.get();
    }
  }
  return nullptr;
}

}  // namespace maxhost

using namespace maxhost;

t_symbol* gensym(const char* name) {
  const std::lock_guard lock(world().names);
  auto& slot = world().symbols[name];
  if (!slot) {
    slot = std::make_unique<t_symbol>(t_symbol{strdup(name), nullptr});
  }
  return slot.get();
}

t_class* class_new(const char*, method make, method destroy, long size, method, short, ...) {
  auto* c = new t_class;
  c->make = make;
  c->destroy = destroy;
  c->size = size;
  return c;
}

t_max_err class_addmethod(t_class* c, method function, const char* name, ...) {
  // The type follows as an int; only two types are used, and they differ by the name alone.
  const bool cannot = !strcmp(name, "dsp64") || !strcmp(name, "assist") ||
                      !strcmp(name, "multichanneloutputs");
  c->methods[name] = {function, static_cast<short>(cannot ? A_CANT : A_GIMME)};
  return MAX_ERR_NONE;
}

t_max_err class_addattr(t_class* c, t_object* attribute) {
  c->attributes.emplace_back(reinterpret_cast<Attribute*>(attribute));
  world().box_class = c;  // attributes are described by class and name before the class is registered
  return MAX_ERR_NONE;
}

t_max_err class_attr_addattr_parse(t_class*, const char* attribute, const char* property, t_symbol*,
                                   long, const char* text) {
  Attribute* found = find_attribute(attribute);
  if (!found) {
    return MAX_ERR_GENERIC;
  }
  const std::string name = property, value = unquoted(text);
  AttributeView& view = found->view;
  if (name == "label") view.label = value;
  if (name == "style") view.style = value;
  if (name == "category") view.category = value;
  if (name == "enumvals") view.enumvals = value;
  if (name == "save") view.saved = value == "1";
  return MAX_ERR_NONE;
}

t_max_err class_register(t_symbol*, t_class* c) {
  world().box_class = c;
  return MAX_ERR_NONE;
}

t_object* attribute_new(const char* name, t_symbol* type, long, method get, method set) {
  auto* attribute = new Attribute;
  attribute->view.name = name;
  attribute->view.type = type->s_name;
  attribute->get = get;
  attribute->set = set;
  return &attribute->object;
}

t_max_err attr_addfilter_clip(void* attribute, double minimum, double maximum, long, long) {
  auto* one = static_cast<Attribute*>(attribute);
  one->clipped = true;
  one->minimum = minimum;
  one->maximum = maximum;
  return MAX_ERR_NONE;
}

void* object_alloc(t_class* c) {
  auto* object = static_cast<t_object*>(std::calloc(1, static_cast<size_t>(c->size)));
  object->o_magic = magic;
  const std::lock_guard lock(world().boxes_mutex);
  world().boxes[object];
  return object;
}

t_max_err object_free(void* object) {
  if (free_buffer_reference(object)) {
    return MAX_ERR_NONE;
  }
  bool clock = false;
  {
    const std::lock_guard lock(world().scheduler_mutex);
    clock = world().clocks.count(static_cast<t_clock*>(object)) > 0;
  }
  if (clock) {
    free_clock(static_cast<t_clock*>(object));
  } else if (object) {
    free_box(static_cast<t_object*>(object));
  }
  return MAX_ERR_NONE;
}

void* object_method_imp(void* object, void* selector, void* one, void* two, void*, void*, void*,
                        void*, void*, void*) {
  const std::string word = static_cast<t_symbol*>(selector)->s_name;
  if (word == "getname") return gensym(static_cast<Attribute*>(object)->view.name.c_str());
  if (word == "getnuminputchannels") {
    const auto inlet = static_cast<size_t>(reinterpret_cast<t_ptr_int>(two));
    return reinterpret_cast<void*>(channels_into(static_cast<t_object*>(one), inlet));
  }
  return nullptr;
}

t_max_err object_obex_store(void*, t_symbol* key, t_object*) {
  return strcmp(key->s_name, "dumpout") ? MAX_ERR_GENERIC : MAX_ERR_NONE;
}

t_max_err object_attr_touch(t_object* object, t_symbol* attribute) {
  const std::lock_guard lock(world().boxes_mutex);
  ++world().boxes[object].touched[attribute->s_name];
  return MAX_ERR_NONE;
}

t_max_err atom_setlong(t_atom* atom, t_atom_long value) {
  atom->a_type = A_LONG;
  atom->a_w.w_long = value;
  return MAX_ERR_NONE;
}

t_max_err atom_setfloat(t_atom* atom, double value) {
  atom->a_type = A_FLOAT;
  atom->a_w.w_float = value;
  return MAX_ERR_NONE;
}

t_max_err atom_setsym(t_atom* atom, t_symbol* value) {
  atom->a_type = A_SYM;
  atom->a_w.w_sym = value;
  return MAX_ERR_NONE;
}

t_atom_long atom_getlong(const t_atom* atom) {
  return atom->a_type == A_FLOAT ? static_cast<t_atom_long>(atom->a_w.w_float) : atom->a_w.w_long;
}

t_atom_float atom_getfloat(const t_atom* atom) {
  return atom->a_type == A_LONG ? static_cast<double>(atom->a_w.w_long) : atom->a_w.w_float;
}

t_symbol* atom_getsym(const t_atom* atom) { return atom->a_w.w_sym; }

t_max_err atom_alloc_array(long size, long* count, t_atom** atoms, char* allocated) {
  *count = size;
  *atoms = static_cast<t_atom*>(std::calloc(static_cast<size_t>(size) + 1, sizeof(t_atom)));
  *allocated = 1;
  return MAX_ERR_NONE;
}
