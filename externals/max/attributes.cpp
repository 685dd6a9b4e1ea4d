#include <cstdio>

#include "host/commands.h"
#include "max/max_object.h"

namespace sideman {

namespace {

t_symbol* name_of(void* attribute) {
  return static_cast<t_symbol*>(object_method(attribute, gensym("getname")));
}

t_max_err get_attribute(MaxObject* x, void* attribute, long* count, t_atom** atoms) {
  t_max_err error = MAX_ERR_GENERIC;
  guarded(x, [&] {
    const Atoms values = x->body->shown()->get(name_of(attribute)->s_name);
    char allocated = 0;
    error = atom_alloc_array(static_cast<long>(values.size()), count, atoms, &allocated);
    for (size_t i = 0; error == MAX_ERR_NONE && i < values.size(); ++i) {
      to_max(values[i], *atoms + i);
    }
  });
  return error;
}

t_max_err set_attribute(MaxObject* x, void* attribute, long count, t_atom* atoms) {
  t_max_err error = MAX_ERR_NONE;
  guarded(x, [&] {
    t_symbol* name = name_of(attribute);
    if (!systhread_ismainthread()) {
      x->body->mailbox.post(name, count, atoms);
      qelem_set(x->body->qelem);
    } else if (!x->body->instrument->set(name->s_name, from_max(count, atoms))) {
      error = MAX_ERR_GENERIC;
    } else {
      x->body->show(x->body->instrument->settings());
    }
  });
  return error;
}

const char* max_type(const Setting& setting) {
  switch (setting.type) {
    case SettingType::toggle:
      return "long";
    case SettingType::integer:
      return setting.choices.empty() ? "atom_long" : "atom";  // a number or a word like `auto`
    case SettingType::real:
      return setting.choices.empty() ? "float64" : "atom";
    case SettingType::tags:
      return "atom";  // words and numbers
    default:
      return "symbol";
  }
}

void describe(t_class* c, const char* name, const Setting& setting, int order) {
  const auto says = [&](const char* property, const char* type, const std::string& value) {
    class_attr_addattr_parse(c, name, property, gensym(type), 0, value.c_str());
  };
  const auto quoted = [](std::string_view text) { return '"' + std::string(text) + '"'; };
  says("label", "symbol", quoted(setting.label));
  says("category", "symbol", "Sideman");
  says("save", "long", "1");
  says("order", "long", std::to_string(order));
  if (!setting.fallback.empty()) {
    says("default", max_type(setting), std::string(setting.fallback));
  }
  if (setting.type == SettingType::toggle) {
    says("style", "symbol", "onoff");
  } else if (setting.type == SettingType::choice) {
    says("style", "symbol", "enum");
    says("enumvals", "atom", std::string(setting.choices));
  } else {
    says("style", "symbol", "text");
  }
}

}  // namespace

void add_attributes(t_class* c) {
  int order = 0;
  for (const Setting& setting : settings_table()) {
    const std::string name(setting.name);
    t_object* attribute = attribute_new(name.c_str(), gensym(max_type(setting)), 0,
                                        as_method(get_attribute), as_method(set_attribute));
    class_addattr(c, attribute);
    describe(c, name.c_str(), setting, ++order);
    const bool number = setting.type == SettingType::integer || setting.type == SettingType::real;
    if (number && setting.choices.empty()) {
      attr_addfilter_clip(attribute, setting.minimum, setting.maximum, 1, 1);
    }
  }
}

}  // namespace sideman
